"""Where the cases are."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "golden"
ERRORS = GOLDEN / "errors"
DASHES = "----------\n"
CORPUS = sorted((GOLDEN / "corpus").glob("*.yml"))


def _shared() -> list[Path]:
    """Real files kept outside of the repository, where there are any."""
    beside = Path(__file__).parents[4] / "shared" / "corpus"
    return sorted(Path(os.environ.get("MANIFEST_CORPUS", beside)).glob("*.yml"))


SHARED = _shared()
