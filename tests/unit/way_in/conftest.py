"""The same project as the tests of `operations`."""

from tests.unit.operations.conftest import project

__all__ = ["project"]
