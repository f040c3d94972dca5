"""When to try again: the one place that knows how often and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TRIES = 3
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
"""Seconds; who is asked to wait longer would rather know at once."""


def wait_before_retry(tries: int, asked: float | None, jitter: Callable[[], float]) -> float | None:
    """Seconds to wait after `tries` failed tries (1 or more), or None to give up.

    `asked` is the wait the server asks for; it is never undercut. Without it the wait doubles each time,
    from 0.5 s, shortened by up to a quarter (`jitter`, 0 to 1) so that many clients do not come back at once.
    """
    if tries >= MOST_TRIES or (asked is not None and asked > LONGEST_WAIT):
        return None
    if asked is not None:
        return asked
    return FIRST_WAIT * 2 ** (tries - 1) * (1 - jitter() / 4)
