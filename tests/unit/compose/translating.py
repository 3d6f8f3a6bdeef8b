"""Files of a project → roster and translation, purely: what is drawn elsewhere is fixed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qlocal.compose.given import Given, Image
from qlocal.compose.naming import Environment
from qlocal.compose.roster import Roster, Source, take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.errors import Problem, Severity
from qlocal.manifest.dockerfile import Dockerfile, read_dockerfile
from qlocal.manifest.dotenv import parse_dotenv
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.settings import Settings, parse_settings
from qlocal.operations._memory import ports_wanted
from qlocal.services import Credentials

CONTEXT = "0123456789abcdef"
FIRST_PORT = 20001

DOCKERFILE = 'FROM debian:bookworm-slim\nEXPOSE 8080\nCMD ["serve"]\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The sources of one environment and everything the parsers said about them."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One application's files, as text."""

    manifest: str
    settings: str = ""
    dotenv: str = ""
    dockerfiles: Mapping[str, str] = field(default_factory=lambda: {"Dockerfile": DOCKERFILE})
    root: str = "/src"


def read_texts(texts: Texts) -> tuple[Source, tuple[Problem, ...]]:
    parsed = parse_manifest(texts.manifest.encode(), ".qovery.yml")
    settings = parse_settings(texts.settings.encode(), "qlocal.yml")
    dotenv = parse_dotenv(texts.dotenv, ".env")
    problems = (*parsed.problems, *settings.problems, *dotenv.problems)
    assert parsed.value, "\n".join(str(problem) for problem in problems)
    assert not [one for one in problems if one.severity is Severity.ERROR], problems
    dockerfile = texts.dockerfiles.get(parsed.value.application.dockerfile)
    source = Source(
        manifest=parsed.value,
        settings=settings.value or Settings(),
        dockerfile=read_dockerfile(dockerfile) if dockerfile else Dockerfile(),
        dotenv=dotenv.value or (),
        root=texts.root,
        context=CONTEXT,
    )
    return source, problems


def read_folder(folder: Path) -> Read:
    """A folder with a manifest is one application; else each of its sub-folders is one."""
    if (folder / ".qovery.yml").is_file():
        source, problems = read_texts(_texts(folder, "/src"))
        return Read(sources=(source,), problems=problems)
    found = [
        read_texts(_texts(path.parent, f"/src/{path.parent.name}"))
        for path in sorted(folder.glob("*/.qovery.yml"))
    ]
    return Read(
        sources=tuple(source for source, _ in found),
        problems=tuple(problem for _, problems in found for problem in problems),
    )


def _texts(folder: Path, root: str) -> Texts:
    def text(name: str) -> str:
        path = folder / name
        return path.read_bytes().decode() if path.is_file() else ""

    dockerfiles = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*ockerfile*")
        if path.is_file()
    }
    return Texts(
        manifest=text(".qovery.yml"),
        settings=text("qlocal.yml"),
        dotenv=text(".env"),
        dockerfiles=dockerfiles,
        root=root,
    )


def given_for(roster: Roster, *, branch: str = "main", images: Sequence[Image] = ()) -> Given:
    """As the first `up` would have drawn it, but always the same."""
    project = roster.applications[0].source.manifest.application.project
    return Given(
        environment=Environment(project=project, branch=branch),
        credentials={
            placed.service: Credentials(
                username=placed.kind.username,
                password=f"PasswordOf{index}",
                database=placed.kind.default_database.format(name=placed.declared.name),
            )
            for index, placed in enumerate(roster.services, 1)
        },
        ports={service: port for port, service in enumerate(ports_wanted(roster), FIRST_PORT)},
        images={image.requested: image for image in images},
    )


def translated(
    manifest: str,
    *,
    settings: str = "",
    dotenv: str = "",
    dockerfile: str = DOCKERFILE,
    branch: str = "main",
    images: Sequence[Image] = (),
    context: str = CONTEXT,
) -> Translation:
    """One application, from texts."""
    texts = Texts(
        manifest=manifest,
        settings=settings,
        dotenv=dotenv,
        dockerfiles={"Dockerfile": dockerfile},
    )
    source, _ = read_texts(texts)
    roster = take_roster((replace(source, context=context),))
    return translate(roster, given_for(roster, branch=branch, images=images))
