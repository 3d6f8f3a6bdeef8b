"""$QLOCAL_HOME: what qlocal remembers, per environment. Plain files that only their owner reads.

    store.json                         tells this $QLOCAL_HOME from any other
    environments/<name>/record.json    credentials, ports, images: drawn once, kept
                        compose.yaml   what was last asked of Compose
                        secrets.yaml   what `qlocal config` leaves out of the file it prints
                        parts.json     what each container's digest was made of
                        context-*.json what was read of a build context
                        build.log      the last build's whole output
                        attached.json  what runs elsewhere, and where
                        lock           held while an environment is changed
                        runs/<run>/    lock of a `qlocal run`, held while it lives

Every file is written beside itself and renamed, so a crash leaves the old or the new one.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qlocal.errors import WorkspaceError

_VERSION = 1


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """QLOCAL_HOME, else `qlocal` in the XDG state directory."""
    if home := environment.get("QLOCAL_HOME"):
        return Path(home).absolute()
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "qlocal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """One environment's folder."""

    path: Path

    @property
    def exists(self) -> bool:
        return (self.path / "record.json").exists()

    def read(self, name: str) -> dict[str, Any]:
        """The content of a JSON file; {} when it is not there. Raises WorkspaceError."""
        path = self.path / name
        try:
            found = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unreadable(path, error) from error
        except ValueError as error:
            raise damaged(path, str(error)) from error
        if not isinstance(found, dict) or not isinstance(found.get("format", _VERSION), int):
            raise damaged(path, "it holds something else than qlocal wrote")
        if found.get("format", _VERSION) > _VERSION:
            raise WorkspaceError(f"{path} was written by a newer qlocal", hint="upgrade this one")
        return found

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        self.write_text(name, json.dumps({"format": _VERSION} | dict(content), indent=1))

    def write_text(self, name: str, text: str) -> None:
        target = self.path / name
        partial = self.path / f".{name}.{os.getpid()}"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _private(partial) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise WorkspaceError(f"cannot write {target}: {error.strerror}") from error

    def open_log(self, name: str) -> TextIO:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _private(self.path / name)
        except OSError as error:
            raise _unreadable(self.path / name, error) from error

    def delete(self) -> None:
        """Everything remembered; the lock goes last, with the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    @contextmanager
    def locked(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """One change at a time. The lock dies with its holder, however that dies."""
        handle = self._lock_file()
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(handle, fcntl.LOCK_EX)
            if not self._is_current(handle):
                # Whoever held it deleted the folder: what we hold is a lock on nothing.
                with self.locked(on_wait):
                    yield
                return
            yield
        finally:
            os.close(handle)

    @property
    def is_locked(self) -> bool:
        """Whether somebody holds it right now."""
        try:
            handle = os.open(self.path / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def drawers(self, name: str) -> "Iterator[Drawer]":
        """Those in a folder of this one."""
        if (self.path / name).is_dir():
            for path in sorted((self.path / name).iterdir()):
                yield Drawer(path=path)

    def _lock_file(self) -> int:
        try:
            while True:
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Whoever held it may have deleted the folder in this very moment.
                with suppress(FileNotFoundError):
                    return os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), (self.path / "lock").stat())
        except FileNotFoundError:
            return False


def _private(path: Path) -> TextIO:
    """For writing, and readable by nobody else from its first moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")


def damaged(path: Path, why: str) -> WorkspaceError:
    return WorkspaceError(
        f"{path} is damaged: {why}",
        hint="move it away; qlocal then starts that record anew",
    )


def _unreadable(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"cannot use {path}: {error.strerror}",
        hint="mend its permissions, or set QLOCAL_HOME to a folder of yours",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    home: Path

    def identity(self) -> str:
        """A name that no other $QLOCAL_HOME has, drawn on first use."""
        drawer = Drawer(path=self.home)
        if not (found := drawer.read("store.json").get("identity")):
            with self.locked():
                found = drawer.read("store.json").get("identity") or secrets.token_hex(6)
                drawer.write("store.json", {"identity": found})
        return str(found)

    def drawer(self, environment: str) -> Drawer:
        return Drawer(path=self.home / "environments" / environment)

    def drawers(self) -> Iterator[Drawer]:
        folder = self.home / "environments"
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if (path / "record.json").exists():
                    yield Drawer(path=path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While something is drawn that no two environments may share."""
        with Drawer(path=self.home).locked(lambda: None):
            yield
