"""A whole working session: everything that a user can do, and everything that can go wrong with the API.

In two parts: `without_requests` is all that sends nothing, `with_requests` the rest. What of the server they
have used can be told from what the editor has sent (`unused`); a test fails where that is not everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.lsp.chat_features import FEATURES
from pygpt_lsp.lsp.commands import COMMANDS
from tests.support import api_failures
from tests.support.actions_kit import choose, diagnostic, fenced, idle
from tests.support.apply_kit import GREETING, HELLO, replace
from tests.support.chat_kit import holds, open_chat, send, told
from tests.support.page_kit import page_of
from tests.support.server_kit import answered, eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lsprotocol import types

    from tests.support.api_script import Request
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.lsp_client import EditorClient

ADD = "    def add(self, n):\n        self.count += n\n        return self.count\n"
ELSEWHERE = "elsewhere.example"
"""A host that a repository, a setting and an answer name, and that nobody may ask for."""
TALK = f"""\
---
model: gpt-5.5
---

## User

@brief /rhyme
> #file:src/app.py:6-9
> #symbol:src/app.py:greet
> #diagnostics:src/app.py
> #rules:AGENTS.md

Why ö 😀? ![x](https://{ELSEWHERE}/x.png)

## Assistant

So, as at <https://{ELSEWHERE}/>:

```python
x = "ö"
```

{replace("src/app.py", GREETING, HELLO)}
## User

> #diff

And now?
"""
FORBIDDEN = (
    ".env",
    "notes.local",
    ".git/config",
    "../home/.ssh/id_ed25519",
    "../home/.aws/credentials",
    "../home/.netrc",
    "../home/.git-credentials",
    "../home/.config/pygpt-lsp/config.toml",
)
"""Files that a chat names and that must not be sent."""


class WholeSession:
    """One user at work in one editor, in the project of `project.py`. `between` is called after each step."""

    def __init__(
        self, editor: EditorClient, api: ScriptedApi, workspace: Path, between: Callable[[], None]
    ) -> None:
        self._editor = editor
        self._api = api
        self._workspace = workspace
        self._between = between
        self._chats = 0
        self._answers = 0
        api.default = said

    async def without_requests(self) -> None:
        """Everything that sends nothing."""
        for step in (
            self._look_at_code,
            self._look_at_code_with_a_secret,
            self._write_a_chat,
            self._name_what_is_private,
            self._look_at_requests,
            self._change_chats,
            self._look_back,
            self._change_settings,
            self._make_mistakes,
        ):
            await step()
            self._between()

    async def with_requests(self) -> None:
        """Everything else."""
        for step in (
            self._hear_of_a_newer_version,
            self._run_every_action,
            self._work_on_code_with_a_secret,
            self._talk,
            self._stop,
            self._apply,
            self._choose_a_model,
            self._meet_errors,
            self._meet_a_wrong_address,
            self._use_the_history,
        ):
            await step()
            self._between()

    def unused(self) -> set[str]:
        """The commands, built-in actions and features that the editor has not asked for."""
        asked = [each.message for each in self._editor.peer.journal if each.way == "out"]
        used = {each["method"] for each in asked if "method" in each}
        for each in asked:
            if each.get("method") == "workspace/executeCommand":
                params = each["params"]
                used.add(params["command"])
                used |= {
                    f"action {given.get('id')}"
                    for given in params.get("arguments", [])
                    if isinstance(given, dict)
                }
        features = {feature.method for feature in FEATURES}
        return ({*COMMANDS, *features} | {f"action {name}" for name in ACTION_IDS}) - used

    # What sends nothing

    async def _look_at_code(self) -> None:
        code = self._editor.open(self._workspace / "src/app.py")
        for automatic in (True, False):  # the latter loads what an answer needs
            await self._editor.code_actions(code, code.range_of(ADD), automatic=automatic)
        code.type("# more\n")
        await self._status()

    async def _look_at_code_with_a_secret(self) -> None:
        editor = self._editor
        code = editor.open(self._workspace / "src/client.py")
        chat = self._chat("> #file:src/client.py\n\nWhat does this send?")
        place = {"textDocument": {"uri": chat.uri}, "position": chat.position(chat.find("#file"))}
        hover: types.Hover = await editor.request("textDocument/hover", place)
        assert "TOKEN = " in str(hover.contents)
        for argument in ({"uri": chat.uri}, {"uri": code.uri, "range": code.range(0, 9), "id": "document"}):
            await self._see("pygpt.previewRequest", argument)

    async def _write_a_chat(self) -> None:
        chat = open_chat(self._editor, self._workspace, TALK)
        for feature in FEATURES:
            for needle in ("#file:src/app.py:6-9", "@brief", "## Assistant"):
                at = chat.find(needle) + 1
                place = {"position": chat.position(at), "range": chat.range(0, len(chat.text))}
                await self._editor.request(feature.method, {"textDocument": {"uri": chat.uri}, **place})

    async def _name_what_is_private(self) -> None:
        editor = self._editor
        for name in FORBIDDEN:
            chat = self._chat(f"> #file:{name}\n\nWhat is in it?")
            before = len(editor.messages)
            place = {"textDocument": {"uri": chat.uri}, "position": chat.position(chat.find(name))}
            await editor.request("textDocument/hover", place)
            await editor.wait_for(lambda uri=chat.uri: editor.diagnostics.get(uri), f"a word about {name}")
            await send(editor, chat)
            await told(editor, name.removeprefix("../"), before)

    async def _look_at_requests(self) -> None:
        code, chat = self._code, self._chat("> #file:src/app.py\n> #diff\n\nWhy?")
        where = {"uri": code.uri, "range": code.range_of(ADD)}
        for argument in ({"uri": chat.uri}, {**where, "question": "Why?"}, {**where, "id": "simplify"}):
            await self._see("pygpt.previewRequest", argument)

    async def _change_chats(self) -> None:
        editor = self._editor
        await self._see("pygpt.chat.new", {"preset": "brief"})
        editor.answers.append("New chat")
        await self._see("pygpt.ask", {"uri": self._code.uri, "range": self._code.range_of(ADD)})
        chat = open_chat(editor, self._workspace, TALK, "change.chat.md")
        at = {"uri": chat.uri, "range": chat.range_of('x = "ö"')}
        await self._see("pygpt.chat.fork", at)
        await editor.execute("pygpt.chat.insert", at)
        await editor.wait_for(lambda: 'x = "ö"' in self._code.text, "the inserted code")
        await self._see("pygpt.chat.copy", at)
        before = len(editor.messages)
        await editor.execute("pygpt.applyLast", {"uri": chat.uri})
        await told(editor, "changed src/app.py", before)
        assert HELLO in self._code.text
        await idle(editor, chat)
        await editor.execute("pygpt.chat.deleteTurn", {"uri": chat.uri, "range": chat.range_of("And now?")})
        await editor.wait_for(lambda: "And now?" not in chat.text, "the turn to be gone")

    async def _look_back(self) -> None:
        editor = self._editor
        await editor.execute("pygpt.history.search", {"query": "ö"})
        await page_of(editor, "history.chat.md")
        for command in ("pygpt.history.open", "pygpt.history.fork", "pygpt.history.delete"):
            before = len(editor.messages)
            await editor.execute(command, {"id": "nobody"})
            await told(editor, "PyGPT: ", before)
        await self._see("pygpt.privacy.show")
        await editor.execute("pygpt.model.select", {"model": "gpt-other"})
        await told(editor, "The model is gpt-other")

    async def _change_settings(self) -> None:
        editor = self._editor
        settings = self._settings
        for changed in ({"temperature": 0.5}, {"temperature": 9}, {"review": "propose"}, {}):
            editor.change_configuration({**settings, **changed})
            await self._status()

    async def _make_mistakes(self) -> None:
        editor = self._editor
        await eventually(self._status, lambda said: "nothing is running" in said, "all jobs to end")
        for command, argument in (
            ("pygpt.stop", {}),
            ("pygpt.action", {"id": "nothing"}),
            ("pygpt.chat.new", {"preset": "nobody"}),
            ("pygpt.chat.regenerate", {"uri": self._chat("Nothing yet.").uri}),
            ("pygpt.chat.send", {"uri": self._chat("> #file:missing.py\n\nWhy?").uri}),
            ("pygpt.chat.send", {"uri": self._chat("@nobody why?").uri}),
        ):
            before = len(editor.messages)
            await editor.execute(command, argument)
            await told(editor, "PyGPT: ", before)

    # What asks the API

    async def _hear_of_a_newer_version(self) -> None:
        await told(self._editor, " is out")

    async def _run_every_action(self) -> None:
        code = self._code
        message = self._editor.open(self._workspace / ".git/COMMIT_EDITMSG", "gitcommit")
        for name in ACTION_IDS:
            document, where = (message, message.cursor(0)) if name == "commit" else (code, code.range_of(ADD))
            argument = {"id": name, "uri": document.uri, "range": where, "instruction": "Do it well. ö"}
            if name == "implement":
                self._api.reply(fenced("import os\n"))
                argument["range"] = code.cursor(code.find("import sys"))
            await self._editor.execute("pygpt.action", argument)
            await self._answered()
        wrong = diagnostic(code.range_of("self.count += n"), "n may be negative")
        await choose(self._editor, code, code.range_of(ADD), "Fix", diagnostics=[wrong])
        await self._answered()
        await choose(self._editor, code, code.range_of(ADD), "As a rhyme")
        await self._answered()

    async def _work_on_code_with_a_secret(self) -> None:
        code = self._editor.document(self._workspace / "src/client.py")
        before = code.text
        where = {"uri": code.uri, "range": code.range(0, len(before))}
        self._api.default = lambda request: fenced(region_of(request).replace("Talks to", "Asks"))
        await self._editor.execute("pygpt.action", {"id": "document", **where})
        await self._answered()
        assert code.text == before.replace("Talks to", "Asks")
        self._api.default = said
        await self._editor.execute("pygpt.ask", {"question": "What does this send?", **where})
        await self._answered()

    async def _talk(self) -> None:
        editor = self._editor
        chat = open_chat(editor, self._workspace, TALK, "talk.chat.md")
        await self._send(chat)
        chat.type("> #buffer\n\nAnd that? 😀\n")
        await self._send(chat)
        await editor.execute("pygpt.chat.regenerate", {"uri": chat.uri})
        await self._answered()
        await self._see("pygpt.showLastRequest")

    async def _stop(self) -> None:
        reply = self._api.stream()
        chat = self._chat("Take your time.")
        await send(self._editor, chat)
        reply.send("Begun. ")
        await holds(self._editor, chat, "Begun. ")
        await self._editor.execute("pygpt.stop", {"uri": chat.uri})
        await self._answered()

    async def _apply(self) -> None:
        code = self._code
        old, new = "        return self.count\n", "        return self.count  # ö 😀\n"
        # The first one does not fit, which asks once more for it.
        for text in (replace("src/app.py", "return 0\n", new), replace("src/app.py", old, new)):
            self._api.reply(f"Here it is:\n\n{text}")
        chat = self._chat("> #file:src/app.py\n\nChange it.")
        await self._send(chat)
        await self._editor.execute("pygpt.applyLast", {"uri": chat.uri})
        await self._editor.wait_for(lambda: new in code.text, "the applied edit")
        code.undo()

    async def _choose_a_model(self) -> None:
        self._editor.answers.append("gpt-5.5")
        await self._editor.execute("pygpt.model.select")
        await told(self._editor, "The model is gpt-5.5")

    async def _meet_errors(self) -> None:
        api = self._api
        for failures in (
            [api_failures.bad_key()],
            [api_failures.rate_limited("0")],  # and then an answer
            [api_failures.no_quota()],
            [api_failures.server_error(500, "0")] * 3,
            [api_failures.html_error(200)],
            [api_failures.unknown_model()],
            [api_failures.redirect(f"https://{ELSEWHERE}/v1/responses")],
            [api_failures.redirect(f"http://{ELSEWHERE}/")],
        ):
            for failure in failures:
                api.fail(failure)
            await self._send(self._chat("Why?"))
        for cut in ("reset", "close", "end"):
            api.reply("Begun. ", cut=cut)
            await self._send(self._chat("Why?"))
        api.reply("Begun. ", malformed=True)
        await self._send(self._chat("Why?"))

    async def _meet_a_wrong_address(self) -> None:
        editor = self._editor
        before, settings = len(editor.messages), self._settings
        editor.change_configuration({**settings, "base_url": f"http://{ELSEWHERE}/v1"})
        await told(editor, "base_url", before)
        before = len(editor.messages)
        await send(editor, self._chat("Why?"))
        await told(editor, "Nothing was sent", before)
        self._answers += 1
        editor.change_configuration(settings)
        await self._send(self._chat("Why?"))

    async def _use_the_history(self) -> None:
        editor = self._editor
        shown = sum(each.uri.endswith("history.chat.md") for each in editor.shown)
        await editor.execute("pygpt.history.search", {"query": "why"})
        found = await page_of(editor, "history.chat.md", shown + 1)
        title = next(line for line in found.text.splitlines() if line.startswith("## "))
        for action in ("Open", "Fork"):
            before = len(editor.shown)
            await choose(editor, found, found.cursor(found.text.index(title)), action)
            await editor.wait_for(lambda count=before: len(editor.shown) > count, f"{action} to be done")
        before = len(editor.messages)
        editor.answers.append("Delete for good")
        await choose(editor, found, found.cursor(found.text.index(title)), "Delete")
        await told(editor, "Deleted ", before)

    # Short words

    @property
    def _code(self) -> Document:
        return self._editor.document(self._workspace / "src/app.py")

    @property
    def _settings(self) -> dict[str, Any]:
        """The settings that this editor was started with."""
        return self._editor.configuration["pygpt"]

    def _chat(self, question: str) -> Document:
        self._chats += 1
        return open_chat(self._editor, self._workspace, f"## User\n\n{question}\n", f"{self._chats}.chat.md")

    async def _see(self, command: str, argument: dict[str, Any] | None = None) -> None:
        """Run a command that shows a document, and wait for it."""
        shown = len(self._editor.shown)
        await self._editor.execute(command, argument or {})
        await self._editor.wait_for(lambda: len(self._editor.shown) > shown, f"what {command} shows")

    async def _status(self) -> str:
        """What the user is told of the server."""
        before = len(self._editor.messages)
        await self._editor.execute("pygpt.showStatus")
        return await told(self._editor, ": model ", before)

    async def _send(self, chat: Document) -> None:
        await send(self._editor, chat)
        await self._answered()
        await idle(self._editor, chat)

    async def _answered(self) -> None:
        """Wait for one more job to end."""
        self._answers += 1
        await answered(self._editor, self._answers)


def region_of(request: Request) -> str:
    """The code that a request wants to be replaced; "" where it wants none."""
    found = re.search(r"Region to replace:\n\n(`+)python\n(.*?)\1", request.text, re.DOTALL)
    return found[2] if found else ""


def said(request: Request) -> str:
    """What the model says unless told otherwise: the same code again, or something short."""
    region = region_of(request)
    return fenced(region) if region else "An answer. ö 😀"
