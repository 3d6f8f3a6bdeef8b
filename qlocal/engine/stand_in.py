"""Images for machines that reach no registry, built from Debian packages.

A stand-in is named after a digest of its recipe: the same recipe is found again by one look at the
engine, a newer qlocal builds anew. The name is given last, so what is interrupted is never found.
"""

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qlocal import process
from qlocal.engine.debootstrap import MAP_IT, RECIPES, Base, base_for, bootstrap, digest_of
from qlocal.errors import EngineError
from qlocal.services import catalogue

if TYPE_CHECKING:
    import docker

_LABEL = "dev.qlocal"
_LABEL_STAND_IN = "dev.qlocal.stand-in"
_LABEL_VERSION = "dev.qlocal.version"

_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_DEBIAN = re.compile(r"(?:docker\.io/)?(?:library/)?debian(?::(?P<tag>[\w.-]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """`version` is what really runs, whatever the tag of `requested` says."""

    requested: str
    reference: str
    version: str


def build_stand_in(
    client: "docker.DockerClient",
    requested: str,
    service_type: str | None,
    report: Callable[[str], None],
) -> StandIn:
    """The image that stands in for `requested`, built unless it is here. Raises EngineError.

    `service_type` is None for an image of a FROM line; then only Debian itself can be served.
    """
    if service_type is None:
        base = base_for(_debian_tag(requested))
        reference, version = base.reference, _provide_base(client, base, report)
    else:
        folder = _recipe(requested, service_type)
        reference, version = build_recipe(client, folder, report)
    return StandIn(requested=requested, reference=reference, version=version)


def _debian_tag(requested: str) -> str:
    match = _DEBIAN.fullmatch(requested)
    if not match:
        raise EngineError(
            f"no image registry is reachable, and `{requested}` cannot be made from Debian"
            " packages: of the images in FROM lines only `debian` can",
            hint=MAP_IT,
        )
    return match["tag"] or ""


def _provide_base(client: "docker.DockerClient", base: Base, report: Callable[[str], None]) -> str:
    version = _version(client, base.reference)
    if version:
        return version
    with _alone(base.reference, report):
        version = _version(client, base.reference)
        if not version:
            made = bootstrap(base, {_LABEL: "1", _LABEL_STAND_IN: "debian"}, report)
            version = _version(client, made)
            client.images.get(made).tag(base.reference)
    return version


def _recipe(requested: str, service_type: str) -> Path:
    folder = RECIPES / service_type
    if not (folder / "Dockerfile").is_file():
        raise EngineError(
            f"no image registry is reachable, and `{requested}` cannot be made from Debian"
            f" packages: there is no recipe for `{service_type}`",
            hint=_instead(service_type),
        )
    return folder


def _instead(service_type: str) -> str:
    kind = catalogue().get(service_type)
    return f"write `type: {kind.instead}`, or {MAP_IT}" if kind and kind.instead else MAP_IT


def build_recipe(
    client: "docker.DockerClient", folder: Path, report: Callable[[str], None]
) -> tuple[str, str]:
    """Reference and version of the image that the folder makes, built unless it is here.

    Its Dockerfile starts from the build argument BASE and has a stage `version` that holds nothing
    but a file `/version`.
    """
    base = base_for("")
    digest = digest_of(base.reference.encode(), *_content(folder))
    reference = f"qlocal.local/{folder.name}:{base.suite}-{digest}"
    version = _version(client, reference)
    if version:
        return reference, version
    with _alone(reference, report):
        version = _version(client, reference)
        if not version:
            _provide_base(client, base, report)
            version = _build(folder, base, reference, report)
    return reference, version


def _build(folder: Path, base: Base, reference: str, report: Callable[[str], None]) -> str:
    """Build, ask what came of it, and only then give it its name, with that as a label."""
    with tempfile.TemporaryDirectory(prefix="qlocal-") as out:
        _run_build(folder, base, ["--target", "version", "--output", out], report)
        version = Path(out, "version").read_text().strip()
    labels = {_LABEL: "1", _LABEL_STAND_IN: folder.name, _LABEL_VERSION: version}
    pairs = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
    # All of it was just built and shown.
    _run_build(folder, base, ["--tag", reference, *pairs], lambda _: None)
    return version


def _run_build(
    folder: Path, base: Base, options: Sequence[str], report: Callable[[str], None]
) -> None:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    # A builder somebody chose may live elsewhere and not see the base image.
    environment.pop("BUILDX_BUILDER", None)
    arguments = ["docker", "build", "--build-arg", f"BASE={base.reference}"]
    # Without a value: docker takes it from the environment, credentials stay out of the arguments.
    arguments += [
        word for name in _PROXIES if os.environ.get(name) for word in ("--build-arg", name)
    ]
    done = process.stream([*arguments, *options, str(folder)], report, environment=environment)
    if not done.ok:
        said = "\n".join(f"  {line}" for line in _last_words(done.out or done.err))
        lacking = done.code == 127 or "buildx component is missing" in said
        raise EngineError(
            f"building a stand-in for `{folder.name}` from Debian packages failed:\n{said}",
            hint="`qlocal doctor --fix` installs what is missing"
            if lacking
            else "`apt-get update` shows whether this machine reaches its package mirror",
        )


def _last_words(output: str) -> list[str]:
    """What the failed step said; BuildKit repeats it between rules, under the step's own text."""
    parts = re.split(r"^-{6}$", output, flags=re.MULTILINE)
    step = parts[1].strip().splitlines()[1:] if len(parts) > 2 else []
    return (step or output.splitlines())[-8:]


def _version(client: "docker.DockerClient", reference: str) -> str:
    """What the image says it is; "" when it is not here."""
    import docker.errors

    try:
        image = client.images.get(reference)
    except docker.errors.ImageNotFound:
        return ""
    return str(image.labels.get(_LABEL_VERSION, ""))


def _content(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.iterdir()):
        yield file.name.encode()
        yield file.read_bytes()


@contextlib.contextmanager
def _alone(reference: str, report: Callable[[str], None]) -> Iterator[None]:
    """One build of a kind at a time; the lock ends with the process that holds it."""
    name = reference.rpartition(":")[0].replace("/", "-")
    path = Path(tempfile.gettempdir(), f"{name}-{os.geteuid()}.lock")
    try:
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineError(
            f"cannot write `{path}`: {error.strerror}",
            hint="remove it, or set TMPDIR to a directory of your own",
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"another qlocal builds {reference}, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
