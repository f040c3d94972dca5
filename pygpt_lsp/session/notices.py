"""What the user is told by whatever knows no editor, and only once where it may come up again and again."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]


class Tell(Protocol):
    """Shows one sentence to the user, without waiting."""

    def __call__(self, severity: Severity, sentence: str) -> None: ...


class Notices:
    """The sentences that one server has shown."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def tell_once(self, severity: Severity, sentence: str, *, known_as: str = "") -> None:
        """Show a sentence unless it has been shown before; those `known_as` the same are one."""
        if (known_as or sentence) not in self._told:
            self._told.add(known_as or sentence)
            self._tell(severity, sentence)
