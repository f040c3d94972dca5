"""Patterns of many literals, made so that a search for them is quick."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def any_of(literals: Iterable[str]) -> str:
    """A pattern of the literals, the longest first.

    They stand in groups by their first letters: a search goes by those, and from group to group.
    """
    groups = groupby(sorted(set(literals), reverse=True), lambda literal: literal[0])
    return "|".join(
        f"{first}(?:{'|'.join(re.escape(each[1:]) for each in group)})" for first, group in groups
    )
