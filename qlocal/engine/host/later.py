"""Founds that may take their time: names, registries, programs that ask the network."""

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, NoReturn, TypeVar

Found = TypeVar("Found")


class Later(Generic[Found]):
    """A question asked in its own thread, which never keeps the program from ending.

    (A pool's threads would: a resolver without a name server blocks for half a minute.)
    """

    def __init__(self, ask: Callable[[], Found]) -> None:
        self._outcomes: queue.SimpleQueue[Callable[[], Found]] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(ask,), daemon=True).start()

    def _run(self, ask: Callable[[], Found]) -> None:
        try:
            answer = ask()
        except Exception as error:  # noqa: BLE001 (raised again where the answer is waited for)
            self._outcomes.put(partial(_fail, error))
        else:
            self._outcomes.put(lambda: answer)

    def within(self, seconds: float, *, otherwise: Found) -> Found:
        """Wait for the answer, once."""
        try:
            outcome = self._outcomes.get(timeout=max(seconds, 0))
        except queue.Empty:
            return otherwise
        return outcome()


def _fail(error: Exception) -> NoReturn:
    raise error
