"""Numbers in sentences for people."""

from __future__ import annotations


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 turn`, `2 turns`, `1,000 copies of code`; `several` where the noun takes more than an s."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"
