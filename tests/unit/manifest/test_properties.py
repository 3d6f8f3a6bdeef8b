"""Whatever is done to a manifest, there is a model or there are problems; and what is written reads
back the same. `QLOCAL_EXAMPLES=100000` for the long run."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlocal.errors import Severity, Where
from qlocal.manifest import model
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.document import Parsed
from qlocal.manifest.dotenv import parse_dotenv
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.render import render_manifest
from qlocal.manifest.settings import parse_settings
from tests.unit.manifest.cases import CORPUS, DASHES, ERRORS

EXAMPLES = int(os.environ.get("QLOCAL_EXAMPLES", "150"))
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)

SEEDS = [path.read_bytes() for path in CORPUS] + [
    path.read_text(encoding="utf-8").partition(DASHES)[0].encode()
    for path in sorted(ERRORS.glob("*/*.txt"))
]
_WRITTEN = (
    r"""\t¦\n¦: ¦- ¦-¦#¦'¦"¦\\¦&a ¦*a¦!!x ¦{¦}¦[¦]¦|\n¦>¦%¦@¦`¦---\n¦...\n¦? ¦<<: *a\n¦~¦$(¦${X}"""
    r"""¦../¦  ¦\x00¦\xff¦\xef\xbb\xbf¦\r¦\xe2\x80\xa8¦999999999¦null¦{{ x }}¦<<<<<<< """
    r"""¦application:¦name: x\n¦0x1F¦\xf0\x9f\x90\x8d"""
)
SCRAPS = [one.encode().decode("unicode_escape").encode("latin-1") for one in _WRITTEN.split("¦")]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A manifest after a few strokes of bad luck."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            text = text[:at] + draw(st.sampled_from(SCRAPS)) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + draw(st.integers(1, 12)) :]
        elif kind == 2:
            text = text[:at] + draw(st.binary(min_size=1, max_size=3)) + text[at + 1 :]
        elif kind == 3:
            lines = text.splitlines(keepends=True) or [b""]
            index = draw(st.integers(0, len(lines) - 1))
            other = draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], b"  " + lines[index]
            text = b"".join(lines)
        else:
            text = text[:at] + draw(st.sampled_from(SEEDS))[at:]
    return text


def assert_sound(parsed: Parsed[Any], path: str, text: bytes) -> None:
    errors = [it for it in parsed.problems if it.severity is Severity.ERROR]
    assert (parsed.value is None) == bool(errors)
    lines = (
        text.count(b"\n") + text.count(b"\r") + text.count(b"\xc2\x85") + text.count(b"\xe2") + 2
    )
    for problem in parsed.problems:
        assert problem.where.path == path
        assert problem.where.line <= lines
        assert problem.message.isprintable()
        assert problem.hint.isprintable()


def assert_quick(parse: Callable[[], Parsed[Any]]) -> Parsed[Any]:
    """Twice before it is blamed: in a long run the collector of the test can take a second."""
    for last in (False, True):
        start = time.process_time()
        parsed = parse()
        if time.process_time() - start < 1:
            break
        assert not last
    return parsed


@often
@given(mutated())
def test_a_mutated_manifest_gives_a_model_or_problems_within_a_second(text: bytes) -> None:
    parsed = assert_quick(lambda: parse_manifest(text, "m"))
    assert_sound(parsed, "m", text)
    if parsed.value is not None:
        again = parse_manifest(render_manifest(parsed.value).encode(), "m")
        assert again.value == parsed.value


@often
@given(mutated())
def test_mutated_settings_give_a_value_or_problems(text: bytes) -> None:
    assert_sound(assert_quick(lambda: parse_settings(text, "q")), "q", text)


@often
@given(mutated().map(lambda data: data.decode("utf-8", "replace")))
def test_a_mutated_dotenv_file_gives_entries_or_problems(text: str) -> None:
    assert_sound(assert_quick(lambda: parse_dotenv(text, ".env")), ".env", text.encode())


INSTRUCTIONS = r"""FROM a AS b
from b
FROM ${X:-${X:-${X}}}
ARG X=1
ARG
ENV P=${X:-80} Q
ENV A x$A$A$A
EXPOSE $P/tcp 9-1 1-99999
EXPOSE \
RUN <<A <<-B
A
#comment
# escape=`
COPY --from=${X} a b
FROM
`
""".splitlines(keepends=True)
DOCKERFILE = st.lists(
    st.sampled_from(INSTRUCTIONS).flatmap(
        lambda line: st.sampled_from((line, line, line[:-3], line.upper()))
    ),
    max_size=60,
).map("".join)


@often
@given(DOCKERFILE)
def test_any_dockerfile_can_be_read(text: str) -> None:
    start = time.process_time()
    read = read_dockerfile(text)
    assert time.process_time() - start < 1
    assert read.port is None or read.port in read.exposed


names = st.from_regex(r"[a-z][a-zA-Z0-9 ._-]{0,12}[a-z0-9]", fullmatch=True)
paths = st.sampled_from(("/", "/*", "/api/", "/a/b*", r"\/users\/.*", "^/x$"))
ports = st.integers(1, 65535)
texts = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20
)
numbers = st.integers(1, 99_999)
HERE = Where(path="m")


def builds(kind: Any, **fields: Any) -> Any:
    return st.builds(kind, where=st.just(HERE), **fields)


def tuples(item: Any, size: int = 3, by: str = "") -> Any:
    key = (lambda it: getattr(it, by).lower()) if by else None
    return st.lists(item, max_size=size, unique_by=key).map(tuple)


services = {"name": names, "version": st.sampled_from(("", "12", "8.0", "10.10", "latest"))}
manifests = builds(
    model.Manifest,
    application=builds(
        model.Application,
        name=names,
        project=names,
        organization=st.just("") | texts,
        publicly_accessible=st.none() | st.booleans(),
        port=st.none() | ports,
        private_ports=tuples(ports),
        dockerfile=st.sampled_from(("Dockerfile", "a/Dockerfile.dev", "yes")),
        cpu=st.none() | numbers,
        ram=st.none() | numbers,
        start_timeout=st.none() | numbers,
        depends_on=st.just(()) | st.just(("other-one", "123")),
        storage=tuples(
            builds(
                model.Storage,
                name=names,
                mount_point=names.map(lambda name: f"/mnt/{name}"),
                type=st.sampled_from(("ssd", "slow_hdd")),
                size=st.integers(0, 500),
            ),
            by="name",
        ).filter(lambda them: len({it.mount_point for it in them}) == len(them)),
        ready_check=st.none()
        | builds(model.ReadyCheck, http_path=paths, port=st.none() | ports).filter(
            lambda it: it.http_path.startswith("/")
        )
        | builds(model.ReadyCheck, command=texts),
        active_environments=tuples(texts),
        production_branches=tuples(texts),
        upgrade_strategy=st.none()
        | builds(
            model.UpgradeStrategy,
            type=st.sampled_from(("blue-green", "ramped", "recreate")),
            max_unavailable=st.integers(0, 100),
            max_surge=st.integers(0, 100),
        ),
        notifications=tuples(
            builds(model.Notification, type=st.sampled_from(("slack", "email")), target=texts)
        ),
    ),
    databases=tuples(
        builds(
            model.BackingService,
            type=st.sampled_from(("postgresql", "redis", "mysql")),
            size=st.integers(0, 500),
            backup_window=st.none() | st.tuples(st.integers(0, 24), st.integers(0, 24)),
            **services,
        ),
        size=1,
    ),
    brokers=tuples(
        builds(model.BackingService, type=st.just("kafka"), section=st.just("brokers"), **services),
        size=1,
    ),
    routers=tuples(
        builds(
            model.Router,
            name=names,
            routes=st.lists(
                builds(
                    model.Route, application=names, paths=st.lists(paths, min_size=1).map(tuple)
                ),
                min_size=1,
                max_size=2,
            ).map(tuple),
            custom_domains=tuples(
                builds(model.CustomDomain, domain=st.just("a.example"), branch=st.just("") | texts)
            ).flatmap(
                lambda them: st.sampled_from(
                    (them, (*them, model.CustomDomain(domain="b.c", production=True, where=HERE)))
                )
            ),
        )
    ),
    scheduled_tasks=tuples(
        builds(model.ScheduledTask, name=names, cron=st.just("*/5 0 1-7 * MON"), url=texts)
    ),
    test_commands=tuples(texts),
)


@often
@given(manifests)
def test_a_manifest_written_as_yaml_reads_back_the_same(manifest: model.Manifest) -> None:
    if not manifest.application.name.strip():
        return
    parsed = parse_manifest(render_manifest(manifest).encode(), "m")
    assert parsed.value == manifest, parsed.problems
