"""What the application finds in its environment, and which environment it is."""

import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import Repository

pytestmark = pytest.mark.docker

AWKWARD = "a$b${C}\"quoted\"'single'\\back `tick` #no $(x) ü"


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_value_with_every_awkward_character_arrives_as_it_was_written(web: Repository) -> None:
    quoted = AWKWARD.replace("\\", "\\\\").replace("'", "\\'")
    web.write({".env": f"AWKWARD='{quoted}'\nALIAS=$QOVERY_BRANCH_NAME\n"})
    url = web.up()["urls"]["web"]
    assert get(f"{url}/AWKWARD") == AWKWARD
    assert get(f"{url}/ALIAS") == "main"


def test_an_odd_branch_name_is_an_environment_of_its_own(web: Repository) -> None:
    main = web.up()["urls"]["web"]
    web.git("add", "-A")
    web.git("commit", "-qm", "first")
    web.git("checkout", "-qb", "feature/Ä-b")
    other = web.up()["urls"]["web"]
    assert other != main
    assert get(f"{other}/QOVERY_BRANCH_NAME") == "feature/Ä-b"
    assert get(f"{main}/QOVERY_BRANCH_NAME") == "main"
    assert get(f"{main}/QOVERY_IS_PRODUCTION") == "true"
    assert get(f"{other}/QOVERY_IS_PRODUCTION") == "false"
    assert web.qlocal("down").code == 0
    assert get(main) == "hello from one"
    assert web.qlocal("down", "-b", "main").code == 0


def test_storage_keeps_its_files_over_down_and_up(web: Repository) -> None:
    manifest = web.path / ".qovery.yml"
    storage = "  storage:\n  - {name: files, type: ssd, size: 1GB, mount_point: /files}\n"
    manifest.write_text(manifest.read_text() + storage)
    web.up()
    web.containers()["web"].exec_run(["sh", "-c", "echo kept > /files/note"])
    web.qlocal("down")
    web.up()
    assert web.containers()["web"].exec_run(["cat", "/files/note"]).output == b"kept\n"


def test_a_named_file_and_folder_are_used_from_anywhere(web: Repository, tmp_path: Path) -> None:
    said = web.qlocal("up", "-C", "/", "-f", str(web.path / ".qovery.yml"))
    assert said.code == 0
    assert get(said.out.split()[-1]) == "hello from one"


def test_a_variable_named_by_an_arg_line_reaches_the_build_and_only_then(web: Repository) -> None:
    dockerfile = (web.path / "Dockerfile").read_text()
    web.write(
        {"Dockerfile": dockerfile + "ARG GREETING\nENV BUILT=$GREETING\n", ".env": "GREETING=hi\n"}
    )
    url = web.up()["urls"]["web"]
    assert get(f"{url}/BUILT") == "hi"
    web.write({".env": "GREETING=hello\n"})
    plan = web.up()["plan"]
    assert plan[0]["verb"] == "build"
    assert get(f"{url}/BUILT") == "hello"


def test_an_image_named_in_qlocal_yml_replaces_the_one_of_the_dockerfile(web: Repository) -> None:
    dockerfile = (web.path / "Dockerfile").read_text()
    web.write(
        {
            "Dockerfile": dockerfile.replace("debian:bookworm-slim", "perl:5.36-nowhere"),
            "qlocal.yml": "images:\n  perl:5.36-nowhere: debian:bookworm-slim\n",
        }
    )
    assert get(web.up()["urls"]["web"]) == "hello from one"


def test_strict_images_refuses_where_no_registry_answers(web: Repository) -> None:
    dockerfile = (web.path / "Dockerfile").read_text()
    web.write({"Dockerfile": dockerfile.replace("debian:", "registry.invalid/debian:")})
    said = web.qlocal("up", "--strict-images")
    assert said.code == 1
    assert "registry.invalid/debian:bookworm-slim" in said.err
    assert "--strict-images" in said.err


def test_a_dockerfile_that_asks_for_its_own_reader_is_built_without_a_registry(
    web: Repository,
) -> None:
    dockerfile = (web.path / "Dockerfile").read_text()
    web.write({"Dockerfile": "# syntax=docker/dockerfile:1\n" + dockerfile})
    assert get(web.up()["urls"]["web"]) == "hello from one"
    assert web.up()["plan"] == []
