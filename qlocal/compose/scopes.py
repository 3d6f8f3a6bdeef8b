"""Scopes, and what one of them says of a name."""

from dataclasses import dataclass, field
from enum import IntEnum

from qlocal.errors import Where


class Scope(IntEnum):
    BUILT_IN = 1
    PROJECT = 2
    ENVIRONMENT = 3
    APPLICATION = 4
    DOTENV = 5


SETTABLE = (Scope.PROJECT, Scope.ENVIRONMENT, Scope.APPLICATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a user sets by command. A `literal` value is no alias, even where it looks like one."""

    value: str = field(repr=False)
    literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """`value` is final; `secret` ones are shown only when asked for. A `literal` one is no alias,
    whatever it looks like.
    """

    name: str
    value: str = field(repr=False)
    scope: Scope
    secret: bool = False
    literal: bool = field(default=False, compare=False)
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one scope says of a name, nothing replaced yet. `is_alias` may stand for another
    variable as a whole; in what `expands`, references are replaced wherever they stand.
    """

    name: str
    text: str = field(repr=False)
    scope: Scope
    secret: bool = False
    is_alias: bool = False
    expands: bool = False
    where: Where | None = field(default=None, compare=False)
