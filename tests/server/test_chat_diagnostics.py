"""What stands against sending a chat is shown in it, quietly, in the right place, and never in code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from tests.support.chat_kit import ended, open_chat, send
from tests.support.editor_profiles import EGLOT, HELIX_25_07, VSCODE, Profile, in_every_editor
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.troubled_server import troubled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.lsp_client import EditorClient

WARNING = types.DiagnosticSeverity.Warning
INFORMATION = types.DiagnosticSeverity.Information
HINT = types.DiagnosticSeverity.Hint


class Found(NamedTuple):
    """One diagnostic: its code, the text it stands at, and what it says."""

    code: object
    at: str
    message: str
    severity: types.DiagnosticSeverity | None


def found(editor: EditorClient, chat: Document) -> list[Found]:
    """The diagnostics of a chat as its text is now."""
    result: list[Found] = []
    for each in editor.diagnostics.get(chat.uri, ()):
        assert each.source == "pygpt"
        try:
            at = chat.text_in(each.range)
        except ValueError:  # they are those of the text before it was changed
            at = "?"
        result.append(Found(each.code, at, each.message, each.severity))
    return result


async def codes(editor: EditorClient, chat: Document, *wanted: str) -> list[Found]:
    """The diagnostics, once they are of these kinds."""
    await editor.wait_for(
        lambda: sorted(str(each.code) for each in found(editor, chat)) == sorted(wanted),
        f"{wanted}, not {found(editor, chat)}",
    )
    return found(editor, chat)


@in_every_editor
async def test_each_context_line_that_cannot_be_sent_is_marked_in_every_editor(
    editor: Editors, workspace: Path, profile: Profile
) -> None:
    client = await editor(profile)
    (workspace / ".gitignore").write_text("*.log\n")
    (workspace / "ö.log").write_text("x")
    (workspace / ".env").write_text("KEY=1")
    lines = [
        "> #file:src/app.py",
        "> #file:😀 missing.py",
        "> #file:../outside.txt",
        "> #file:ö.log",
        "> #file:.env",
        "> #file:src/app.py:900",
        "> #nothing",
    ]
    (workspace.parent / "outside.txt").write_text("x")
    chat = open_chat(client, workspace, "## User\r\n\r\n" + "\r\n".join(lines) + "\r\n\r\nWhy?\r\n")
    all_ = await codes(
        client, chat, "missing-file", "outside", "ignored", "private", "missing-lines", "unknown-context"
    )
    assert [each.at for each in all_] == [line.removeprefix("> ") for line in lines[1:]]
    assert {each.severity for each in all_} == {WARNING}
    said = {str(each.code): each.message for each in all_}
    assert "`*.log` in .gitignore" in said["ignored"]
    assert "environment files are never sent" in said["private"]
    assert all("This line " in message for message in said.values())
    chat.swap("\r\n".join(lines[1:]), "")
    await codes(client, chat)


async def test_what_is_wrong_with_the_front_matter_is_found_with_its_line(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(EGLOT)
    text = "---\nmodel: 5.5\ntemprature: 1\ntemperature: 😀\npreset: nobody\n---\n\n## User\n\nWhy ö?\n"
    chat = open_chat(client, workspace, text)
    wrong = await codes(client, chat, "front-matter", "unknown-key", "front-matter")
    assert [each.at for each in wrong] == ["model: 5.5", "temprature: 1", "temperature: 😀"]
    assert [each.severity for each in wrong] == [WARNING, HINT, WARNING]
    assert "did you mean temperature?" in wrong[1].message
    chat.swap("model: 5.5\ntemprature: 1\ntemperature: 😀\n", "")
    (unknown,) = await codes(client, chat, "unknown-preset")
    assert unknown.at == "preset: nobody"
    chat.swap("preset: nobody", "model: [")
    (broken,) = await codes(client, chat, "front-matter")
    assert "not valid YAML" in broken.message
    chat.swap("model: [", "model: m")
    await codes(client, chat)
    chat.swap("---\n\n##", "\n\n##")
    (open_,) = await codes(client, chat, "front-matter")
    assert (open_.at, "has no end" in open_.message) == ("---", True)


async def test_a_fence_that_hides_headings_a_name_for_nothing_and_a_chat_too_large_are_found(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(HELIX_25_07, options={"max_input_tokens": 600})
    chat = open_chat(client, workspace, "## User\n\n/nonsense\n")
    (mention,) = await codes(client, chat, "unknown-mention")
    assert mention.at == "/nonsense"
    chat.swap("/nonsense", "```python\n\n## Assistant\n\nwords")
    (fence,) = await codes(client, chat, "open-fence")
    assert fence.at == "```python"
    chat.swap("```python\n\n## Assistant\n\nwords", "many words " * 1000)
    (large,) = await codes(client, chat, "too-large")
    assert large.at == "## User"
    assert "more than your limit of 600 (max_input_tokens)" in large.message
    client.change_configuration({"max_input_tokens": 100_000})
    await codes(client, chat)


async def test_a_mistyped_prompt_with_words_is_told_to_be_text(editor: Editors, workspace: Path) -> None:
    client = await editor(HELIX_25_07)
    chat = open_chat(client, workspace, "## User\n\n/exlpain it ö\n")
    (mention,) = await codes(client, chat, "unknown-mention")
    assert (mention.at, mention.severity) == ("/exlpain it ö", INFORMATION)
    assert mention.message == "There is no prompt /exlpain, so this is sent as text."
    chat.swap("/exlpain", " /exlpain")
    await codes(client, chat)


async def test_context_within_a_line_is_told_to_be_text(editor: Editors, workspace: Path) -> None:
    client = await editor(VSCODE)
    said = (
        "Ö: why does #file:src/app.py 😀 that?\r\n- #selection\r\nin #buffer, #diff-like `a #diff` #1 #x:\r\n"
        "```\r\na #buffer\r\n```\r\n> a #buffer\r\n"
    )
    chat = open_chat(client, workspace, f"## User\r\n\r\n> #file:src/app.py\r\n\r\n{said}")
    inline = await codes(client, chat, *["inline-context"] * 3)
    assert [each.at for each in inline] == ["#file:src/app.py", "#selection", "#buffer"]
    assert inline[0].message.endswith("> #file:src/app.py")
    assert {each.severity for each in inline} == {INFORMATION}
    chat.swap(said, "Why?")
    await codes(client, chat)


async def test_diagnostics_follow_the_selection_other_documents_and_settings_and_go_when_the_chat_is_closed(
    editor: Editors, workspace: Path
) -> None:
    client = await editor(VSCODE)
    source = client.open(workspace / "src/app.py")
    chat = open_chat(client, workspace, "## User\n\n> #selection\n> #file:src/app.py:25\n\nWhy?\n")
    await codes(client, chat, "no-selection", "missing-lines")
    source.type("\n# more\n# more\n", at=len(source.text))
    await codes(client, chat, "no-selection")
    await client.code_actions(source, source.range_of("import sys"))
    await codes(client, chat)
    chat.type("> #nothing\n", at=9)
    await codes(client, chat, "unknown-context")
    client.close_document(chat)
    await client.wait_for(lambda: not client.diagnostics[chat.uri], "the diagnostics to go")
    assert set(client.diagnostics) == {chat.uri}


async def test_an_excluded_file_that_is_open_is_told_of_and_asked_about_once(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    (workspace / ".gitignore").write_text("secret.txt\n")
    (workspace / "secret.txt").write_text("canary ö\n")
    client.open(workspace / "secret.txt")
    chat = open_chat(client, workspace, "## User\n\n> #file:secret.txt\n\nWhy?\n")
    (told,) = await codes(client, chat, "ignored")
    assert (told.severity, "`secret.txt` in .gitignore" in told.message) == (INFORMATION, True)
    await send(client, chat)
    await client.wait_for(lambda: client.questions, "the question")
    await client.wait_for(lambda: any("you chose not to send it" in m.message for m in client.messages), "no")
    assert not api.requests
    client.answers.append("Send it")
    await send(client, chat)
    await ended(client)
    chat.type("And?", at=len(chat.text))
    await send(client, chat)
    await ended(client, 2)
    assert len(client.questions) == 2
    assert "`secret.txt` in .gitignore" in client.questions[0].message
    assert all("canary ö" in request.text for request in api.requests)
    await codes(client, chat)


async def test_a_private_file_is_never_sent_open_or_not_and_nobody_is_asked(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    (workspace / ".env").write_text("canary\n")
    client.open(workspace / ".env", "plaintext")
    chat = open_chat(client, workspace, "## User\n\n> #file:.env\n\nWhy?\n")
    await codes(client, chat, "private")
    await send(client, chat)
    await client.wait_for(
        lambda: any("are never sent" in each.message for each in client.messages), "the reason"
    )
    assert not client.questions
    assert not api.requests


async def test_without_any_source_of_a_key_that_is_told_once_and_no_command_is_run(
    home: Path, workspace: Path, tmp_path: Path
) -> None:
    env = clean_env(home, OPENAI_BASE_URL="https://api.example.org/v1")
    editors = Editors(env, workspace, troubled("no-keyring"))
    client = await editors(VSCODE, options={"updates": {"check": False}})
    chat = open_chat(client, workspace, "## User\n\nWhy ö?\n\n## Assistant\n\nSo.\n\n## User\n")
    (told,) = await codes(client, chat, "no-api-key")
    assert (told.at, told.severity) == ("## User", INFORMATION)
    (where,) = client.diagnostics[chat.uri]
    assert where.range.start.line == 8
    ran = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(ran)!r}, 'w')"]
    client.change_configuration({"api_key_command": command})
    await codes(client, chat)
    assert not ran.exists()
    assert not await editors.close()
