"""Variables as text: for people, for `.env` files and for shells."""

from collections.abc import Iterable, Iterator

import click

from qlocal.cli import _console
from qlocal.cli.env._documents import missing_of, place_of, text_of, value_of
from qlocal.compose.explain import Explained
from qlocal.compose.export import as_dotenv, as_shell
from qlocal.compose.scopes import Variable
from qlocal.operations.explain import Difference


def shown(one: Variable, show_secrets: bool) -> str:
    """On one line, and harmless to a terminal."""
    return _on_one_line(value_of(one, show_secrets))


def _on_one_line(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def told(one: Explained, show_secrets: bool) -> str:
    return "\n".join(_lines(one, show_secrets))


def _lines(one: Explained, show_secrets: bool) -> Iterator[str]:
    note = "  (build argument too)" if one.is_build_argument else ""
    yield f"{one.variable.name} = {shown(one.variable, show_secrets)}{note}"
    for claim in one.claims:
        mark = "→" if claim.wins else " "
        place = f"  {place_of(claim.where)}" if claim.where else ""
        text = _on_one_line(text_of(claim, show_secrets))
        yield f"  {mark} {claim.scope.name:<11}  {text}{place}  ({claim.why})"
    if one.refers_to:
        yield f"    refers to {', '.join(one.refers_to)}"
    if missing := missing_of(one, show_secrets):
        yield f"    refers to {', '.join(missing)}, which is not set"


def row(one: Difference, show_secrets: bool) -> tuple[str, str, str]:
    here, there = (
        shown(side, show_secrets) if side else "(not set)" for side in (one.here, one.there)
    )
    return one.name, here, there


def show_statements(variables: Iterable[Variable], form: str, show_secrets: bool) -> None:
    """For a `.env` file or a shell: a placeholder would be taken for a value."""
    found = tuple(variables)
    hidden = [one for one in found if one.secret and not show_secrets]
    write = as_shell if form == "shell" else as_dotenv
    text, left_out = write(one for one in found if one not in hidden)
    click.echo(text, nl=False)
    if hidden:
        _console.say(f"note: {len(hidden)} secrets are left out; --show-secrets prints them")
    for name in left_out:
        _console.say(f"warning: `{name}` is left out: no {form} can hold that name")
