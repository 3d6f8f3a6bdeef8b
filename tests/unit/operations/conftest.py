"""Projects for the operations."""

from pathlib import Path

import pytest

from tests.unit.operations.projects import SIMPLE, Project, new_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An application with a database."""
    return new_project(tmp_path)


@pytest.fixture
def simple(tmp_path: Path) -> Project:
    """An application alone, with a second to start in."""
    return new_project(tmp_path, SIMPLE)
