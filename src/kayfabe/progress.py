"""One stream of progress for terminal and web alike: stage, done, total; and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import TypeVar

from kayfabe.errors import Cancelled

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """`done` of `total` units of `stage` are finished; `total` is None where it is not known."""

    stage: str
    done: int
    total: int | None


class Progress:
    """Passes steps to a listener. `cancel()` makes the next step raise Cancelled, so that work stops between units."""

    def __init__(self, listener: Callable[[Step], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._cancelled = True

    def step(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Report one step. Raises Cancelled after `cancel()`."""
        if self._cancelled:
            raise Cancelled
        if self._listener is not None:
            self._listener(Step(stage, done, total))

    def over(self, items: Iterable[T], stage: str, total: int | None = None) -> Iterator[T]:
        """`items`, with a step reported before the first and after each."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        self.step(stage, 0, total)
        for done, item in enumerate(items, start=1):
            yield item
            self.step(stage, done, total)


SILENT = Progress()
