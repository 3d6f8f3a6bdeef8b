"""A project in a git repository of its own, a store of its own and an engine in memory."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from qlocal.compose.naming import Environment
from qlocal.engine import Event
from qlocal.operations.down import DownResult, down
from qlocal.operations.project import Request
from qlocal.operations.up import Options, UpResult, up
from qlocal.workspace.record import Record, load_record
from qlocal.workspace.store import Drawer, Store
from tests.fake_engine import FakeEngine

MANIFEST = """\
application:
  name: todo
  project: demo
  publicly_accessible: true
databases:
- type: postgresql
  version: "15"
  name: my-pg
"""

SIMPLE = """\
application:
  name: todo
  project: demo
  start_timeout: 1s
"""

DOCKERFILE = "FROM debian:bookworm-slim\nEXPOSE 8080\n"


def git(folder: Path, *arguments: str) -> str:
    """Without whatever the machine's own git is configured to do."""
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout


@dataclass(slots=True, kw_only=True)
class Project:
    """On branch `main`, with one commit."""

    folder: Path
    store: Store
    engine: FakeEngine = field(default_factory=FakeEngine)
    events: list[Event] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    @property
    def request(self) -> Request:
        return Request(directory=str(self.folder))

    def up(
        self, *, dry_run: bool = False, strict_images: bool = False, new_ports: bool = False
    ) -> UpResult:
        options = Options(dry_run=dry_run, strict_images=strict_images, new_ports=new_ports)
        return up(self.request, self.store, self.engine, options, self.events.append)

    def down(self, *, volumes: bool = False) -> DownResult:
        return down(self.request, self.store, self.engine, self.events.append, volumes=volumes)

    @property
    def environment(self) -> Environment:
        return Environment(project="demo", branch="main")

    @property
    def drawer(self) -> Drawer:
        return self.store.drawer(self.environment.name)

    @property
    def record(self) -> Record:
        found = load_record(self.drawer)
        assert found
        return found

    def states(self) -> dict[str, str]:
        return {one.service: one.state for one in self.engine.made}

    def said(self) -> str:
        return "\n".join(f"{event.subject}: {event.text}" for event in self.events)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def new_project(folder: Path, manifest: str = MANIFEST) -> Project:
    repository = folder / "repository"
    repository.mkdir()
    project = Project(folder=repository, store=Store(home=folder / "home"))
    project.write(".qovery.yml", manifest)
    project.write("Dockerfile", DOCKERFILE)
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "one")
    return project
