"""The sessions in `docs/sessions`: the same story told in each recorded editor, by a real server process.

`uv run python -m tests.sessions` writes them; `tests/docs/test_sessions.py` fails where they are out of date.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs/sessions"
