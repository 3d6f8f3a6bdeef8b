"""The options of commands that run a program on our own stdin, stdout and stderr."""

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

# After the first word that is no option, everything is the program's.
PASSES_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def session_options(*, variables: bool = True) -> Callable[[F], F]:
    """`-T`, `-u`, `-w` and `-e`: handed over as one `session`, without a command."""

    def decorate(function: F) -> F:
        @wraps(function)
        def wrapper(
            *arguments: Any,
            no_tty: bool,
            user: str = "",
            workdir: str = "",
            environment: Iterable[str] = (),
            **rest: Any,
        ) -> Any:
            from qlocal.engine import Session

            session = Session(
                tty=not no_tty and _is_terminal(),
                user=user,
                directory=workdir,
                variables=dict(_pair(one) for one in environment),
            )
            return function(*arguments, session=session, **rest)

        decorated = _no_tty(wrapper)
        return _more(decorated) if variables else decorated  # type: ignore[return-value]

    return decorate


_no_tty = click.option(
    "-T", "--no-tty", is_flag=True, help="No terminal; default where stdin or stdout is none."
)


def _more(function: F) -> F:
    user = click.option("-u", "--user", default="", metavar="NAME", help="As this user.")
    workdir = click.option("-w", "--workdir", default="", metavar="DIR", help="In this folder.")
    environment = click.option(
        "-e",
        "--env",
        "environment",
        multiple=True,
        metavar="NAME=VALUE",
        help="One more variable; only NAME takes its value from here.",
    )
    return user(workdir(environment(function)))


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _pair(text: str) -> tuple[str, str]:
    import os

    name, sign, value = text.partition("=")
    if not name:
        raise click.UsageError(f"`-e {text}` has no name; write NAME=VALUE")
    return name, value if sign else os.environ.get(name, "")
