"""The variables that users set by command, beside the environments: deleting one leaves them.

variables/projects/<project>.json          for every branch
variables/environments/<environment>.json  for one branch, and for one application on it
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qlocal.compose.naming import Environment, short_digest, slug
from qlocal.compose.scopes import SETTABLE, Scope, Setting, Variable
from qlocal.errors import Where, WorkspaceError
from qlocal.workspace.store import Drawer, Store

_KEY = re.compile(r'( +)("(?:[^"\\]|\\.)*"): ')


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where the variables of one scope are kept. `application` only where that is the scope."""

    store: Store
    environment: Environment
    scope: Scope
    application: str = ""

    @property
    def _drawer(self) -> Drawer:
        folder = "projects" if self.scope is Scope.PROJECT else "environments"
        return Drawer(path=self.store.home / "variables" / folder)

    @property
    def _file(self) -> str:
        if self.scope is not Scope.PROJECT:
            return f"{self.environment.name}.json"
        project = self.environment.project
        return f"{slug(project)[:40] or 'project'}-{short_digest(project)}.json"

    @property
    def path(self) -> str:
        return str(self._drawer.path / self._file)

    def read(self) -> dict[str, Setting]:
        """By name. Raises WorkspaceError."""
        return self._settings(self._drawer.read(self._file))

    def lines(self) -> dict[str, int]:
        """On which line of the file each stands, as qlocal writes it."""
        try:
            text = (self._drawer.path / self._file).read_text("utf-8")
        except OSError:
            return {}
        asked = ["variables"]
        if self.scope is Scope.APPLICATION:
            asked = ["applications", self.application.lower()]
        path: list[str] = []
        found: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            if match := _KEY.match(line):
                path = [*path[: len(match[1]) - 1], json.loads(match[2])]
                if path[:-1] == asked:
                    found[path[-1]] = number
        return found

    def change(
        self, put: Mapping[str, Setting], drop: Iterable[str] = ()
    ) -> tuple[dict[str, Setting], dict[str, Setting]]:
        """All at once or not at all; what there was before, and what there is now."""
        with self._drawer.locked(lambda: None):
            content = self._drawer.read(self._file)
            before = self._settings(content)
            dropped = set(drop)
            after = {name: one for name, one in {**before, **put}.items() if name not in dropped}
            if after != before:
                self._drawer.write(self._file, self._with(content, after))
        return before, after

    def _settings(self, content: Mapping[str, Any]) -> dict[str, Setting]:
        try:
            raw = content.get("variables", {})
            if self.scope is Scope.APPLICATION:
                raw = content.get("applications", {}).get(self.application.lower(), {})
            return {str(name): _setting(one) for name, one in raw.items()}
        except (AttributeError, KeyError, TypeError) as error:
            raise WorkspaceError(
                f"{self.path} does not hold variables", hint="move it away and set them anew"
            ) from error

    def _with(self, content: Mapping[str, Any], settings: Mapping[str, Setting]) -> dict[str, Any]:
        raw = {name: _raw(settings[name]) for name in sorted(settings)}
        found = {**content, "project": self.environment.project}
        if self.scope is not Scope.PROJECT:
            found["branch"] = self.environment.branch
        if self.scope is not Scope.APPLICATION:
            return {**found, "variables": raw}
        applications = {**content.get("applications", {}), self.application.lower(): raw}
        return {**found, "applications": {name: one for name, one in applications.items() if one}}


def _setting(raw: Mapping[str, Any]) -> Setting:
    value = raw["value"]
    if not isinstance(value, str):
        raise TypeError
    return Setting(value=value, literal=bool(raw.get("literal")))


def _raw(setting: Setting) -> dict[str, Any]:
    return {"value": setting.value} | ({"literal": True} if setting.literal else {})


def load_variables(
    store: Store, environment: Environment, application: str
) -> tuple[Variable, ...]:
    """What users set by command for one application, of every scope. Raises WorkspaceError."""
    return tuple(_load(store, environment, application))


def _load(store: Store, environment: Environment, application: str) -> Iterator[Variable]:
    for scope in SETTABLE:
        shelf = Shelf(store=store, environment=environment, scope=scope, application=application)
        settings = shelf.read()
        lines = shelf.lines() if settings else {}
        column = 4 if scope is Scope.APPLICATION else 3
        for name, one in settings.items():
            line = lines.get(name, 0)
            where = Where(path=shelf.path, line=line, column=column if line else 0)
            yield Variable(
                name=name, value=one.value, scope=scope, literal=one.literal, where=where
            )
