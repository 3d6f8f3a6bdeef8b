"""Variables that users set by command: set, unset, import."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qlocal.compose.application_variables import platform_and_own
from qlocal.compose.keys import Remark, imported, remark_on
from qlocal.compose.scopes import Scope, Setting
from qlocal.engine import Engine
from qlocal.errors import ManifestError, NotFound, Problem, Severity, UsageError, Where
from qlocal.manifest.dotenv import parse_dotenv
from qlocal.operations.project import Request, identify, open_project
from qlocal.operations.variables import look_at, pick
from qlocal.workspace import files
from qlocal.workspace.store import Store
from qlocal.workspace.variables import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """For whom. Without a name, `application` is the one whose manifest we stand beside."""

    scope: Scope = Scope.ENVIRONMENT
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """Names by what became of them. `whose` says in words where they are set."""

    scope: Scope
    whose: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def set_variables(
    request: Request,
    store: Store,
    engine: Engine,
    target: Target,
    settings: Mapping[str, Setting],
) -> SetResult:
    """All or none. Raises UsageError with everything that is wrong with them."""
    shelf = _shelf(request, store, target)
    remarks = _remarks(settings, _built_in(settings, request, store, engine))
    errors = [one for one in remarks.values() if one.severity is Severity.ERROR]
    if errors:
        raise UsageError("; ".join(one.message for one in errors), hint=errors[0].hint)
    where = Where(path="env set")
    return _put(shelf, settings, [_problem(one, where) for one in remarks.values()])


def import_variables(
    request: Request, store: Store, engine: Engine, target: Target, file: str
) -> SetResult:
    """All or none. Raises ManifestError with the lines that are wrong, NotFound."""
    path = Path(request.directory) / file
    if not path.exists() or path.is_dir():
        raise NotFound(f"there is no file `{file}`")
    parsed = parse_dotenv(files.read(path).decode("utf-8", "replace"), file)
    if parsed.value is None:
        raise ManifestError(parsed.problems)
    shelf = _shelf(request, store, target)
    settings, problems = imported(parsed.value)
    places = {entry.name: entry.where for entry in parsed.value}
    built_in = _built_in(settings, request, store, engine)
    # An export of `qlocal env` holds the built-in ones too; as a user's own they would go to other
    # branches, and stay there when they change here.
    same = {name for name, one in settings.items() if one.value in built_in.get(name, ())}
    settings = {name: one for name, one in settings.items() if name not in same}
    problems += [_same_as_built_in(name, places[name]) for name in sorted(same)]
    remarks = _remarks(settings, built_in)
    told = {(one.where.line, one.severity) for one in parsed.problems}
    problems += [*parsed.problems]
    for name, remark in remarks.items():
        if (places[name].line, remark.severity) not in told:
            problems.append(_problem(remark, places[name]))
    if any(one.severity is Severity.ERROR for one in problems):
        raise ManifestError(problems)
    return _put(shelf, settings, problems)


def unset_variables(
    request: Request, store: Store, target: Target, names: Iterable[str]
) -> SetResult:
    """All or none. Raises NotFound where one is not set in this scope."""
    shelf = _shelf(request, store, target)
    asked = tuple(dict.fromkeys(names))
    have = shelf.read()
    if missing := [name for name in asked if name not in have]:
        shown = ", ".join(f"`{name}`" for name in missing)
        error = NotFound(f"{shown} is not set {_whose(shelf)}", known=tuple(sorted(have)))
        error.hint = error.hint or "`qlocal env --explain NAME` says where a variable comes from"
        raise error
    shelf.change({}, asked)
    return SetResult(scope=shelf.scope, whose=_whose(shelf), removed=asked)


def _shelf(request: Request, store: Store, target: Target) -> Shelf:
    application = ""
    if target.scope is Scope.APPLICATION:
        application = pick(open_project(request, store), target.application).name
    elif target.application:
        raise UsageError(
            f"`{target.application}` is an application, and the scope is {target.scope.name}",
            hint="`--scope application` sets it for one application",
        )
    return Shelf(
        store=store,
        environment=identify(request, store),
        scope=target.scope,
        application=application,
    )


def _built_in(
    settings: Mapping[str, Setting], request: Request, store: Store, engine: Engine
) -> Mapping[str, set[str]]:
    """Name → values. Looked at only where a name asks: the manifest must be without faults."""
    if not any(name.startswith("QOVERY_") for name in settings):
        return {}
    project, translation = look_at(request, store, engine)
    found: dict[str, set[str]] = {}
    for placed in project.roster.applications:
        for one in platform_and_own(project.roster, translation.given, placed):
            if one.scope is Scope.BUILT_IN:
                found.setdefault(one.name, set()).add(one.value)
    return found


def _same_as_built_in(name: str, where: Where) -> Problem:
    message = f"`{name}` has this value already, and is left to qlocal"
    return Problem(where=where, message=message, severity=Severity.INFO)


def _remarks(settings: Mapping[str, Setting], built_in: Collection[str]) -> dict[str, Remark]:
    found = {name: remark_on(name, one, built_in) for name, one in settings.items()}
    return {name: one for name, one in found.items() if one}


def _problem(remark: Remark, where: Where) -> Problem:
    return Problem(where=where, message=remark.message, hint=remark.hint, severity=remark.severity)


def _put(shelf: Shelf, settings: Mapping[str, Setting], problems: Iterable[Problem]) -> SetResult:
    before, after = shelf.change(settings)
    known = [name for name in settings if name in before]
    return SetResult(
        scope=shelf.scope,
        whose=_whose(shelf),
        added=tuple(name for name in settings if name not in before),
        changed=tuple(name for name in known if before[name] != after[name]),
        unchanged=tuple(name for name in known if before[name] == after[name]),
        problems=tuple(sorted(problems, key=lambda one: one.position)),
    )


def _whose(shelf: Shelf) -> str:
    environment = shelf.environment
    if shelf.scope is Scope.PROJECT:
        return f"for `{environment.project}` on every branch"
    if shelf.scope is Scope.ENVIRONMENT:
        return f"for `{environment.project}` on `{environment.branch}`"
    return f"for `{shelf.application}` on `{environment.branch}`"
