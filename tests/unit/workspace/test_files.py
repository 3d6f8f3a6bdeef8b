"""The user's files: which ones, and how they are named when spoken of."""

from pathlib import Path

import pytest

from qlocal.errors import NotFound, WorkspaceError
from qlocal.workspace.files import find_manifest, read, read_if_there, shown


def test_the_nearest_manifest_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / ".qovery.yml").touch()
    assert find_manifest(str(tmp_path / "a/b/c")) == tmp_path / ".qovery.yml"
    (tmp_path / "a/.qovery.yml").touch()
    assert find_manifest(str(tmp_path / "a/b/c")) == tmp_path / "a/.qovery.yml"


def test_the_search_does_not_leave_the_checkout(tmp_path: Path) -> None:
    (tmp_path / ".qovery.yml").touch()
    (tmp_path / "repository/.git").mkdir(parents=True)
    with pytest.raises(NotFound) as caught:
        find_manifest(str(tmp_path / "repository"))
    assert "qlocal init" in caught.value.hint


def test_a_worktree_has_a_file_called_git(tmp_path: Path) -> None:
    (tmp_path / ".qovery.yml").touch()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/.git").write_text("gitdir: elsewhere\n")
    with pytest.raises(NotFound):
        find_manifest(str(tmp_path / "tree"))


def test_the_file_that_is_asked_for_is_taken_from_where_one_stands(tmp_path: Path) -> None:
    (tmp_path / "other.yml").touch()
    assert find_manifest(str(tmp_path), "other.yml") == tmp_path / "other.yml"
    assert find_manifest("/", str(tmp_path / "other.yml")) == tmp_path / "other.yml"
    with pytest.raises(NotFound):
        find_manifest(str(tmp_path), "none.yml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="none"):
        read(tmp_path / "none")
    assert read_if_there(tmp_path / "none") is None
    assert read_if_there(tmp_path) is None


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(b"x" * 1_500_000)
    assert len(read(tmp_path / "huge")) == 1_000_001


def test_paths_are_shown_as_one_would_type_them(tmp_path: Path) -> None:
    assert shown(tmp_path / "a/.qovery.yml", str(tmp_path)) == "a/.qovery.yml"
    assert shown(tmp_path / ".qovery.yml", str(tmp_path / "a")) == str(tmp_path / ".qovery.yml")
