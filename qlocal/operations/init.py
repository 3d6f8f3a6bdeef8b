"""Writes a first `.qovery.yml`, from what the folder shows."""

import re
from dataclasses import dataclass
from pathlib import Path

from qlocal.errors import Problem, Refused, Where, WorkspaceError
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.model import Application, BackingService, Manifest, Route, Router
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.project import without_dockerfile
from qlocal.manifest.propose import DEPENDENCY_FILES, Proposal, propose
from qlocal.manifest.render import render_manifest
from qlocal.services import catalogue
from qlocal.workspace import files, git

_NOWHERE = Where(path=files.MANIFEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A manifest not yet written. `reasons` say where each part comes from; `problems` are what
    is left to do by hand.
    """

    path: Path
    text: str
    reasons: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dockerfile:
    """`path` is "" where there is none; `port` None where it exposes none."""

    path: str = ""
    port: int | None = None


def draft_manifest(directory: str = ".", *, name: str = "", project: str = "") -> Draft:
    """Look at the folder and propose. Raises Refused where a manifest is already there."""
    root = Path(directory).absolute()
    path = root / files.MANIFEST
    if path.exists() or path.is_symlink():
        hint = "edit it; `qlocal validate` says whether it is right"
        raise Refused(f"`{files.MANIFEST}` is already there", hint=hint)
    dockerfile = _find_dockerfile(root)
    repository, top = _repository(root)
    application = Application(
        name=name or _plain(repository if root == top else root.name),
        project=project or _plain(repository),
        dockerfile=dockerfile.path or "Dockerfile",
        where=_NOWHERE,
    )
    proposals = propose(_dependency_files(root))
    supported = [it for it in proposals if it.type in catalogue()]
    routes = (Route(application=application.name, paths=("/",), where=_NOWHERE),)
    listens = dockerfile.port is not None or not dockerfile.path
    services = tuple(_backing_service(it) for it in supported)
    manifest = Manifest(
        application=application,
        databases=tuple(it for it in services if it.section == "databases"),
        brokers=tuple(it for it in services if it.section == "brokers"),
        routers=(Router(name="main", routes=routes, where=_NOWHERE),) if listens else (),
        where=_NOWHERE,
    )
    text = render_manifest(manifest)
    parsed = parse_manifest(text.encode(), files.MANIFEST)
    missing = () if dockerfile.path else (without_dockerfile(application, ()),)
    return Draft(
        path=path,
        text=text,
        reasons=_reasons(dockerfile, proposals),
        problems=(*parsed.problems, *missing),
    )


def write_manifest(draft: Draft) -> None:
    """Never over an existing file, even one that appeared a moment ago."""
    try:
        with draft.path.open("x", encoding="utf-8") as file:
            file.write(draft.text)
    except FileExistsError:
        raise Refused(f"`{files.MANIFEST}` is already there", hint="edit it") from None
    except OSError as error:
        raise WorkspaceError(f"cannot write {draft.path}: {error.strerror}") from error


def _find_dockerfile(root: Path) -> _Dockerfile:
    """`Dockerfile`, else the only file one folder down that is called so."""
    found = [root / "Dockerfile"] if (root / "Dockerfile").is_file() else []
    found = found or [it for it in sorted(root.glob("*/Dockerfile")) if it.is_file()]
    if len(found) != 1:
        return _Dockerfile()
    port = read_dockerfile(files.read(found[0]).decode("utf-8", "replace")).port
    return _Dockerfile(path=found[0].relative_to(root).as_posix(), port=port)


def _repository(root: Path) -> tuple[str, Path]:
    """The name of the git repository, by its remote or its folder, and its top folder."""
    folder, name = git.repository_of(str(root))
    if not folder:
        return root.name, root
    top = Path(folder)
    is_top = top.exists() and top.samefile(root)
    return name or top.name, (root if is_top else top)


def _plain(text: str) -> str:
    """A name that needs no quotes anywhere."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "application"


def _dependency_files(root: Path) -> dict[str, str]:
    found = {}
    for name in DEPENDENCY_FILES:
        data = files.read_if_there(root / name)
        if data is not None:
            found[name] = data.decode("utf-8", "replace")
    return found


def _backing_service(proposal: Proposal) -> BackingService:
    service = catalogue()[proposal.type]
    return BackingService(
        name=f"my-{service.type}",
        type=service.type,
        version=service.versions[0],
        section="brokers" if service.section == "brokers" else "databases",
        where=_NOWHERE,
    )


def _reasons(dockerfile: _Dockerfile, proposals: tuple[Proposal, ...]) -> tuple[str, ...]:
    said = []
    if dockerfile.port is not None:
        said.append(f"it listens on {dockerfile.port}: {dockerfile.path} exposes it")
    elif dockerfile.path:
        said.append(f"no router: {dockerfile.path} exposes no port")
    for it in proposals:
        known = it.type in catalogue()
        says = it.type if known else f"{it.type} is left out, qlocal does not run it yet"
        said.append(f"{says}: {it.file} has `{it.package}`")
    return tuple(said)
