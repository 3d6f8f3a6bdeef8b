"""What manifests of every generation mean."""

from typing import Any

import pytest

from qlocal.errors import Severity, Where
from qlocal.manifest.databases import known_types
from qlocal.manifest.document import Parsed
from qlocal.manifest.model import CustomDomain, Manifest, ReadyCheck, Route
from qlocal.manifest.parse import parse_manifest

HERE = Where(path="elsewhere")


def parse(text: str) -> Parsed[Manifest]:
    return parse_manifest(text.encode(), "m")


def application(*lines: str) -> Any:
    text = "\n".join(["application:", "  name: shop", "  project: store", *lines])
    parsed = parse(text)
    assert parsed.value is not None, parsed.problems
    return parsed.value.application


def manifest(text: str) -> Manifest:
    parsed = parse("application: {name: shop, project: store}\n" + text)
    assert parsed.value is not None, parsed.problems
    return parsed.value


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("port: 8080", "port", 8080),
        ("port: '8080'", "port", 8080),
        ("publicly_accessible: yes", "publicly_accessible", True),
        ("publicly_accessible: 'False'", "publicly_accessible", False),
        ("cpu: 1", "cpu", 1000),
        ("cpu: 800m", "cpu", 800),
        ("cpu: 0.5", "cpu", 500),
        ("ram: 512mb", "ram", 512),
        ("ram: 1GB", "ram", 1024),
        ("start_timeout: 600s", "start_timeout", 600),
        ("start_timeout: 2m", "start_timeout", 120),
        ("start_timeout: 45", "start_timeout", 45),
        ("start-time-delay: 45", "start_timeout", 45),
        ("private-port: 8080", "private_ports", (8080,)),
        ("private-port: [80, 81]", "private_ports", (80, 81)),
        ("dockerfile: ./Dockerfile", "dockerfile", "Dockerfile"),
        ("dockerfile: /a//b/Dockerfile", "dockerfile", "a/b/Dockerfile"),
        ("depends_on: [user-api mail, x]", "depends_on", ("user-api", "mail", "x")),
        ("depends_on: user-api billing-api", "depends_on", ("user-api", "billing-api")),
        ("production-branch: main", "production_branches", ("main",)),
        ("active_environments: [main, feature/a]", "active_environments", ("main", "feature/a")),
        ("organization: null", "organization", ""),
        ("storage:", "storage", ()),
    ],
)  # fmt: skip
def test_a_setting_of_the_application_is_read(line: str, field: str, value: object) -> None:
    assert getattr(application(f"  {line}"), field) == value


def test_silence_is_not_a_value() -> None:
    it = application()
    assert (it.publicly_accessible, it.port, it.cpu, it.ram) == (None, None, None, None)
    assert it.dockerfile == "Dockerfile"


@pytest.mark.parametrize(
    ("entry", "mount", "size"),
    [
        ("{name: data}", "/mnt/data", 0),
        ("{name: /, mount_point: /mnt//, size: '5'}", "/mnt", 5),
        ("{name: data, mount-point: /srv/app/, size: 1TB, type: SSD}", "/srv/app", 1024),
        ("{name: data, mount_point: /a/./b, size: 512MB}", "/a/b", 1),
    ],
)
def test_a_volume_is_read(entry: str, mount: str, size: int) -> None:
    storage = application("  storage:", f"    - {entry}").storage[0]
    assert (storage.mount_point, storage.size) == (mount, size)


def test_storage_at_the_root_belongs_to_the_application_too() -> None:
    it = manifest("storage: [{name: files, type: hdd}, {name: b, type: object-storage, bucket: b}]")
    assert [storage.name for storage in it.application.storage] == ["files"]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("{http_url: /up}", ReadyCheck(http_path="/up", where=HERE)),
        ("{http-url: 'http://x:81/up?a'}", ReadyCheck(http_path="/up?a", port=81, where=HERE)),
        ("{http_url: 'http://x', port: 82}", ReadyCheck(http_path="/", port=82, where=HERE)),
        ("{command: ./ready}", ReadyCheck(command="./ready", where=HERE)),
    ],
)  # fmt: skip
def test_a_ready_check_is_read(check: str, expected: ReadyCheck) -> None:
    assert application(f"  ready-check: {check}").ready_check == expected


def test_types_of_databases_are_read_in_any_case_and_versions_as_text() -> None:
    text = "databases: [{type: POSTGRESQL, name: a, version: 11.5}, {type: MySQL, name: b}]"
    found = manifest(text).databases
    assert [(it.type, it.version) for it in found] == [("postgresql", "11.5"), ("mysql", "")]


@pytest.mark.parametrize("section", ["databases", "brokers"])
def test_every_type_qovery_knew_is_accepted(section: Any) -> None:
    entries = [f"{{type: {kind}, name: my-{kind}}}" for kind in known_types(section)]
    assert len(manifest(f"{section}: [{', '.join(entries)}]").backing_services) == len(entries)


def test_the_backup_window_is_two_hours_of_the_day() -> None:
    text = "databases: [{type: redis, name: a, backup-window: 1h-5h, size: 20GiB}]"
    found = manifest(text).databases[0]
    assert (found.backup_window, found.size) == ((1, 5), 20)


def test_dns_is_a_domain_of_the_production_branch() -> None:
    text = """
routers:
  - name: main
    dns: Shop.example
    custom_domains: [{branch: dev, domain: dev.shop.example}, {domain: all.shop.example}]
    routes: [{application_name: shop, paths: ["/"]}]
"""
    assert manifest(text).routers[0].custom_domains == (
        CustomDomain(domain="dev.shop.example", branch="dev", where=HERE),
        CustomDomain(domain="all.shop.example", where=HERE),
        CustomDomain(domain="shop.example", production=True, where=HERE),
    )


def test_routes_from_before_routers_become_a_router() -> None:
    text = "app: {name: shop, project: store, routes: [{path: /a}, {path: /b}]}"
    parsed = parse(text)
    assert parsed.value is not None
    (router,) = parsed.value.routers
    assert router.name == "main"
    assert router.routes == (Route(application="shop", paths=("/a", "/b"), where=HERE),)


def test_tasks_and_tests_of_the_first_generation_are_kept() -> None:
    it = manifest(
        "scheduled-tasks: [{name: a, cron: '*/5 0 1-7 JAN MON', url: /x}]\nci: {commands: [make]}"
    )
    assert it.scheduled_tasks[0].cron == "*/5 0 1-7 JAN MON"
    assert it.test_commands == ("make",)


def test_an_ignored_key_says_why_and_breaks_nothing() -> None:
    parsed = parse("application: {name: a, project: b, cloud_region: {any: [thing]}}")
    assert parsed.value is not None
    assert [(it.severity, it.message) for it in parsed.problems] == [
        (Severity.INFO, "`cloud_region` is ignored: everything runs on this machine")
    ]


def test_places_are_of_the_thing_itself() -> None:
    it = manifest("databases:\n  - type: redis\n    name: cache\n")
    assert str(it.databases[0].where) == "m:3:5"
    placed = application("  port: 80", "  dockerfile: a/b")
    assert (str(placed.where), str(placed.where_port)) == ("m:1:1", "m:4:9")
    assert str(placed.where_dockerfile) == "m:5:15"


def test_manifests_that_say_the_same_are_the_same() -> None:
    one = parse("application: {name: a, project: b, start-timeout: 60s}")
    two = parse("\n\n---\napplication:\n  project: b\n  name: 'a'\n  start_timeout: 1m\n")
    assert one.value == two.value
