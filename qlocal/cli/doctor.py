"""`qlocal doctor`."""

import os
import sys

import click

from qlocal.cli._options import json_output, loudness

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red", "unknown": "cyan"}


@click.command(epilog="Example: qlocal doctor --fix")
@click.option("--fix", is_flag=True, help="Install and start what is missing, from packages.")
@click.option("-y", "--yes", is_flag=True, help="With --fix: do not ask.")
@json_output
@loudness
@click.pass_context
def command(context: click.Context, *, fix: bool, yes: bool, as_json: bool) -> None:
    """See whether this machine can run environments, and what to do where it cannot."""
    from qlocal.cli import _console
    from qlocal.operations import doctor

    if fix:
        result = doctor.fix(consent=lambda plan: _agrees(str(plan), yes=yes), report=_console.say)
    else:
        result = doctor.doctor()
    if as_json:
        _console.show_json(result.document())
        context.exit(result.exit_code)
    for check in result.checks:
        _draw(check.status.value, check.name, check.found)
        if check.status.value != "ok":
            _draw("", "", f"needed: {check.needed}")
            _draw("", "", f"to do: {check.advice}" if check.advice else "")
    if fix and result.plan.because:
        click.echo("\n".join((f"\n{result.plan.because}; to type:\n", *result.plan.commands)))
    context.exit(result.exit_code)


def _draw(status: str, name: str, text: str) -> None:
    if not text:
        return
    is_plain = "NO_COLOR" in os.environ or "CI" in os.environ
    mark = click.style(f"{status:<8}", fg=_COLOURS[status]) if status else " " * 8
    click.echo(f"{mark} {name:<12} {text}".rstrip(), color=False if is_plain else None)


def _agrees(plan: str, *, yes: bool) -> bool:
    from qlocal.errors import Refused

    click.echo(f"qlocal will change this machine:\n{plan}", err=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Refused("nobody is there to agree to this", hint="agree with `--yes`")
    return click.confirm("go on?", err=True)
