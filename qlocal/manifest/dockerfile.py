"""What qlocal needs of a Dockerfile: its ports, its arguments, the images it starts from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qlocal.manifest.instructions import Instruction, read_instructions

_VARIABLE = re.compile(
    r"\\(\$)|\$(?:(\w+)|\{(\w+)(?:(:?[-+?])((?:[^${}\\]|\$\{\w+\}|\$\w+)*))?\})", re.ASCII
)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(\w+))?", re.ASCII)
_ASSIGNMENT = re.compile(r"""([A-Za-z_]\w*)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)""")
_MOST_PORTS = 1000
_LONGEST = 4000  # of a value; one that repeats itself grows without end


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """`port` is the one the application listens on by the EXPOSE rule, None without EXPOSE.

    The rule: the last TCP port of the final stage, else of the stages it is built from, else of
    the file; `EXPOSE 80 443` is the same as two lines. `exposed` are all TCP ports of that place.
    `arguments` are the names of all ARG lines; only these are passed to a build. `environment` are
    the names that ENV lines set in the final stage and those it is built from. `bases` are the
    images outside the file that FROM, COPY --from and RUN --mount=from= name, ARG defaults
    applied. `syntax` is the frontend image of a `# syntax=` line, "" without. `stages` are the
    names given with AS. `broken` says why the file cannot be built at all, "" when it can.
    """

    port: int | None = None
    exposed: tuple[int, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    syntax: str = ""
    stages: tuple[str, ...] = ()
    broken: str = ""
    text: str = field(default="", repr=False, compare=False)


@dataclass(slots=True, kw_only=True)
class _Stage:
    name: str
    parent: "_Stage | None" = None
    ports: list[int] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    environment: set[str] = field(default_factory=set)

    def inherited_ports(self) -> list[int]:
        stage: _Stage | None = self
        while stage is not None:
            if stage.ports:
                return stage.ports
            stage = stage.parent
        return []


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Walks the instructions once. `defaults` are the ARGs before the first FROM."""

    defaults: dict[str, str] = field(default_factory=dict)
    stages: list[_Stage] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)

    def read(self, it: Instruction) -> None:
        if it.word == "FROM":
            self._from(it)
        elif it.word == "ARG":
            self._arg(it)
        elif it.word == "ENV" and self.stages:
            self._env(it)
        elif it.word == "EXPOSE" and self.stages:
            self.stages[-1].ports += _ports(substitute(it.rest, self.stages[-1].variables))
        elif it.word == "COPY":
            self._sources(re.findall(r"--from=(\S+)", it.rest))
        elif it.word == "RUN":
            mounts = re.findall(r"--mount=(\S+)", it.rest)
            self._sources([part for m in mounts for part in re.findall(r"(?:^|,)from=([^,]+)", m)])

    def _from(self, it: Instruction) -> None:
        words = [word for word in it.rest.split() if not word.startswith("--")]
        image = substitute(words[0], self.defaults) if words else ""
        named = len(words) >= 3 and words[1].upper() == "AS"
        parent = self._stage(image)
        if parent is None:
            self._base(image)
        variables = dict(parent.variables) if parent else {}
        name = words[2].lower() if named else ""
        environment = set(parent.environment) if parent else set()
        self.stages.append(
            _Stage(name=name, parent=parent, variables=variables, environment=environment)
        )

    def _arg(self, it: Instruction) -> None:
        for word in re.findall(r"""(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*')+""", it.rest):
            name, equals, value = word.partition("=")
            self.arguments.append(name)
            if not self.stages:
                if equals:
                    self.defaults[name] = substitute(_unquoted(value), self.defaults)
                continue
            variables = self.stages[-1].variables
            if equals:
                variables[name] = substitute(_unquoted(value), variables)
            elif name in self.defaults:
                variables[name] = self.defaults[name]

    def _env(self, it: Instruction) -> None:
        stage = self.stages[-1]
        name, _, value = it.rest.partition(" ")
        if "=" not in name:
            stage.variables[name] = substitute(value.strip(), stage.variables)
            stage.environment.add(name)
            return
        before = dict(stage.variables)
        for found in _ASSIGNMENT.finditer(it.rest):
            stage.variables[found[1]] = substitute(_unquoted(found[2]), before)
            stage.environment.add(found[1])

    def _sources(self, names: list[str]) -> None:
        variables = self.stages[-1].variables if self.stages else {}
        for name in names:
            image = substitute(name, {**self.defaults, **variables})
            if self._stage(image) is None and not image.isdigit():
                self._base(image)

    def _stage(self, name: str) -> _Stage | None:
        if not name:
            return None
        same = [stage for stage in self.stages if stage.name == name.lower()]
        return same[-1] if same else None

    def _base(self, image: str) -> None:
        if image and image.lower() != "scratch" and image not in self.bases:
            self.bases.append(image)


def read_dockerfile(text: str) -> Dockerfile:
    """Read what matters; a file that cannot be built still gives what it says."""
    instructions, syntax = read_instructions(text)
    reader = _Reader()
    for instruction in instructions:
        reader.read(instruction)
    ports: list[int] = []
    if reader.stages:
        everything = [port for stage in reader.stages for port in stage.ports]
        ports = reader.stages[-1].inherited_ports() or everything
    return Dockerfile(
        port=ports[-1] if ports else None,
        exposed=tuple(dict.fromkeys(ports)),
        arguments=tuple(dict.fromkeys(reader.arguments)),
        environment=tuple(sorted(reader.stages[-1].environment)) if reader.stages else (),
        bases=tuple(reader.bases),
        syntax=syntax,
        text=text,
        stages=tuple(stage.name for stage in reader.stages if stage.name),
        broken="" if reader.stages else "it has no `FROM` line",
    )


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Apply `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`; unknown names are empty."""

    def value(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        current = variables.get(found[2] or found[3])
        operator, word = found[4] or "", found[5] or ""
        missing = current is None or (operator.startswith(":") and not current)
        if operator.endswith("-") and missing:
            return substitute(word, variables)
        if operator.endswith("+"):
            return "" if missing else substitute(word, variables)
        return current or ""

    return _VARIABLE.sub(value, text)[:_LONGEST]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _ports(text: str) -> list[int]:
    """The TCP ports of one EXPOSE; what is no port is left out."""
    ports: list[int] = []
    for word in text.split():
        found = _PORTS.fullmatch(word.strip("\"'"))
        if found is None or (found[3] or "tcp").lower() != "tcp":
            continue
        first, last = int(found[1]), int(found[2] or found[1])
        ports += range(first, min(last, first + _MOST_PORTS) + 1)
    return [port for port in ports if 1 <= port <= 65535]
