"""Secrets stay where they lie: a key and eleven others, searched for wherever the server writes.

They are made up for each run. The session goes after them: chats name their files, one is in code that is
worked on, and a library that reads `.netrc` by itself would send one to the very hosts of this session.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from .packets import streams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .canaries import Canaries
    from .runs import Run

pytestmark = pytest.mark.privacy


@pytest.fixture(params=["as_installed", "readable", "quiet"])
def run(request: pytest.FixtureRequest) -> Run:
    """Each of the runs."""
    return request.getfixturevalue(request.param)


def shown(canaries: Canaries, texts: Iterable[bytes]) -> set[str]:
    """The places of the canaries that are to be seen in any of the texts."""
    return {canary.place for text in texts for canary in canaries.all if canary.is_in(text)}


def without_the_key(run: Run, text: bytes) -> bytes:
    """The text of a request without the one header that a key belongs in."""
    return text.replace(b"\r\nAuthorization: Bearer %b\r\n" % run.canaries.key.secret.encode(), b"\r\n")


def test_the_search_finds_a_secret_however_it_is_written(run: Run) -> None:
    for canary in run.canaries.all:
        for text in (canary.secret, f"me:{canary.secret}", f"x{canary.secret}y", f"yes{canary.secret}"):
            assert canary.is_in(text.encode())
            assert canary.is_in(base64.b64encode(text.encode()))


def test_no_secret_goes_out_but_the_key_in_its_header(as_installed: Run, readable: Run) -> None:
    for run in (as_installed, readable):
        assert len(run.requests) > 30
        assert shown(run.canaries, (without_the_key(run, each.raw) for each in run.requests)) == set()


def test_no_secret_is_on_the_wire_but_the_key_in_its_header(readable: Run) -> None:
    key = readable.canaries.key.secret.encode()
    opened = streams(readable.packets)
    assert sum(stream.sent.count(key) for stream in opened) == len(readable.requests) - 1  # the version check
    assert shown(readable.canaries, (without_the_key(readable, stream.sent) for stream in opened)) == set()
    assert shown(readable.canaries, (stream.received for stream in opened)) == set()


def test_no_secret_is_written_to_any_file(run: Run) -> None:
    assert run.in_files == set()


def test_no_secret_is_logged_even_at_the_level_that_logs_texts(run: Run) -> None:
    assert "Schöne Grüße" in run.log.decode()
    assert shown(run.canaries, (run.log, run.editor.stderr.encode())) == set()


def test_the_editor_is_told_no_secret_but_in_the_edit_of_the_code_that_holds_it(run: Run) -> None:
    told = [entry.message for entry in run.editor.peer.journal if entry.way == "in"]
    edits = [each for each in told if each.get("method") == "workspace/applyEdit"]
    others = [each for each in told if each.get("method") != "workspace/applyEdit"]
    assert shown(run.canaries, (json.dumps(each, ensure_ascii=False).encode() for each in others)) == set()
    code = (run.project / "src/client.py").as_uri()
    elsewhere = [
        change
        for edit in edits
        for change in edit["params"]["edit"]["documentChanges"]
        if change.get("textDocument", {}).get("uri") != code
    ]
    assert shown(run.canaries, [json.dumps(elsewhere, ensure_ascii=False).encode()]) == set()
    assert shown(run.canaries, [json.dumps(edits).encode()]) <= {run.canaries.in_code.place}
