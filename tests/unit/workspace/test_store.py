"""$QLOCAL_HOME: whole files, for one pair of eyes, and one change at a time."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qlocal.compose.given import Image
from qlocal.compose.naming import Environment
from qlocal.errors import WorkspaceError
from qlocal.services import Credentials
from qlocal.workspace.record import Record, load_record, save_record
from qlocal.workspace.store import Drawer, Store, default_home
from tests.conftest import ROOT
from tests.eventually import eventually

RECORD = Record(
    environment=Environment(project="Demo", branch="feature/ä"),
    credentials={"db": Credentials(username="u", password="p", database="d")},
    ports={"api": 20001},
    images={"postgres:15": Image(requested="postgres:15", reference="x:1", version="15.19")},
    roots=("/src/ä",),
    created="2024-01-01T00:00:00+00:00",
    probes_early=False,
)


@pytest.fixture
def drawer(tmp_path: Path) -> Drawer:
    return Store(home=tmp_path / "home").drawer("demo--main")


# Where


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"QLOCAL_HOME": "/q"}, "/q"),
        ({"QLOCAL_HOME": "/q", "XDG_STATE_HOME": "/x"}, "/q"),
        ({"XDG_STATE_HOME": "/x"}, "/x/qlocal"),
        ({}, str(Path.home() / ".local/state/qlocal")),
    ],
)
def test_where_home_is(environment: dict[str, str], expected: str) -> None:
    assert str(default_home(environment)) == expected


def test_a_relative_home_is_made_absolute() -> None:
    assert default_home({"QLOCAL_HOME": "x"}) == Path.cwd() / "x"


# Files


def test_what_was_written_is_read(drawer: Drawer) -> None:
    assert drawer.read("x.json") == {}
    drawer.write("x.json", {"a": ["ž", 1, None]})
    assert drawer.read("x.json") == {"format": 1, "a": ["ž", 1, None]}


def test_only_the_owner_may_look(drawer: Drawer) -> None:
    before = os.umask(0)
    try:
        drawer.write("x.json", {})
        drawer.write_text("compose.yaml", "x")
        drawer.open_log("build.log").close()
        with drawer.locked(lambda: None):
            pass
    finally:
        os.umask(before)
    assert {
        path.name: oct(path.stat().st_mode & 0o777) for path in drawer.path.iterdir()
    } == dict.fromkeys(("x.json", "compose.yaml", "build.log", "lock"), "0o600")
    assert drawer.path.stat().st_mode & 0o777 == 0o700


def test_writing_leaves_nothing_beside_the_file(drawer: Drawer) -> None:
    for _ in range(2):
        drawer.write("x.json", {})
    assert [path.name for path in drawer.path.iterdir()] == ["x.json"]


def test_a_write_that_fails_leaves_the_old_file_and_no_half(drawer: Drawer) -> None:
    """A folder stands where the file should go, so that it cannot be put there."""
    (drawer.path / "x.json").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match=r"cannot write .*x\.json"):
        drawer.write("x.json", {})
    assert [path.name for path in drawer.path.iterdir()] == ["x.json"]


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    drawer = Store(home=tmp_path / "home").drawer("x")
    with pytest.raises(WorkspaceError, match="cannot write"):
        drawer.write("x.json", {})
    with pytest.raises(WorkspaceError) as caught, drawer.locked(lambda: None):
        pass
    assert "QLOCAL_HOME" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{}}", b"\xff\xfe\x00", b"[]", b'"x"', b"null", b'{"format": "x"}'],
    ids=repr,
)
def test_a_damaged_file_is_an_error_that_names_it(drawer: Drawer, content: bytes) -> None:
    drawer.path.mkdir(parents=True)
    (drawer.path / "record.json").write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"record\.json"):
        load_record(drawer)


@pytest.mark.parametrize("content", ["{}", '{"format": 1}', '{"format": 1, "project": "x"}'])
def test_a_record_with_holes_is_an_error_or_nothing(drawer: Drawer, content: str) -> None:
    drawer.path.mkdir(parents=True)
    (drawer.path / "record.json").write_text(content)
    try:
        assert load_record(drawer) is None
    except WorkspaceError as error:
        assert "record.json" in error.message  # noqa: PT017 (either is fine)


def test_what_a_newer_qlocal_wrote_is_refused(drawer: Drawer) -> None:
    drawer.write("x.json", {"format": 2})
    with pytest.raises(WorkspaceError, match="newer qlocal") as caught:
        drawer.read("x.json")
    assert "upgrade" in caught.value.hint


def test_a_record_survives_the_way_to_disk_and_back(drawer: Drawer) -> None:
    assert load_record(drawer) is None
    save_record(drawer, RECORD)
    assert drawer.exists
    assert load_record(drawer) == RECORD


def test_a_record_never_shows_its_passwords_by_accident() -> None:
    assert "password" not in repr(RECORD)


def test_files_are_utf_8_whatever_the_machine_speaks(drawer: Drawer) -> None:
    """A terminal in Latin-1 must not decide how an environment's files are written."""
    script = (
        "import pathlib, sys\n"
        "from qlocal.workspace.store import Drawer\n"
        "drawer = Drawer(path=pathlib.Path(sys.argv[1]))\n"
        "drawer.write_text('compose.yaml', 'a: \\u017e\\n')\n"
        "with drawer.open_log('build.log') as log:\n"
        "    log.write('\\u017e')\n"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(drawer.path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr.splitlines()[-1]
    assert (drawer.path / "compose.yaml").read_text("utf-8") == "a: ž\n"


def test_all_environments_are_listed(tmp_path: Path) -> None:
    store = Store(home=tmp_path / "home")
    assert list(store.drawers()) == []
    for name in ("b", "a"):
        save_record(store.drawer(name), RECORD)
    store.drawer("never-up").write("x.json", {})
    assert [drawer.path.name for drawer in store.drawers()] == ["a", "b"]


def test_deleting_what_is_not_there_is_no_error(drawer: Drawer) -> None:
    drawer.delete()
    assert not drawer.path.exists()


# The lock

HOLDER = """\
import pathlib, sys
from qlocal.workspace.store import Drawer
with Drawer(path=pathlib.Path(sys.argv[1])).locked(lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that holds the lock until it is told to let go."""

    def __init__(self, drawer: Drawer) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(drawer.path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "held\n"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.process.communicate()


class Waiter:
    """A thread that wants the lock."""

    def __init__(self, drawer: Drawer) -> None:
        self.waits, self.has_it = threading.Event(), threading.Event()
        self.exists_inside = False
        self.thread = threading.Thread(target=self._run, args=(drawer,))
        self.thread.start()

    def _run(self, drawer: Drawer) -> None:
        with drawer.locked(self.waits.set):
            self.exists_inside = (drawer.path / "lock").exists()
            self.has_it.set()

    def join(self) -> None:
        self.thread.join(timeout=10)
        assert not self.thread.is_alive()


def test_a_lock_keeps_other_processes_out_until_it_is_let_go(drawer: Drawer) -> None:
    holder = Holder(drawer)
    waiter = Waiter(drawer)
    assert waiter.waits.wait(timeout=10)
    assert not waiter.has_it.is_set()
    holder.close()
    waiter.join()
    assert waiter.has_it.is_set()


def test_a_lock_that_nobody_holds_makes_nobody_wait(drawer: Drawer) -> None:
    for _ in range(2):
        waiter = Waiter(drawer)
        waiter.join()
        assert not waiter.waits.is_set()


def test_a_lock_dies_with_its_holder(drawer: Drawer) -> None:
    holder = Holder(drawer)
    waiter = Waiter(drawer)
    assert waiter.waits.wait(timeout=10)
    holder.kill()
    waiter.join()
    assert waiter.has_it.is_set()


def test_whoever_waited_for_a_folder_that_was_deleted_holds_a_new_one(drawer: Drawer) -> None:
    """A lock on a file without a name would keep nobody out."""
    with drawer.locked(lambda: None):
        waiter = Waiter(drawer)
        assert waiter.waits.wait(timeout=10)
        drawer.delete()
    waiter.join()
    assert waiter.exists_inside


def test_environments_do_not_wait_for_each_other(tmp_path: Path) -> None:
    store = Store(home=tmp_path / "home")
    with store.drawer("a").locked(lambda: None):
        waiter = Waiter(store.drawer("b"))
        waiter.join()
        assert not waiter.waits.is_set()


def test_an_error_inside_lets_the_lock_go(drawer: Drawer) -> None:
    with pytest.raises(ZeroDivisionError), drawer.locked(lambda: None):
        _ = 1 / 0
    waiter = Waiter(drawer)
    waiter.join()
    assert eventually(waiter.has_it.is_set)


def test_a_home_where_nothing_can_be_made_is_said_and_not_tried_for_ever() -> None:
    drawer = Drawer(path=Path("/proc/1/none/x"))
    with pytest.raises(WorkspaceError), drawer.locked(lambda: None):
        pass
