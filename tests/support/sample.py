"""The source file that most tests work on."""

from __future__ import annotations

SAMPLE = '''\
"""Grüße in alle Welt. 😀"""

import sys


def greet(name: str) -> str:
    """Say hello to ö and 😀."""
    greeting = "Schöne Grüße, 😀 " + name
    return greeting


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self, n):
        self.count += n
        return self.count


if __name__ == "__main__":
    print(greet(sys.argv[1]))
'''
