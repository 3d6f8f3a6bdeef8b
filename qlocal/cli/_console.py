"""Results → text or JSON, events → progress. stdout is data, stderr is talk."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from qlocal.errors import Failure, ManifestError, Problem, QlocalError, Severity, Unhealthy


def _setting(name: str) -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().meta.get(f"qlocal.{name}"))


def _is_terminal() -> bool:
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def styled(text: str, **style: Any) -> str:
    """Colour only for people: not for pipes, not under NO_COLOR."""
    if os.environ.get("NO_COLOR") or not _is_terminal():
        return text
    return click.style(text, **style)


def say(text: str = "") -> None:
    if not _setting("quiet"):
        click.echo(text, err=True)


def show_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def show_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def show_problems(problems: Iterable[Problem]) -> None:
    """Warnings and notes; errors come with the error. Notes only under `-v`."""
    for problem in problems:
        if problem.severity is Severity.ERROR:
            continue
        if problem.severity is Severity.INFO and not _setting("verbose"):
            continue
        mark = "warning" if problem.severity is Severity.WARNING else "note"
        say(f"{styled(mark, fg='yellow')}: {problem.where}: {problem.message}")
        if problem.hint:
            say(f"  hint: {problem.hint}")


def show_error(error: QlocalError) -> None:
    if _setting("json"):
        show_json({"error": _error_document(error)})
        return
    end_progress()
    click.echo(f"{styled('error', fg='red', bold=True)}: {error.message}", err=True)
    if isinstance(error, ManifestError):
        _show_manifest_problems(error)
    for failure in _failures(error):
        _show_failure(failure)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def _failures(error: QlocalError) -> tuple[Failure, ...]:
    if isinstance(error, Unhealthy):
        return error.failures
    failure = getattr(error, "failure", None)
    return (failure,) if failure else ()


def _show_manifest_problems(error: ManifestError) -> None:
    for problem in error.problems:
        if problem.severity is Severity.INFO:
            continue
        mark = "warning: " if problem.severity is Severity.WARNING else ""
        click.echo(f"\n  {problem.where}: {mark}{problem.message}", err=True)
        if problem.hint:
            click.echo(f"    hint: {problem.hint}", err=True)


def _show_failure(failure: Failure) -> None:
    head = f"{styled(failure.service, bold=True)} ({failure.phase}): {failure.what}"
    click.echo(f"\n  {head}\n", err=True)
    for line in failure.evidence:
        click.echo(f"    │ {line}", err=True)
    for number, line in enumerate(failure.next):
        click.echo(f"\n  next: {line}" if not number else f"        {line}", err=True)


def _error_document(error: QlocalError) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, ManifestError):
        document["problems"] = [problem_document(problem) for problem in error.problems]
    if failures := _failures(error):
        document["failures"] = [
            {
                "service": one.service,
                "phase": one.phase,
                "what": one.what,
                "evidence": list(one.evidence),
                "next": list(one.next),
            }
            for one in failures
        ]
    return document


def problem_document(problem: Problem) -> dict[str, Any]:
    return {
        "path": problem.where.path,
        "line": problem.where.line,
        "column": problem.where.column,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
    }


@dataclass(slots=True)
class _Progress:
    """On a terminal the newest line of a running step is shown and overwritten; elsewhere every
    line of a build is printed, and of the rest only beginnings and ends.
    """

    live: bool = field(default_factory=_is_terminal)
    is_open: bool = False

    def show(self, kind: str, subject: str, text: str) -> None:
        if _setting("quiet"):
            return
        if kind == "progress":
            self._progress(subject, text)
            return
        self.end()
        marks = {"step": " ", "done": styled("✓", fg="green"), "warning": styled("!", fg="yellow")}
        click.echo(f"{marks[kind]} {styled(subject, bold=True)} {text}", err=True)

    def _progress(self, subject: str, text: str) -> None:
        if _setting("verbose") or (subject == "build" and not self.live):
            click.echo(f"    {text}", err=True)
        elif self.live:
            width = shutil.get_terminal_size().columns - 5
            clean = "".join(character for character in text if character.isprintable())
            click.echo(f"\r\033[K    {styled(clean[:width], dim=True)}", err=True, nl=False)
            self.is_open = True

    def end(self) -> None:
        if self.is_open:
            click.echo("\r\033[K", err=True, nl=False)
            self.is_open = False


_progress = _Progress()


def end_progress() -> None:
    _progress.end()


def report(event: Any) -> None:
    """Draws an `engine.Event`."""
    _progress.show(event.kind.value, event.subject, event.text)
