"""The base image: a minimal Debian or Ubuntu, made from where the machine gets its own packages."""

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import qlocal
from qlocal import process
from qlocal.engine.host.apt import parse_sources
from qlocal.engine.host.distribution import Distribution
from qlocal.errors import EngineError

RECIPES = Path(qlocal.__file__).parent / "images"
MAP_IT = "map it under `images:` in qlocal.yml to an image this machine can get"

_SCRIPT = RECIPES / "debian" / "bootstrap.sh"
_RELEASES = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
_OWN = ("", "latest", "stable")
_ROLLING = ("sid", "unstable")
_POCKETS = ("", "-updates", "-security", "-backports")

# Other repositories use the same names of suites; they live in files of their own.
_MAIN_FILES = ("sources.list", "debian.sources", "ubuntu.sources")

_CERTIFICATES = "usr/local/share/ca-certificates"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# For programs that bring a list of authorities of their own. Set only where the machine trusts more
# than its distribution does; the official image sets none of these.
_TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where apt finds the packages of one suite. `signed_by` is a path or a key itself."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""
    trusted: bool = False

    def __str__(self) -> str:
        lines = [
            "Types: deb",
            f"URIs: {self.uri}",
            f"Suites: {self.suite}",
            f"Components: {' '.join(self.components)}",
        ]
        if self.signed_by:
            lines.append(f"Signed-By: {self.signed_by}")
        if self.trusted:
            lines.append("Trusted: yes")
        return "\n".join(lines)

    @property
    def keyring(self) -> str:
        return self.signed_by if self.signed_by.startswith("/") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base image as it should be; the first source is its mirror, the others what apt adds.

    `reference` changes with everything that goes into the image, except the packages themselves.
    """

    suite: str
    sources: tuple[Source, ...]
    variables: tuple[str, ...]
    reference: str


def base_for(tag: str, root: Path = Path("/")) -> Base:
    """What `debian:<tag>` is to be on this machine; "" is the machine's own suite.

    Raises EngineError where there can be none.
    """
    release = _release(root)
    own, sources = _own_sources(root, release)
    suite = _suite(tag, own, root)
    if suite != own:
        sources = tuple(_moved(sources, own, suite))
    certificates = sorted((root / _CERTIFICATES).rglob("*.crt"))
    variables = (_PATH, *(f"{name}={_BUNDLE}" for name in _TRUST if certificates))
    digest = digest_of(
        _SCRIPT.read_bytes(),
        platform.machine().encode(),
        *(text.encode() for text in (suite, *map(str, sources), *variables)),
        *(file.read_bytes() for file in certificates),
    )
    reference = f"qlocal.local/{release.id}:{suite}-{digest}"
    return Base(suite=suite, sources=sources, variables=variables, reference=reference)


def digest_of(*parts: bytes) -> str:
    """Short, and different for the same bytes cut elsewhere."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:12]


def bootstrap(base: Base, labels: Mapping[str, str], report: Callable[[str], None]) -> str:
    """Make the image and return its id; it has no name yet. Raises EngineError."""
    _require_means()
    mirror = base.sources[0]
    report(f"making a base image of {base.suite} from the packages of {mirror.uri}")
    changes = [f"ENV {variable}" for variable in base.variables]
    changes += [f"LABEL {name}={value}" for name, value in labels.items()]
    arguments = ["unshare", "--mount", "bash", str(_SCRIPT)]
    arguments += [base.suite, mirror.uri, ",".join(mirror.components)]
    arguments += [word for change in (*changes, 'CMD ["bash"]') for word in ("--change", change)]
    options = [f"--keyring={mirror.keyring}"] if mirror.keyring else []
    options += ["--no-check-gpg"] if mirror.trusted else []
    keyrings = {source.keyring: None for source in base.sources if source.keyring}
    done = process.stream(
        arguments,
        report,
        environment={
            **os.environ,
            "QLOCAL_SOURCES": "\n\n".join(map(str, base.sources)),
            "QLOCAL_KEYRINGS": "\n".join(keyrings),
            "QLOCAL_OPTIONS": "\n".join(options),
        },
    )
    made = re.search(r"sha256:[0-9a-f]{64}\s*\Z", done.out)
    if not done.ok or not made:
        raise _failure(base, (done.out or done.err).splitlines()[-8:])
    return made[0].strip()


def _require_means() -> None:
    if os.geteuid() != 0:
        raise EngineError(
            "no image registry is reachable, and only root can make a base image from packages",
            hint="run the command once with `sudo`; later ones find the image",
        )
    if shutil.which("debootstrap") is None:
        raise EngineError(
            "no image registry is reachable, and `debootstrap`, which makes a base image from"
            " packages, is not installed",
            hint="`qlocal doctor --fix` installs it",
        )


def _failure(base: Base, last: Sequence[str]) -> EngineError:
    said = "\n".join(f"  {line}" for line in last)
    mirror = base.sources[0].uri
    if any("Failed getting release file" in line for line in last):
        return EngineError(
            f"no image registry is reachable, and this machine's package mirror {mirror} does not"
            f" answer or has no suite `{base.suite}`:\n{said}",
            hint=f"`curl -I {mirror.rstrip('/')}/dists/{base.suite}/Release` shows which",
        )
    if any(line.startswith(("unshare:", "mount:")) for line in last):
        return EngineError(
            "no image registry is reachable, and root may not mount file systems here, which making"
            f" an image from packages needs:\n{said}",
            hint="in a container, start it with `--privileged`",
        )
    return EngineError(
        f"no image registry is reachable, and making an image of `{base.suite}` from the packages"
        f" of {mirror} failed:\n{said}",
        hint="`apt-get update` shows whether this machine reaches its package mirror",
    )


def _release(root: Path) -> Distribution:
    try:
        text = (root / "etc/os-release").read_text()
    except OSError:
        text = ""
    release = Distribution.parse(text)
    if not {release.id, *release.like} & {"debian", "ubuntu"}:
        raise EngineError(
            "no image registry is reachable, and images can be made from packages only on Debian"
            f" and Ubuntu; this is {release}",
            hint="name images this machine can get under `images:` in qlocal.yml",
        )
    return release


def _suite(tag: str, own: str, root: Path) -> str:
    """`bookworm`, `12.5-slim`, `bookworm-20240612`, `latest`: the suite; a mirror may lack it."""
    name = re.sub(r"-\d{8}(\.\d+)?$", "", tag.removesuffix("slim").removesuffix("-"))
    if name in _OWN:
        return own
    suite = _RELEASES.get(name.partition(".")[0], name)
    scripts = root / "usr/share/debootstrap/scripts"
    if not re.fullmatch(r"[a-z]+", suite) or (scripts.is_dir() and not (scripts / suite).is_file()):
        raise EngineError(
            f"no image registry is reachable, and `debian:{tag}` cannot be made from packages:"
            f" no suite is called `{suite}`",
            hint=MAP_IT,
        )
    return suite


def _own_sources(root: Path, release: Distribution) -> tuple[str, tuple[Source, ...]]:
    """The machine's own suite, and its sources with the mirror first."""
    folder = root / "etc/apt"
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    main = [source for file in files if file.name in _MAIN_FILES for source in _read(file)]
    every = [source for file in files for source in _read(file)]
    codename = release.upstream or release.codename
    for own in (codename, "stable", "testing", *_ROLLING):
        for candidates in (main, every):
            pockets = {f"{own}{pocket}" for pocket in _POCKETS}
            found = [source for source in candidates if source.suite in pockets]
            found.sort(key=lambda source: source.suite != own)
            if found and found[0].suite == own and "main" in found[0].components:
                return own, tuple(dict.fromkeys(found))
    raise EngineError(
        "no image registry is reachable, and apt's configuration names no http mirror of"
        f" `{codename or release.id}` to make images from",
        hint="add one to /etc/apt/sources.list",
    )


def _moved(sources: Sequence[Source], own: str, suite: str) -> Iterator[Source]:
    """The same mirrors for another suite of theirs; the rolling one has no pockets."""
    for source in sources:
        if suite not in _ROLLING or source.suite == own:
            yield replace(source, suite=suite + source.suite.removeprefix(own))


def _read(file: Path) -> Iterator[Source]:
    """One file of apt's; of what it names, only what a container could reach as well."""
    try:
        text = file.read_text() if file.suffix in (".list", ".sources") else ""
    except OSError:
        return
    for entry in parse_sources(str(file), text):
        options = {name.lower(): value for name, value in entry.options.items()}
        for uri in entry.uris:
            if not uri.startswith(("http://", "https://")):
                continue
            for suite in entry.suites:
                yield Source(
                    uri=uri,
                    suite=suite,
                    components=entry.components,
                    signed_by=options.get("signed-by", ""),
                    trusted=options.get("trusted") == "yes",
                )
