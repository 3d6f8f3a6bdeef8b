"""apt's own configuration: where packages come from, and how to take a few from a later suite.

Pure. Package sources are never named here: they are read from the machine.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

SOURCES_PATH = "/etc/apt/sources.list.d/qlocal-engine.sources"
PREFERENCES_PATH = "/etc/apt/preferences.d/qlocal-engine"

# The old one-line form abbreviates three names of the new one; apt reads the others as they are.
_LONG_NAMES = {"arch": "Architectures", "lang": "Languages", "target": "Targets"}
_OWN_FIELDS = frozenset({"types", "uris", "suites", "components", "enabled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AptSource:
    """One enabled source of binary packages. `options` are its other fields, as written."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


def parse_sources(path: str, text: str) -> tuple[AptSource, ...]:
    """Read one file of `/etc/apt/sources.list.d` (or `sources.list`), in either form."""
    if path.endswith(".sources"):
        return tuple(source for stanza in _stanzas(text) for source in _from_stanza(stanza))
    return tuple(source for line in text.splitlines() for source in _from_line(line))


def later_suite(
    sources: Iterable[AptSource], *, codename: str, suite: str, packages: Iterable[str]
) -> Mapping[str, str] | None:
    """The files, by path, that offer `packages` of a later suite, and nothing else of it.

    None when the machine has no source of its own distribution to take the address from.
    """
    source = _own_source(tuple(sources), codename)
    if source is None:
        return None
    fields = {
        "Types": "deb",
        "URIs": " ".join(source.uris),
        "Suites": suite,
        "Components": "main",
        **source.options,
    }
    return {
        SOURCES_PATH: "".join(f"{name}: {value}\n" for name, value in fields.items()),
        PREFERENCES_PATH: (
            f"Package: *\nPin: release n={suite}\nPin-Priority: -1\n\n"
            f"Package: {' '.join(packages)}\nPin: release n={suite}\nPin-Priority: 990\n"
        ),
    }


def host_names(sources: Iterable[AptSource]) -> tuple[str, ...]:
    """The hosts packages come from, each once; bare numbers name nothing."""
    addresses = (uri for source in sources for uri in source.uris)
    found = (
        re.match(r"https?://(?:[^/@]*@)?([^/:]*[a-z][^/:]*)", address) for address in addresses
    )
    return tuple(dict.fromkeys(match[1] for match in found if match))


def without_logins(text: str) -> str:
    """The text with every login of an address replaced, fit to be shown."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)


def _own_source(sources: tuple[AptSource, ...], codename: str) -> AptSource | None:
    """The distribution's own: others' packages may be filed under the same suite and component."""
    candidates = [
        source for source in sources if codename in source.suites and "main" in source.components
    ]
    updated = {
        uri for source in sources if f"{codename}-updates" in source.suites for uri in source.uris
    }

    def likeness(source: AptSource) -> tuple[bool, bool, bool]:
        options = {name.lower(): value for name, value in source.options.items()}
        return (
            bool(updated.intersection(source.uris)),
            "debian-archive" in options.get("signed-by", ""),
            any(uri.rstrip("/").endswith("/debian") for uri in source.uris),
        )

    return max(candidates, key=likeness, default=None)


def _stanzas(text: str) -> Iterator[Mapping[str, str]]:
    """Fields of each stanza; a value keeps its continuation lines (a key may be written out)."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for block in re.split(r"\n[ \t]*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith((" ", "\t")) and name:
                fields[name] += f"\n{line}"
            elif ":" in line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if fields:
            yield fields


def _from_stanza(stanza: Mapping[str, str]) -> Iterator[AptSource]:
    known = {name.lower(): value for name, value in stanza.items()}
    if "deb" not in known.get("types", "").split():
        return
    if known.get("enabled", "yes").lower() in {"no", "false", "off", "0", "without", "disable"}:
        return
    yield AptSource(
        uris=tuple(known.get("uris", "").split()),
        suites=tuple(known.get("suites", "").split()),
        components=tuple(known.get("components", "").split()),
        options={
            name: value
            for name, value in stanza.items()
            if name.lower() not in _OWN_FIELDS and not name.lower().startswith("x-")
        },
    )


def _from_line(line: str) -> Iterator[AptSource]:
    pattern = r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)"
    found = re.fullmatch(pattern, line.partition("#")[0].strip())
    if not found or found[2].startswith("cdrom:"):
        return
    pairs = (option.partition("=") for option in (found[1] or "").split())
    yield AptSource(
        uris=(found[2],),
        suites=(found[3],),
        components=tuple(found[4].split()),
        options={
            _LONG_NAMES.get(name, name.title()): value.replace(",", " ") for name, _, value in pairs
        },
    )
