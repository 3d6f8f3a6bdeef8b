"""A temporary git repository with an application in it, and the installed command."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

# perl is in the smallest Debian: an application without anything to install builds in a second.
SERVER = r"""
use IO::Socket::INET; $| = 1;
my $socket = IO::Socket::INET->new(
    LocalAddr => "0.0.0.0", LocalPort => 8080, Listen => 20, ReuseAddr => 1) or die $!;
print "listening\n";
while (my $client = $socket->accept) {
    my $line = <$client>;
    my ($name) = $line =~ m{^GET /(\w*)};
    my $body = $name ? $ENV{$name} : "hello from VERSION";
    print $client "HTTP/1.0 200 OK\r\nContent-Length: ", length($body), "\r\n\r\n", $body;
    close $client;
}
"""
DOCKERFILE = """\
FROM debian:bookworm-slim
COPY server.pl /
EXPOSE 8080
CMD ["perl", "/server.pl"]
"""
MANIFEST = """\
application:
  name: web
  project: {project}
  publicly_accessible: true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """`project` is different for every test; everything made for it is removed afterwards."""

    path: Path
    project: str

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=self.path, check=True, capture_output=True
        )

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
        import os

        return subprocess.Popen(
            [sys.executable, "-m", "qlocal", *arguments],
            cwd=self.path,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def qlocal(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Said:
        child = self.start(*arguments, environment=environment)
        out, err = child.communicate(timeout=300)
        return Said(code=child.returncode, out=out, err=err)

    def up(self, *arguments: str) -> Any:
        """The document of a successful `up`."""
        said = self.qlocal("up", "--json", *arguments)
        assert said.code == 0, said.err + said.out
        return said.document

    def containers(self) -> dict[str, Any]:
        """By service."""
        client = docker.from_env()
        found = client.containers.list(
            all=True, filters={"label": f"dev.qlocal.project={self.project}"}
        )
        return {one.labels["dev.qlocal.service"]: one for one in found}


@pytest.fixture
def repository(engine_required: None, tmp_path: Path) -> Iterator[Repository]:
    found = Repository(path=tmp_path / "repository", project=f"test-{uuid.uuid4().hex[:8]}")
    found.path.mkdir()
    found.git("init", "--quiet", "--initial-branch", "main")
    yield found
    _remove(found.project)


@pytest.fixture
def web(repository: Repository) -> Repository:
    """An application that answers with a variable: `GET /NAME`."""
    repository.write(
        {
            ".qovery.yml": MANIFEST.format(project=repository.project),
            "Dockerfile": DOCKERFILE,
            "server.pl": SERVER.replace("VERSION", "one"),
        }
    )
    return repository


def _remove(project: str) -> None:
    client = docker.from_env()
    label: dict[str, str | list[str] | bool] = {"label": f"dev.qlocal.project={project}"}
    for container in client.containers.list(all=True, filters=label):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=label):
        network.remove()
    for volume in client.volumes.list(filters=label):
        volume.remove(force=True)
    # Only its own are looked at: those of tests beside this one vanish at any moment.
    for image in client.images.list(filters={"reference": f"qlocal.local/{project}/*"}):
        client.images.remove(str(image.id), force=True)
