"""The outline and the folds of a chat, as each editor gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.support.chat_kit import open_chat
from tests.support.editor_profiles import (
    HELIX_25_07,
    NEOVIM_0_12,
    VSCODE,
    capability,
    in_editors,
    in_every_editor,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.support.editor_document import Document
    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors
    from tests.support.lsp_client import EditorClient

CHAT = """\
---
model: gpt-5.5
---

## User

> #file:src/app.py:1-3
> #diagnostics

Why ö 😀?

## Assistant

# 😀 Grüße ö

```python
def ö():
    return "😀"
```

## Then

src/app.py
```python
<<<<<<< SEARCH
old ö
=======
new 😀
>>>>>>> REPLACE
```

### End 😀

## User

"""
OUTLINE = [
    "User: Why ö 😀?",
    "Assistant: 😀 Grüße ö",
    "  😀 Grüße ö",
    "    def ö():",
    "    Then",
    "      End 😀",
    "User",
]


async def symbols(editor: EditorClient, chat: Document) -> Sequence[types.DocumentSymbol]:
    return await editor.request("textDocument/documentSymbol", {"textDocument": {"uri": chat.uri}})


async def folds(editor: EditorClient, chat: Document) -> Sequence[types.FoldingRange]:
    return await editor.request("textDocument/foldingRange", {"textDocument": {"uri": chat.uri}})


def outline(symbols: Sequence[types.DocumentSymbol], depth: int = 0) -> Iterator[str]:
    """The names, indented."""
    for symbol in symbols:
        yield "  " * depth + symbol.name
        yield from outline(symbol.children or (), depth + 1)


def every(symbols: Sequence[types.DocumentSymbol]) -> Iterator[types.DocumentSymbol]:
    for symbol in symbols:
        yield symbol
        yield from every(symbol.children or ())


@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["lf", "crlf"])
@in_every_editor
async def test_the_outline_names_turns_headings_and_code(
    editor: Editors, workspace: Path, profile: Profile, eol: str
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT.replace("\n", eol))
    found = await symbols(client, chat)
    if capability(client.capabilities, "textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"):
        assert list(outline(found)) == OUTLINE
        for symbol in every(found):
            assert chat.text_in(symbol.selection_range) == chat.text_in(symbol.range).split(eol)[0]
            for child in symbol.children or ():
                assert chat.text_in(child.range) in chat.text_in(symbol.range)
        (code,) = [symbol for symbol in every(found) if symbol.name == "def ö():"]
        assert chat.text_in(code.range).split(eol)[-2:] == ['    return "😀"', "```"]
        (last,) = [symbol for symbol in every(found) if symbol.name == "End 😀"]
        assert chat.text_in(last.range) == "### End 😀"
        assert chat.text_in(found[1].range).endswith("### End 😀")
    else:
        assert all(isinstance(symbol, types.SymbolInformation) for symbol in found)
        assert [symbol.name for symbol in found] == [name.strip() for name in OUTLINE]


@in_editors(HELIX_25_07, NEOVIM_0_12, VSCODE)
async def test_turns_sections_code_context_and_front_matter_fold(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    chat = open_chat(client, workspace, CHAT)
    lines = CHAT.splitlines()
    found = [(lines[fold.start_line], lines[fold.end_line]) for fold in await folds(client, chat)]
    assert found[:4] == [
        ("---", "---"),
        ("## User", "Why ö 😀?"),
        ("## Assistant", "### End 😀"),
        ("> #file:src/app.py:1-3", "> #diagnostics"),
    ]
    assert set(found[4:]) == {
        ("# 😀 Grüße ö", "### End 😀"),
        ("## Then", "### End 😀"),
        ("```python", "```"),
        ("src/app.py", "```"),
    }


async def test_a_folded_turn_shows_what_it_is_about_where_the_editor_can(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, CHAT)
    shown = [fold.collapsed_text for fold in await folds(client, chat) if fold.collapsed_text]
    assert shown == ["User: Why ö 😀?", "Assistant: 😀 Grüße ö"]


async def test_a_client_gets_no_more_folds_than_it_takes_and_the_turns_first(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(
        VSCODE,
        tweak=lambda params: params["capabilities"]["textDocument"]["foldingRange"].update(rangeLimit=3),
    )
    chat = open_chat(client, workspace, CHAT)
    assert [fold.start_line for fold in await folds(client, chat)] == [0, 4, 11]


async def test_outline_and_folds_follow_what_is_typed(editor: Editors, workspace: Path) -> None:
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, CHAT)
    await symbols(client, chat)
    chat.type("Ünd?\n", at=chat.find("Why"))
    chat.type("## Später\n\n", at=chat.find("### End"))
    after = await symbols(client, chat)
    assert list(outline(after)) == ["User: Ünd?", *OUTLINE[1:5], "    Später", *OUTLINE[5:]]
    for symbol in every(after):
        assert chat.text_in(symbol.selection_range) == chat.text_in(symbol.range).split("\n")[0]
    assert max(fold.end_line for fold in await folds(client, chat)) < chat.text.count("\n")


@pytest.mark.parametrize("text", ["", "no chat at all\n", "---\n---\n", "## User"])
async def test_a_chat_with_next_to_nothing_in_it_is_answered(
    editor: Editors, workspace: Path, text: str
) -> None:
    client = await editor(NEOVIM_0_12)
    chat = open_chat(client, workspace, text)
    assert [symbol.name for symbol in await symbols(client, chat)] == (["User"] if "User" in text else [])
    assert [(fold.start_line, fold.end_line) for fold in await folds(client, chat)] == (
        [(0, 1)] if text.startswith("---") else []
    )
