"""The examples with a service of each kind that Debian packages: written to over HTTP, kept over
`down` and `up`.
"""

import shutil
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import Repository

pytestmark = pytest.mark.docker

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def ask(url: str, body: str = "") -> str:
    with urllib.request.urlopen(url, body.encode() or None, timeout=20) as answer:
        return str(answer.read().decode()).strip()


def example(repository: Repository, name: str) -> Repository:
    shutil.copytree(EXAMPLES / name, repository.path, dirs_exist_ok=True)
    manifest = repository.path / ".qovery.yml"
    kind = name.partition("-")[2]
    manifest.write_text(manifest.read_text().replace(f"example-{kind}", repository.project))
    return repository


def test_rows_in_mariadb_outlive_down_and_up(repository: Repository) -> None:
    guestbook = example(repository, "03-mariadb")
    url = guestbook.up()["urls"]["guestbook"]
    ask(url, "Ada 🦉")
    assert guestbook.qlocal("down").code == 0
    assert guestbook.up()["urls"]["guestbook"] == url
    assert ask(url) == "Ada 🦉"
    assert guestbook.up()["plan"] == []


def test_messages_in_rabbitmq_outlive_down_and_up(repository: Repository) -> None:
    postbox = example(repository, "04-rabbitmq")
    url = postbox.up()["urls"]["postbox"]
    ask(url, "dear reader")
    assert postbox.qlocal("down").code == 0
    postbox.up()
    assert ask(url) == "dear reader"
    assert ask(url) == "no letters"


def test_memcached_counts_and_has_no_volume(repository: Repository) -> None:
    counter = example(repository, "05-memcached")
    url = counter.up()["urls"]["counter"]
    assert [ask(url), ask(url)] == ["1", "2"]
    assert counter.containers()["my-cache"].attrs["Mounts"] == []


def test_mysql_without_a_registry_names_what_to_do(repository: Repository) -> None:
    """With one, it just runs."""
    example(repository, "05-memcached")
    manifest = repository.path / ".qovery.yml"
    text = manifest.read_text().replace("memcached", "mysql").replace('"1.6"', '"8.0"')
    manifest.write_text(text)
    said = repository.qlocal("up")
    if said.code == 0:
        pytest.skip("a registry can be reached here")
    assert "mysql:8.0" in said.err
    assert "type: mariadb" in said.err
    assert "images:" in said.err
    assert repository.containers() == {}
