"""A place in the document that problems can be reported at, so that none is without its line."""

from collections.abc import Iterable
from dataclasses import dataclass

from qlocal.errors import Severity, Where
from qlocal.manifest.document import Log, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A node and where to report about it. `key` is the node of its name when it is a value."""

    node: Node
    log: Log
    key: Node | None = None

    @property
    def where(self) -> Where:
        """The place of the thing: of its key when it has one."""
        at = self.key or self.node
        return Where(path=self.log.path, line=at.line, column=at.column)

    @property
    def value_where(self) -> Where:
        return Where(path=self.log.path, line=self.node.line, column=self.node.column)

    def problem(self, message: str, hint: str = "", *, at: Node | None = None) -> None:
        self._report(message, hint, Severity.ERROR, at)

    def warn(self, message: str, hint: str = "", *, at: Node | None = None) -> None:
        self._report(message, hint, Severity.WARNING, at)

    def note(self, message: str, hint: str = "", *, at: Node | None = None) -> None:
        self._report(message, hint, Severity.INFO, at)

    def _report(self, message: str, hint: str, severity: Severity, at: Node | None) -> None:
        node = at or self.node
        self.log.add((node.line, node.column), message, hint, severity)

    def inner(self, node: Node, key: Node | None = None) -> "Cursor":
        return Cursor(node=node, log=self.log, key=key)


def nearest(written: str, names: Iterable[str]) -> str:
    """The known name that was probably meant, "" when none is near."""
    from difflib import get_close_matches

    found = get_close_matches(written, list(names), n=1, cutoff=0.6) if len(written) < 60 else []
    return found[0] if found else ""
