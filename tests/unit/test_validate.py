"""`qlocal validate`: which files are found, what is said, how it ends."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qlocal.cli.schema import command as schema_command
from qlocal.cli.validate import command
from qlocal.errors import ManifestError, NotFound, Severity
from qlocal.operations.validate import validate

SHOP = "application:\n  name: shop\n  project: store\n  port: 80\n"
DOCKERFILE = "FROM node:13\nEXPOSE 3000\n"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def said(folder: Path, *paths: str) -> list[str]:
    return [f"{it.severity.value} {it}" for it in validate(paths, str(folder)).problems]


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["-C", str(folder), *arguments])


def test_a_good_project_is_said_to_be_good(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP, "Dockerfile": DOCKERFILE})
    result = run(tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, ".qovery.yml: ok\n", "")


def test_everything_beside_the_manifest_is_checked_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".qovery.yml": SHOP + "  ram: much\n",
            "qlocal.yml": "domian: x\n",
            ".env": "A\n",
            "Dockerfile": DOCKERFILE,
        },
    )
    with pytest.raises(ManifestError) as caught:
        run_raising(tmp_path)
    assert [str(it.where) for it in caught.value.problems] == [
        ".env:1:1",
        ".qovery.yml:5:8",
        "qlocal.yml:1:1",
    ]
    assert caught.value.exit_code == 3


def run_raising(folder: Path, *arguments: str) -> None:
    CliRunner().invoke(
        command, ["-C", str(folder), *arguments], catch_exceptions=False, standalone_mode=False
    )


def test_the_json_document_holds_every_problem_and_the_exit_code_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path, {".qovery.yml": SHOP + "  cloud_region: x\n  ram: much\n", "Dockerfile": "FROM x"}
    )
    result = run(tmp_path, "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["valid"] is False
    assert [(it["line"], it["column"], it["severity"]) for it in document["problems"]] == [
        (5, 3, "info"),
        (6, 8, "error"),
    ]


def test_a_missing_dockerfile_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP})
    (problem,) = said(tmp_path)
    assert "there is no `Dockerfile`" in problem
    assert "EXPOSE" in problem


def test_a_dockerfile_elsewhere_or_in_other_case_is_proposed(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP, "api/Dockerfile": DOCKERFILE})
    assert "`api/Dockerfile`" in said(tmp_path)[0]
    write(tmp_path, {".qovery.yml": SHOP + "  dockerfile: API/DockerFile\n"})
    assert "there is `api/Dockerfile`; write it the same" in said(tmp_path)[0]


def test_a_dockerfile_without_from_is_an_error_in_it(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP, "Dockerfile": "EXPOSE 80\n"})
    assert said(tmp_path)[0].startswith("error Dockerfile:1:1: it has no `FROM` line")


ROUTED = """application:
  name: shop
  project: store
routers:
  - name: main
    routes:
      - application_name: SHOP
        paths: [/]
"""


def test_a_routed_application_that_listens_nowhere_is_warned_about(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": ROUTED, "Dockerfile": "FROM x\n"})
    assert said(tmp_path)[0].startswith("warning .qovery.yml:1:1: neither `port` nor EXPOSE")
    assert run(tmp_path).exit_code == 0


def test_several_exposed_ports_are_noted(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": ROUTED, "Dockerfile": "FROM x\nEXPOSE 80 443\n"})
    assert said(tmp_path)[0].startswith("info .qovery.yml:1:1: Dockerfile exposes `80`, `443`")
    assert run(tmp_path).stderr == ""


def test_a_monorepo_is_searched_and_seen_together(tmp_path: Path) -> None:
    def part(name: str, **more: str) -> str:
        return f"application:\n  name: {name}\n  project: store\n  port: 80\n" + "".join(
            f"  {key}: {value}\n" for key, value in more.items()
        )

    write(
        tmp_path,
        {
            "api/.qovery.yml": part("api", depends_on="[web, mail]"),
            "web/.qovery.yml": part("web", depends_on="[api]"),
            "copy/.qovery.yml": part("API"),
            "node_modules/x/.qovery.yml": "not: one\n",
            **{f"{name}/Dockerfile": DOCKERFILE for name in ("api", "web", "copy")},
        },
    )
    found = validate((), str(tmp_path))
    assert [it.path for it in found.files] == [
        "api/.qovery.yml",
        "copy/.qovery.yml",
        "web/.qovery.yml",
    ]
    messages = [it.message for it in found.across]
    assert any("also in api/.qovery.yml" in message for message in messages)
    assert any("`mail`, which is not among the files read" in message for message in messages)
    assert not found.is_valid


def test_applications_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        text = f"application: {{name: {name}, project: p, port: 1, depends_on: [{other}]}}\n"
        write(tmp_path, {f"{name}/.qovery.yml": text, f"{name}/Dockerfile": "FROM x"})
    problems = said(tmp_path)
    assert len(problems) == 3
    assert all("waits for itself" in problem for problem in problems)


def test_one_path_of_two_applications_is_warned_about(tmp_path: Path) -> None:
    for name in ("a", "b"):
        routes = f"[{{application_name: {name}, paths: [/]}}]"
        text = f"application: {{name: {name}, project: p, port: 1}}\n"
        text += f"routers: [{{name: main, routes: {routes}}}]\n"
        write(tmp_path, {f"{name}/.qovery.yml": text, f"{name}/Dockerfile": "FROM x"})
    (problem,) = said(tmp_path)
    assert problem.startswith("warning b/.qovery.yml")
    assert "a/.qovery.yml" in problem


def test_names_in_qlocal_yml_are_those_of_the_manifest(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".qovery.yml": SHOP + "databases: [{type: redis, name: my-redis}]\n",
            "Dockerfile": DOCKERFILE,
            "qlocal.yml": "services: {My-Redis: {publish: true}, my-redsi: {publish: true}}\n"
            "applications: {shop: {}, web: {}}\n",
        },
    )
    assert [problem.split(": ", 1)[1].split("\n")[0] for problem in said(tmp_path)] == [
        "the manifest has no database or broker `my-redsi`",
        "the manifest has no application `web`",
    ]


def test_a_folder_of_other_names_is_a_collection_without_neighbours(tmp_path: Path) -> None:
    write(tmp_path, {"one.yml": SHOP, "two.yml": SHOP, "three.yml": "a: b\n"})
    result = run(tmp_path, "one.yml", "two.yml")
    assert (result.exit_code, result.stdout) == (0, "one.yml: ok\ntwo.yml: ok\n")
    assert len(validate((str(tmp_path),)).files) == 3


def test_below_a_manifest_the_nearest_one_above_is_checked(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP, "Dockerfile": DOCKERFILE, "src/x": ""})
    assert validate((), str(tmp_path / "src")).is_valid


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"sub/qovery.yml": "", ".git/HEAD": ""})
    with pytest.raises(NotFound) as caught:
        validate((), str(tmp_path))
    assert "qlocal init" in caught.value.hint
    with pytest.raises(NotFound):
        validate(("nowhere",), str(tmp_path))


def test_a_dotenv_file_in_another_encoding_is_a_problem_with_a_line(tmp_path: Path) -> None:
    write(tmp_path, {".qovery.yml": SHOP, "Dockerfile": DOCKERFILE})
    (tmp_path / ".env").write_bytes(b"A=1\nB=caf\xe9\n")
    assert said(tmp_path)[0].startswith("error .env:2:1: byte 0xe9 is not UTF-8")


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / ".qovery.yml").open("wb") as file:
        file.truncate(5_000_000_000)
    (problem,) = validate((), str(tmp_path)).problems
    assert "larger than" in problem.message
    assert problem.severity is Severity.ERROR


@pytest.mark.parametrize("arguments", [[], ["--settings"]])
def test_the_schema_is_printed_as_json(arguments: list[str]) -> None:
    result = CliRunner().invoke(schema_command, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "http://json-schema.org/draft-07/schema#"
