"""The recorded sessions in `docs/sessions` are what happens today, in each editor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sessions import FOLDER
from tests.sessions.casts import CASTS
from tests.sessions.messages import WIDTH, Names, laid_out, shortened
from tests.sessions.overview import overview
from tests.sessions.story import session_of
from tests.support.editor_profiles import PROFILES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sessions.casts import Cast
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_text import Json

OUTDATED = "run `uv run python -m tests.sessions`"


@pytest.mark.parametrize("cast", CASTS, ids=lambda cast: cast.profile.name)
async def test_each_session_happens_as_it_is_written_down(
    api: ScriptedApi, tmp_path: Path, cast: Cast
) -> None:
    written = (FOLDER / cast.file_name).read_bytes().decode()
    assert await session_of(cast, api, tmp_path) == written, OUTDATED


def test_the_overview_says_what_each_editor_gets() -> None:
    assert (FOLDER / "README.md").read_bytes().decode() == overview(), OUTDATED


def test_there_is_a_session_for_each_recorded_editor_and_no_other_page() -> None:
    assert tuple(cast.profile for cast in CASTS) == PROFILES
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *(cast.file_name for cast in CASTS)}


def test_a_message_is_laid_out_in_lines_of_some_length_and_stays_json() -> None:
    item = {"range": {"end": "x" * 50}, "text": "ö😀\n" * 9, "none": None}
    empty: Json = {}
    value: Json = {"items": [item] * 3, "words": ["word"] * 40, "empty": empty}
    lines = laid_out("→ method ", value)
    assert len(lines) > 3
    assert max(map(len, lines)) <= WIDTH
    assert json.loads("\n".join(lines).removeprefix("→ method ")) == value


def test_a_message_is_shortened_to_what_a_reader_wants() -> None:
    names = Names({"/tmp/x": "/project"})
    place = {"line": 3, "character": 1}
    title = {"title": "Send", "range": {"start": place, "end": place}}
    assert shortened([title, title], names.in_text) == [{"title": "Send", "range": "3:1-3:1"}, "Send"]
    token = "0251bb13-4a8b-49c3-ae26-d5bb22618ef5"
    assert shortened({"t": token, "p": "/tmp/x/ö"}, names.in_text) == {"t": "job-1", "p": "/project/ö"}
    assert names.in_text(f"{token} 2027-11-22 10:11 · 0.3 s") == "job-1 2026-01-31 09:00 · 1.0 s"
