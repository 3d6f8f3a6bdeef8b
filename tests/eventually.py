"""Waiting for a fact instead of sleeping for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T], *, timeout: float = 20, what: str = "") -> T:
    """The first true answer of `check`, which may raise until then; fails after `timeout` s."""
    end = time.monotonic() + timeout
    error: Exception | None = None
    while True:
        try:
            if found := check():
                return found
        except Exception as raised:  # noqa: BLE001 (whatever it is, it is shown at the end)
            error = raised
        if time.monotonic() > end:
            raise AssertionError(f"never became true: {what or check}; last error: {error}")
        _pause()


def _pause() -> None:
    time.sleep(0.1)
