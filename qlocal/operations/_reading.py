"""One application's files, read and checked: the manifest and what lies beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qlocal.compose.roster import Source
from qlocal.errors import Problem, Severity, Where
from qlocal.manifest.dockerfile import Dockerfile, read_dockerfile
from qlocal.manifest.dotenv import Entry, parse_dotenv
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.project import check_settings, without_dockerfile
from qlocal.manifest.settings import Settings, parse_settings
from qlocal.workspace import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file, by the path that is shown, and what is wrong with it."""

    path: str
    problems: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        return is_valid(self.problems)


def is_valid(problems: Sequence[Problem]) -> bool:
    return not any(problem.severity is Severity.ERROR for problem in problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`manifest` is None when it has an error; the rest is as much as could be read."""

    root: Path
    manifest: Manifest | None
    settings: Settings
    dotenv: tuple[Entry, ...]
    dockerfile: Dockerfile
    files: tuple[Checked, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for file in self.files for problem in file.problems)

    @property
    def source(self) -> Source | None:
        """None when any of the files has an error."""
        if self.manifest is None or not is_valid(self.problems):
            return None
        return Source(
            manifest=self.manifest,
            settings=self.settings,
            dockerfile=self.dockerfile,
            dotenv=self.dotenv,
            root=str(self.root),
        )


def read_application(path: Path, directory: str) -> Reading:
    """`path` is the manifest; places are shown relative to `directory`."""
    root, shown = path.parent, files.shown(path, directory)
    parsed = parse_manifest(files.read(path), shown)
    others: list[Checked] = []
    settings, dotenv = Settings(), tuple[Entry, ...]()
    if (root / files.SETTINGS).is_file():
        checked, found = read_settings(root / files.SETTINGS, directory)
        settings = found or settings
        strange = check_settings(found, parsed.value) if found and parsed.value else ()
        others.append(Checked(path=checked.path, problems=(*checked.problems, *strange)))
    if (root / files.DOTENV).is_file():
        checked, dotenv = read_dotenv(root / files.DOTENV, directory)
        others.append(checked)
    dockerfile, problems = Dockerfile(), parsed.problems
    if parsed.value:
        dockerfile, more = _read_dockerfile(root, parsed.value, directory)
        problems = (*problems, *more)
    return Reading(
        root=root,
        manifest=parsed.value,
        settings=settings,
        dotenv=dotenv,
        dockerfile=dockerfile,
        files=(Checked(path=shown, problems=problems), *others),
    )


def read_settings(path: Path, directory: str) -> tuple[Checked, Settings | None]:
    shown = files.shown(path, directory)
    parsed = parse_settings(files.read(path), shown)
    return Checked(path=shown, problems=parsed.problems), parsed.value


def read_dotenv(path: Path, directory: str) -> tuple[Checked, tuple[Entry, ...]]:
    shown = files.shown(path, directory)
    data = files.read(path)
    try:
        parsed = parse_dotenv(data.decode(), shown)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(
            where=Where(path=shown, line=line, column=1),
            message=f"byte 0x{data[error.start]:02x} is not UTF-8",
            hint="save the file as UTF-8",
        )
        return Checked(path=shown, problems=(problem,)), ()
    return Checked(path=shown, problems=parsed.problems), parsed.value or ()


def _read_dockerfile(
    root: Path, manifest: Manifest, directory: str
) -> tuple[Dockerfile, tuple[Problem, ...]]:
    application = manifest.application
    path = root / application.dockerfile
    if not path.is_file():
        return Dockerfile(), (without_dockerfile(application, _dockerfiles(root)),)
    dockerfile = read_dockerfile(files.read(path).decode("utf-8", "replace"))
    shown = files.shown(path, directory)
    if dockerfile.broken:
        where = Where(path=shown, line=1, column=1)
        hint = "start it with `FROM` and an image"
        return dockerfile, (Problem(where=where, message=dockerfile.broken, hint=hint),)
    if application.port or application.private_ports:
        return dockerfile, ()
    return dockerfile, _about_ports(manifest, dockerfile, shown)


def _about_ports(manifest: Manifest, dockerfile: Dockerfile, shown: str) -> tuple[Problem, ...]:
    application = manifest.application
    if len(dockerfile.exposed) > 1:
        ports = ", ".join(f"`{port}`" for port in dockerfile.exposed)
        message = f"{shown} exposes {ports}; the last, `{dockerfile.port}`, gets the URL"
        hint = "add `port` under `application` to choose another"
        severity = Severity.INFO
    elif not dockerfile.exposed and (application.publicly_accessible or _is_routed(manifest)):
        message = f"neither `port` nor EXPOSE in {shown} says where it listens, so it gets no URL"
        hint = "add `port: 8080` under `application`, or `EXPOSE 8080` to the Dockerfile"
        severity = Severity.WARNING
    else:
        return ()
    return (Problem(where=application.where, message=message, hint=hint, severity=severity),)


def _is_routed(manifest: Manifest) -> bool:
    name = manifest.application.name.lower()
    return any(
        route.application.lower() == name for router in manifest.routers for route in router.routes
    )


def _dockerfiles(root: Path) -> list[str]:
    """What looks like a Dockerfile in the folder and one below."""
    found = [*root.glob("[Dd]ocker[Ff]ile*"), *root.glob("*/[Dd]ocker[Ff]ile*")]
    kept = (it.relative_to(root) for it in sorted(found) if it.is_file())
    return [str(it) for it in kept if it.parts[0] not in files.SKIPPED]
