"""Loops over millions of rows, compiled by numba on first use and kept beside the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import numba
from numba.core import event

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` compiled for the types it is first called with; kept on disk, or for this process alone where nothing can be written."""
    try:
        return cast(F, numba.njit(cache=True)(function))
    except RuntimeError:  # no folder for the cache can be written
        return cast(F, numba.njit(function))


class _Told(event.Listener):
    def __init__(self, step: Callable[[str, int, int | None], None]) -> None:
        self._step, self._inside, self._done = step, 0, 0

    def on_start(self, event: Any) -> None:
        if not self._inside:
            self._step("compiling, once", self._done, None)
        self._inside += 1

    def on_end(self, event: Any) -> None:
        self._inside -= 1
        self._done += not self._inside


@contextmanager
def told(step: Callable[[str, int, int | None], None]) -> Iterator[None]:
    """Compiling inside is reported as a stage of its own: "compiling, once"."""
    with event.install_listener("numba:compile", _Told(step)):
        yield
