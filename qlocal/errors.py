"""Every way qlocal can fail, and the exit code of each.

QlocalError                 1   message, hint
├── Interrupted           130   Ctrl-C
├── UsageError              2   the command line asks for something that makes no sense
├── ManifestError           3   problems: everything wrong in the user's files, sorted
├── EngineError             1   the engine refused: what was asked, what it said
│   ├── EngineUnavailable   4   not installed, not running, no permission
│   ├── RegistryUnreachable 1   a pull failed because no registry answers
│   ├── ImageNotFound       1   the registry answers and has no such image
│   ├── BuildFailed         1   the Dockerfile's own fault; carries the last lines
│   └── PortTaken           1   somebody else listens there
├── Unhealthy               5   the environment failed to become healthy
├── WorkspaceError          1   files of the project or of $QLOCAL_HOME: unreadable, locked, full
├── Refused                 1   asks for a consent that was not given
└── NotFound                1   no such service, environment, ...; carries the known names

Exceptions never print and never exit; `cli/` does both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a file; line and column count from 1, 0 when the place is the whole file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}"


class Severity(Enum):
    """ERROR stops the command, WARNING is likely a mistake, INFO says what was ignored and why."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault in a file of the user's, with its place and one thing to do."""

    where: Where
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def position(self) -> tuple[str, int, int, str]:
        """The order in which problems are shown."""
        return (self.where.path, self.where.line, self.where.column, self.message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What one screen says about something that went wrong while an environment was started.

    `phase` is build, create, start, ready or attach; `evidence` is what was seen (exit code, last
    log lines, health output, owner of a port); `next` are commands to type.
    """

    service: str
    phase: str
    what: str
    evidence: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


class QlocalError(Exception):
    """Base of all. `hint` is one thing the user can do."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Interrupted(QlocalError):
    exit_code = 130


class UsageError(QlocalError):
    exit_code = 2


class ManifestError(QlocalError):
    """Carries every problem found, errors and warnings, in the order they are shown."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.position))
        errors = [problem for problem in self.problems if problem.severity is Severity.ERROR]
        files = sorted({problem.where.path for problem in errors})
        count = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
        super().__init__(f"{count} in {', '.join(files)}")


class EngineError(QlocalError):
    """`failure` is set where the error is about one service."""

    def __init__(self, message: str, *, hint: str = "", failure: Failure | None = None) -> None:
        super().__init__(message, hint=hint)
        self.failure = failure


class EngineUnavailable(EngineError):
    exit_code = 4


class RegistryUnreachable(EngineError):
    pass


class ImageNotFound(EngineError):
    pass


class BuildFailed(EngineError):
    pass


class PortTaken(EngineError):
    pass


class Unhealthy(QlocalError):
    """The environment did not become healthy; one failure for each service to blame."""

    exit_code = 5

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        names = ", ".join(failure.service for failure in self.failures)
        super().__init__(f"the environment failed to become healthy: {names}")


class WorkspaceError(QlocalError):
    pass


class Refused(QlocalError):
    pass


class NotFound(QlocalError):
    def __init__(self, message: str, *, known: Sequence[str] = ()) -> None:
        hint = f"there is {', '.join(f'`{name}`' for name in known)}" if known else ""
        super().__init__(message, hint=hint)
        self.known = tuple(known)
