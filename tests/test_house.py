"""The rules of the house, read from the source: who imports whom, what is pure, how big."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import qlocal
from qlocal import errors
from qlocal.cli import main
from qlocal.services import ServiceType, catalogue

ROOT = Path(qlocal.__file__).parent

ORDER = (
    "errors", "services", "manifest", "compose", "plan", "engine", "workspace", "operations", "cli",
)  # fmt: skip
STRANGERS = ({"engine", "workspace"},)  # stand side by side and do not know each other
PURE = ("services", "manifest", "compose", "plan")
# Not in the row: the one door to other programs, and the recipes of stand-ins.
SIDE_DOORS = {"process": ("engine", "workspace"), "images": ("engine",)}

IMPURE = (
    "os", "subprocess", "socket", "time", "random", "secrets", "shutil", "logging", "click",
    "docker", "python_on_whales", "watchfiles", "requests", "tempfile", "threading", "asyncio",
    "fcntl", "glob",
)  # fmt: skip
ONLY_IN = {
    "click": ("cli",),
    "docker": ("engine",),
    "python_on_whales": ("engine",),
    "requests": ("engine",),
    "subprocess": ("process",),
}

MODULE_LINES = 300
COMMAND_LINES = 80
FUNCTION_LINES = 40
PARAMETERS = 6
ROOMY = ("cli/__init__.py", "cli/_console.py")  # the border and the renderer are no commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """`names` are what `from module import …` takes; empty for a plain import."""

    module: str
    names: tuple[str, ...]
    line: int

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    path: Path
    tree: ast.Module
    lines: int

    @property
    def shown(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """`compose` of `qlocal/compose/naming.py`, `errors` of `qlocal/errors.py`."""
        return self.path.relative_to(ROOT).with_suffix("").parts[0]

    def imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(module=alias.name, names=(), line=node.lineno)
            elif isinstance(node, ast.ImportFrom):
                names = tuple(alias.name for alias in node.names)
                yield Import(module=self._absolute(node), names=names, line=node.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = ("qlocal", *self.path.relative_to(ROOT).parts)[: -node.level]
        return ".".join((*parts, *([node.module] if node.module else [])))

    def packages(self) -> Iterator[tuple[str, int]]:
        """The packages of qlocal that it imports; "" for the root, which is the version alone."""
        for one in self.imports():
            if one.module == "qlocal":
                for name in one.names:
                    yield (name if (ROOT / name).exists() or _is_file(name) else ""), one.line
            elif one.module.startswith("qlocal."):
                yield one.module.split(".")[1], one.line

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _is_file(name: str) -> bool:
    return (ROOT / f"{name}.py").is_file()


def _read(path: Path) -> Module:
    text = path.read_text("utf-8")
    return Module(path=path, tree=ast.parse(text), lines=len(text.splitlines()))


MODULES = tuple(_read(path) for path in sorted(ROOT.rglob("*.py")))


def _none(violations: list[str], rule: str) -> None:
    if violations:
        pytest.fail(f"{rule}:\n  " + "\n  ".join(violations), pytrace=False)


def test_every_folder_and_file_has_its_place_in_the_order() -> None:
    known = {*ORDER, *SIDE_DOORS, "__init__", "__main__"}
    strangers = sorted({module.package for module in MODULES} - known)
    _none(strangers, f"not in {' → '.join(ORDER)}")


def test_a_package_imports_only_what_stands_to_its_left() -> None:
    violations = []
    for module in MODULES:
        for package, line in module.packages():
            if package and not _may_import(module.package, package):
                violations.append(f"{module.shown}:{line} imports qlocal.{package}")
    _none(violations, f"{' → '.join(ORDER)}, engine and workspace side by side")


def _may_import(importer: str, imported: str) -> bool:
    if importer in (imported, "__main__"):
        return True
    if imported in SIDE_DOORS:
        return importer in SIDE_DOORS[imported]
    if importer in SIDE_DOORS or importer == "__init__":
        return imported == "errors"
    if {importer, imported} in STRANGERS:
        return False
    return ORDER.index(imported) < ORDER.index(importer)


def test_pure_packages_import_nothing_that_touches_the_world() -> None:
    violations = []
    for module in MODULES:
        if module.package not in PURE:
            continue
        for one in module.imports():
            if one.top in IMPURE:
                violations.append(f"{module.shown}:{one.line} imports {one.module}")
            if one.top == "pathlib":
                violations += [
                    f"{module.shown}:{one.line} imports {name or 'all of'} pathlib"
                    for name in one.names or ("",)
                    if not name.startswith("Pure")
                ]
    _none(violations, f"{', '.join(PURE)} know no file, clock, chance or Docker")


def test_pure_packages_open_no_file() -> None:
    violations = [
        f"{module.shown}:{node.lineno} calls {node.func.id}()"
        for module in MODULES
        if module.package in PURE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("open", "print", "input", "exec", "eval")
    ]
    _none(violations, f"{', '.join(PURE)} know no file")


def test_each_door_to_the_outside_is_in_one_place() -> None:
    violations = [
        f"{module.shown}:{one.line} imports {one.module}, which only {' and '.join(places)} may"
        for module in MODULES
        for one in module.imports()
        if (places := ONLY_IN.get(one.top)) and module.package not in places
    ]
    _none(violations, "one door to each outside")


def test_only_the_cli_prints_or_exits() -> None:
    violations = []
    for module in MODULES:
        if module.package in ("cli", "__main__"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("print", "exit", "quit", "sys.exit", "os._exit"):
                    violations.append(f"{module.shown}:{node.lineno} calls {called}()")
    _none(violations, "operations return, only cli/ draws and exits")


def test_modules_commands_and_functions_stay_small() -> None:
    violations = []
    for module in MODULES:
        is_command = module.package == "cli" and module.shown not in ROOMY
        most = COMMAND_LINES if is_command else MODULE_LINES
        if module.lines > most:
            violations.append(f"{module.shown} has {module.lines} lines, {most} are allowed")
        for function in module.functions():
            assert function.end_lineno
            length = function.end_lineno - function.lineno + 1
            place = f"{module.shown}:{function.lineno} {function.name}"
            if length > FUNCTION_LINES:
                violations.append(f"{place} has {length} lines, {FUNCTION_LINES} are allowed")
            count = _parameters(function)
            if count > PARAMETERS and not _is_click_callback(function):
                violations.append(f"{place} has {count} parameters, {PARAMETERS} are allowed")
    _none(violations, "what is larger is two things")


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return len([one for one in every if one.arg not in ("self", "cls")])


def _is_click_callback(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = (ast.unparse(one) for one in function.decorator_list)
    return any(re.match(r"(click|main|command)\.(command|group)", one) for one in decorators)


def test_every_module_says_what_it_is() -> None:
    silent = [
        module.shown for module in MODULES if module.lines and not ast.get_docstring(module.tree)
    ]
    _none(silent, "a module begins with one line that says what it is")


def test_no_module_is_a_folder_for_things_not_understood_yet() -> None:
    names = ("utils", "util", "helpers", "helper", "common", "core", "manager", "misc")
    bad = [module.shown for module in MODULES if module.path.stem.strip("_") in names]
    _none(bad, "name it after what it does")


def test_every_service_file_has_one_service_of_its_own_name() -> None:
    violations = []
    for path in sorted((ROOT / "services").glob("*.py")):
        if path.stem == "__init__":
            continue
        module = __import__(f"qlocal.services.{path.stem}", fromlist=["SERVICE"])
        service = getattr(module, "SERVICE", None)
        if not isinstance(service, ServiceType):
            violations.append(f"services/{path.name} has no SERVICE")
        elif re.sub(r"[-_]", "", service.type) != re.sub(r"[-_]", "", path.stem):
            violations.append(f"services/{path.name} holds `{service.type}`")
    _none(violations, "one file per type")


@pytest.mark.parametrize("service", catalogue().values(), ids=lambda service: str(service.type))
def test_a_service_is_complete(service: ServiceType) -> None:
    assert service.versions
    assert 0 < service.port < 65536
    assert service.section in ("databases", "brokers")
    recipe = ROOT / "images" / service.type / "Dockerfile"
    assert service.packaged == recipe.is_file(), f"packaged={service.packaged}, see {recipe}"


COMMANDS = main.list_commands(click.Context(main)) if isinstance(main, click.Group) else []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    assert isinstance(main, click.Group)
    command = main.get_command(click.Context(main), name)
    assert command
    assert command.help, f"`{name}` has no docstring"
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    _, _, example = shown.output.partition("Example")
    assert f"qlocal {name}" in example, shown.output


DRAWN = re.compile(r"^(?P<branch>[ │├└─]*)(?P<name>[A-Z]\w+) +(?P<code>\d+)  ", re.MULTILINE)
DOCUMENTED = {0, 1, 2, 3, 4, 5, 130}


def _error_classes() -> dict[str, type[errors.QlocalError]]:
    found = vars(errors).items()
    return {
        name: it for name, it in found if inspect.isclass(it) and issubclass(it, errors.QlocalError)
    }


def test_the_tree_of_errors_names_every_class_with_its_exit_code() -> None:
    drawn = {row["name"]: int(row["code"]) for row in DRAWN.finditer(errors.__doc__ or "")}
    assert drawn == {name: it.exit_code for name, it in _error_classes().items()}


def test_the_tree_of_errors_is_the_tree_of_classes() -> None:
    """The depth at which a name is drawn tells its parent."""
    classes = _error_classes()
    path: list[str] = []
    for row in DRAWN.finditer(errors.__doc__ or ""):
        depth = len(row["branch"]) // 4
        path = [*path[:depth], row["name"]]
        if depth:
            assert classes[row["name"]].__bases__ == (classes[path[depth - 1]],), row["name"]


def test_exit_codes_are_the_documented_ones() -> None:
    assert {it.exit_code for it in _error_classes().values()} <= DOCUMENTED
    assert errors.ManifestError.exit_code == 3
    assert errors.EngineUnavailable.exit_code == 4
    assert errors.Unhealthy.exit_code == 5
    assert errors.Interrupted.exit_code == 130
