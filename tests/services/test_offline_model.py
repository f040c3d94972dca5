"""The offline stand-in: the whole way of an answer without a key and without a network."""

from __future__ import annotations

import ast
import re
import socket
import textwrap
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.actions import Action, action_by_id
from pygpt_lsp.core.context import ContextPart, render_part
from pygpt_lsp.core.errors import ErrorKind, ModelError, RequestRefused
from pygpt_lsp.core.messages import Finished, Message, ModelRequest, TextDelta
from pygpt_lsp.core.prompts import edit_messages, insert_messages
from pygpt_lsp.services.api_key import ApiKey
from pygpt_lsp.services.chat_model import OpenAIChatModel
from pygpt_lsp.services.egress import Egress
from pygpt_lsp.services.offline_answers import offline_answer
from pygpt_lsp.services.offline_model import BASE_URL, MODEL, OfflineTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx2

PYTHON = """\
import os
from pathlib import Path

def read_rows(path, limit=10):
    rows = []
    for line in Path(path).open():
        rows.append(line)
    if not rows:
        raise ValueError("größe 😀")
    return rows
"""


async def no_wait(_: float) -> None:
    pass


def offline(base_url: str = BASE_URL, api: Literal["auto", "responses", "chat"] = "auto") -> OpenAIChatModel:
    egress = Egress(
        api_base_url=base_url,
        update_url="https://pygpt.net/api/version",
        connect_timeout=1,
        idle_timeout=10,
        env={},
        transport=OfflineTransport(delay=0.02, sleep=no_wait),
    )
    return OpenAIChatModel(egress, ApiKey("offline"), api=api, env={})


def selection(code: str, language: str = "python") -> str:
    part = ContextPart("selection", "src/rows.py", 1, 9, code.rstrip("\n"), 0, language)
    return f"{render_part(part)}\n\nExplain what this code does."


def edit(region: str, language: str = "python", action: str = "document") -> str:
    messages = edit_messages(
        _action(action),
        instruction=None,
        material="### Head of the file: a.py, line 1\n\n```python\nimport os\n```",
        region=region,
        first_line=7,
        language_id=language,
        path="a.py",
        user_system="",
    )
    return messages[-1].content


def _action(name: str) -> Action:
    action = action_by_id(name)
    assert action is not None
    return action


def block_of(answer: str) -> str:
    """The text of the only fenced block."""
    blocks = re.findall(r"^(`{3,})[^\n]*\n(.*?)^\1$", answer, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, answer
    return blocks[0][1]


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize("base_url", [BASE_URL, "https://api.openai.com/v1"])
async def test_it_streams_through_the_sdk_and_the_door_and_opens_no_socket(
    monkeypatch: pytest.MonkeyPatch, api: Literal["responses", "chat"], base_url: str
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    model = offline(base_url, api)
    request = ModelRequest("gpt-5.5", (Message("system", "x"), Message("user", selection(PYTHON))))
    events = [event async for event in model.stream(request)]
    await model.aclose()
    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(pieces) > 20
    assert "".join(pieces) == offline_answer(selection(PYTHON))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.finish_reason, finished.model) == ("stop", MODEL)
    assert finished.usage.input_tokens
    assert finished.usage.output_tokens


async def test_the_guard_stands_before_it_as_before_the_network() -> None:
    egress = Egress(
        api_base_url=BASE_URL,
        update_url="https://pygpt.net/api/version",
        connect_timeout=1,
        idle_timeout=10,
        env={},
        transport=OfflineTransport(),
    )
    async with egress.api_client() as client:
        with pytest.raises(RequestRefused):
            await client.get("https://evil.example.com/offline/v1/models")
        assert (await client.get(f"{BASE_URL}/models")).json()["data"][0]["id"] == MODEL
        assert (await client.get(f"{BASE_URL}/files")).status_code == 404


async def test_it_can_be_stopped_in_the_middle() -> None:
    model = offline()
    events = model.stream(ModelRequest("m", (Message("user", "hello"),)))
    assert isinstance(await anext(events), TextDelta)
    await events.aclose()
    await model.aclose()


async def test_an_address_it_does_not_have_is_an_error_like_any_others() -> None:
    class Moved(OfflineTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.url = request.url.copy_with(path="/nowhere")
            return await super().handle_async_request(request)

    egress = Egress(
        api_base_url=BASE_URL, update_url="", connect_timeout=1, idle_timeout=1, env={}, transport=Moved()
    )
    model = OpenAIChatModel(egress, ApiKey("k"), env={})
    with pytest.raises(ModelError) as raised:
        await anext(model.stream(ModelRequest("m", (Message("user", "q"),))))
    assert raised.value.kind is ErrorKind.BAD_REQUEST
    await model.aclose()


@pytest.mark.parametrize(
    "question", ["hello", "", selection(PYTHON), edit(PYTHON), edit("x = 1\n"), "a ⟦cursor⟧ b", "```\n```"]
)
def test_every_answer_says_that_it_is_no_model(question: str) -> None:
    assert "offline stand-in, not a model" in offline_answer(question).split("\n")[0]


def test_an_explanation_names_what_is_in_the_code() -> None:
    answer = offline_answer(selection(PYTHON))
    for fact in ("`read_rows`", "Takes `path`, `limit`", "Returns a value", "loop", "Raises `ValueError`"):
        assert fact in answer
    assert "- `import os`" in answer
    assert "`open`" not in answer.replace("`Path(path).open`", "")


def test_an_explanation_of_another_language_names_its_definitions() -> None:
    answer = offline_answer(
        selection("use std::fs;\npub fn load(path: &str) -> u8 { 1 }\nstruct Row;\n", "rust")
    )
    assert "`load`** (fn): takes `path: &str`" in answer
    assert "`Row`** (struct)" in answer
    assert "- `use std::fs;`" in answer


def test_half_written_code_is_explained_by_its_lines() -> None:
    answer = offline_answer(selection("def broken(:\n    x = '\\d'\n"))
    assert "offline stand-in" in answer


def test_documenting_adds_a_docstring_and_changes_nothing_else() -> None:
    region = textwrap.indent(PYTHON, "    ")
    lines = region.splitlines()
    new = block_of(offline_answer(edit(region))).splitlines()
    kept = iter(new)
    assert all(line in kept for line in lines)  # in this order
    (function,) = (
        n for n in ast.walk(ast.parse(textwrap.dedent("\n".join(new)))) if isinstance(n, ast.FunctionDef)
    )
    docstring = ast.get_docstring(function)
    assert docstring is not None
    assert docstring.startswith("Read rows.")
    assert "offline stand-in" in docstring


def test_the_first_definition_without_a_docstring_gets_one_above_its_comments() -> None:
    region = (
        'class A:\n    """A."""\n\n    @property\n    def b(self):\n'
        "        # why\n        @x\n        def c(): pass\n"
    )
    new = block_of(offline_answer(edit(region)))
    assert '    def b(self):\n        """B.\n' in new
    assert '        """\n        # why\n        @x\n' in new


@pytest.mark.parametrize(
    ("language", "region", "first"),
    [
        ("rust", "  fn a() {}\n", "  // Defines `a`"),
        ("lua", "x = 1\n", "-- 1 line of code"),
        ("html", "<p>\n</p>\n", "<!-- 2 lines of code"),
        ("python", "x = 1\ny = 2", "# 2 lines of code"),
        ("python", "def f(): return 1\n", "# Defines `f`"),
        ("python", "def broken(:\n", "# Defines `broken`"),
    ],
)
def test_where_no_docstring_fits_a_comment_of_the_language_is_put_above(
    language: str, region: str, first: str
) -> None:
    new = block_of(offline_answer(edit(region, language)))
    assert new.startswith(first)
    assert new.partition("\n")[2].rstrip("\n") == region.rstrip("\n")


def test_an_insertion_is_one_comment() -> None:
    messages = insert_messages(
        _action("implement"),
        instruction=None,
        material="",
        surroundings="```python\ndef f():\n    ⟦cursor⟧\n```",
        language_id="python",
        path="a.py",
        user_system="",
    )
    assert block_of(offline_answer(messages[-1].content)).startswith(
        "# The offline stand-in cannot write code"
    )


def test_a_region_with_fences_stays_one_block() -> None:
    region = 'x = """\n```\n````\n"""\n'
    assert block_of(offline_answer(edit(region))).endswith(region)


def _in_order(lines: Sequence[str], within: Sequence[str]) -> bool:
    rest = iter(within)
    return all(line in rest for line in lines)


@given(
    st.text(st.sampled_from("def f(a):\n #`'\"\\ö😀\t~x=1"), max_size=60),
    st.sampled_from(["python", "c", ""]),
)
def test_an_edit_keeps_every_line_of_any_region(region: str, language: str) -> None:
    answer = offline_answer(edit(region, language))
    assert _in_order(region.rstrip("\n").split("\n"), answer.split("\n"))
