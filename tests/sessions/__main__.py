"""Write the pages: `uv run python -m tests.sessions`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.sessions import FOLDER
from tests.sessions.casts import CASTS
from tests.sessions.overview import overview
from tests.sessions.story import session_of
from tests.support.api_server import ScriptedApi


async def write_all() -> None:
    """One page after the other."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "README.md").write_text(overview(), encoding="utf-8", newline="\n")
    for cast in CASTS:
        with tempfile.TemporaryDirectory() as folder, ScriptedApi() as api:
            text = await session_of(cast, api, Path(folder))
        (FOLDER / cast.file_name).write_text(text, encoding="utf-8", newline="\n")


asyncio.run(write_all())
