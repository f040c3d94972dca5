"""Who is told of a request at the moment it leaves: set by the one who asks, called by the door out.

The context of the task carries it, so that requests of several jobs never mix.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pygpt_lsp.core.wire import WireRequest

    Witness: TypeAlias = Callable[[WireRequest], None]

_witness: ContextVar[Witness | None] = ContextVar("witness", default=None)


@contextmanager
def witnessed(witness: Witness) -> Generator[None]:
    """Tell `witness` of each request to the API that this task sends inside of the block."""
    token = _witness.set(witness)
    try:
        yield
    finally:
        _witness.reset(token)


def current_witness() -> Witness | None:
    """Who is to be told; None where nobody asked."""
    return _witness.get()
