"""The story that every session tells, and what one sees of it in an editor that can more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygpt_lsp.core.history_page import parse_page
from pygpt_lsp.lsp.chat_features import FEATURES
from tests.sessions.messages import Names
from tests.sessions.recorder import Recorder
from tests.support.actions_kit import entry
from tests.support.api_wire import Tokens
from tests.support.chat_kit import ends, holds, shown_chat, told
from tests.support.completion_kit import until
from tests.support.editor_profiles import capability
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.page_kit import page_of
from tests.support.prompt_kit import put, put_preset, put_prompt
from tests.support.request_kit import page, text_of
from tests.support.server_kit import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sessions.casts import Cast
    from tests.support.api_server import ScriptedApi
    from tests.support.editor_document import Document
    from tests.support.lsp_client import EditorClient

CODE = '''\
"""Grüße. 😀"""


def greet(name):
    """Say hello, ö and 😀."""
    text = "Hello, 😀 " + name
    text = "Hello, 😀 " + name
    return text
'''
EDIT = """\
The second line does what the first one has done. 😀

src/app.py
```python
<<<<<<< SEARCH
    text = "Hello, 😀 " + name
    text = "Hello, 😀 " + name
=======
    text = "Hello, 😀 " + name
>>>>>>> REPLACE
```

That is all."""
OPTIONS = {"prices": {"gpt-5.5": [1.25, 10]}, "max_input_tokens": 20_000}
INTRODUCTION = """\
Recorded from a real server process, with what {title} says that it can do
(`tests/clients/{recording}`) and a scripted model. [How to read it](README.md#how-to-read-a-session)."""


def _workspace_in(folder: Path) -> Path:
    """The files that the story is about."""
    root = folder / "project"
    put(root, "src/app.py", CODE)
    put(root, "notes ö 😀.md", "Greet once.\n")
    put(root, "AGENTS.md", "Keep functions short.\n")
    put_preset(root, "careful", "---\nreasoning_effort: high\n---\nThink before you answer.\n")
    put_prompt(root, "check", "---\ntitle: Check\n---\nSay what is superfluous.\n")
    return root


class Story:
    """One session in one editor."""

    def __init__(self, cast: Cast, client: EditorClient, api: ScriptedApi, root: Path) -> None:
        self._cast = cast
        self._client = client
        self._api = api
        self._root = root
        names = {
            (root / ".pygpt/cache").as_uri(): "…",
            root.as_uri(): "file:///project",
            str(root): "/project",
            api.origin: "http://127.0.0.1:8080",
        }
        self._page = Recorder(client, Names(names))
        self._code: Document
        self._chat: Document

    async def tell(self) -> str:
        """Play it; the page."""
        await self._starts()
        await self._asks()
        await self._writes()
        await self._looks()
        await self._is_warned()
        await self._previews()
        await self._sends_and_stops()
        await self._regenerates()
        await self._forks()
        await self._applies()
        await self._searches()
        self._page.step("The chat at the end", "It is a Markdown file; what it says is what is sent next.")
        self._page.show("markdown", self._chat.text)
        introduction = INTRODUCTION.format(title=self._cast.title, recording=self._cast.profile.recording)
        return self._page.page(f"A session in {self._cast.title}", introduction)

    def _can(self, path: str) -> bool:
        return capability(self._client.capabilities, path) not in (None, False)

    async def _starts(self) -> None:
        step, client = self._page.step, self._client
        step(
            "The editor starts",
            "The user opens `src/app.py`; the editor starts the server and shares the file.",
        )
        with self._page.messages(
            "initialize",
            "initialized",
            "client/registerCapability",
            "textDocument/didOpen",
            without=("capabilities", "clientInfo", "processId", "rootPath", "rootUri", "trace", "locale"),
        ):
            await client.initialize(OPTIONS)
            self._code = client.open(self._root / "src/app.py")
            awaited = {each.method for each in FEATURES if self._can(_dynamic(each.method))}
            await client.wait_for(lambda: awaited <= set(client.registrations), "the registrations")

    async def _asks(self) -> None:
        page, client, code = self._page, self._client, self._code
        page.step(
            "Asks about a selection",
            f"They select the body of `greet`, open the menu with {self._cast.menu} and choose *Ask…*. No"
            " input box is needed: a chat about these lines opens, with the cursor where the question goes.",
        )
        start = code.find("def greet")
        where = code.range(start, len(code.text))
        # The first look at the user's prompts may take longer than a menu waits: then it is without them.
        while not any(offer.title == "PyGPT: Check" for offer in await client.code_actions(code, where)):
            pass
        with page.messages("textDocument/codeAction"):
            menu = await client.code_actions(code, where)
        with page.messages("workspace/executeCommand", "window/showDocument", "window/showMessage"):
            await client.choose(entry(menu, "Ask…"))
            self._chat = await shown_chat(client)
        if not self._can("window.showDocument"):
            page.say("This editor opens no document for a server: the message names it, the user opens it.")
        page.show("markdown", self._chat.text)

    async def _writes(self) -> None:
        page, chat = self._page, self._chat
        page.step(
            "Writes, with completion",
            "They complete a key of the front matter, a file by some letters of its name, a preset and a"
            " prompt. Nothing is sent to the model for this.",
        )
        await self._completes(chat.find("---\n\n## User"), "te", "temperature")
        chat.type("0.2\n", at=chat.find("---\n\n## User"))
        end = len(chat.text.rstrip("\n")) + 1
        await self._completes(end, "#no", "notes ö 😀.md")
        chat.replace(len(chat.text.rstrip("\n")), len(chat.text), "\n\n\n")
        await self._completes(self._end(), "@", "@careful")
        self._types_at_end(" ")
        await self._completes(self._end(), "/ch", "/check")
        self._types_at_end(" Why is there a line twice?")
        page.show("markdown", chat.text[chat.find("## User") :])

    async def _completes(self, at: int, letters: str, label: str) -> None:
        """Type some letters and take an entry; the lists of files come a moment after they are asked for."""
        self._chat.type(letters, at=at)
        with self._page.messages("textDocument/completion", last=True):
            shown = await until(self._client, self._chat, label, at=at + len(letters))
        shown.choose(label)

    def _end(self) -> int:
        """Where the user types on at the end: in the last line, whose end not every editor shows."""
        return len(self._chat.text.removesuffix("\n"))

    def _types_at_end(self, text: str) -> None:
        self._chat.type(text, at=self._end())

    async def _looks(self) -> None:
        page, cast = self._page, self._cast
        page.step(
            "Looks at what would be sent",
            f"They hover over a context line ({cast.hover}), which shows what is sent for it, and over"
            " the turn.",
        )
        with page.messages("textDocument/hover"):
            shown = await self._asks_at("hover", "#file:src")
            await self._asks_at("hover", "## User")
        page.say("The first of them whole:")
        page.show("markdown", shown.contents.value)
        page.step(
            "Finds their way",
            f"The outline ({cast.outline}) and {cast.definition} on a context line work as in code.",
        )
        with page.messages("textDocument/documentSymbol", "textDocument/definition"):
            await self._asks_for("documentSymbol")
            await self._asks_at("definition", "#file:src")
        more = {"foldingRange": "folds", "documentLink": "links", "codeLens": "lenses above turns"}
        can = [name for name in more if self._can(f"textDocument.{name}")]
        if can:
            page.say(f"The editor also asks for {_listed([more[name] for name in can])}.")
            with page.messages(*(f"textDocument/{name}" for name in can)):
                for name in can:
                    await self._asks_for(name)
        cannot = [what for name, what in more.items() if name not in can]
        if cannot:
            page.say(f"It has no {_listed(cannot, 'or')}; what a lens does is in the menu too.")

    async def _is_warned(self) -> None:
        page, chat, client = self._page, self._chat, self._client
        page.step(
            "Mistypes a file, and sees how much would be sent",
            "A context line that leads nowhere is marked a moment after it was typed, and the mark goes when"
            " it is corrected. Beside the heading stands what the request would take.",
        )
        # What was marked while they typed the name of the prompt is gone by now.
        await client.wait_for(lambda: not client.diagnostics.get(chat.uri), "no marks")
        line = "> #file:src/gone.py\n"
        with page.messages("textDocument/publishDiagnostics"):
            chat.type(line, at=chat.find("> #file:src"))
            await client.wait_for(lambda: client.diagnostics.get(chat.uri), "the warning")
            chat.swap(line, "")
            await client.wait_for(lambda: not client.diagnostics.get(chat.uri), "the warning to go")
        everything = chat.range(0, len(chat.text))
        with page.messages("textDocument/inlayHint", last=True):
            await eventually(
                lambda: self._asks_for("inlayHint", range=everything),
                lambda hints: hints and hints[0].tooltip is not None,  # without, it is an older one
                "the hint of what is in the chat now",
            )

    async def _previews(self) -> None:
        page_, client = self._page, self._client
        page_.step(
            "Reads the request before it is sent",
            "At the heading the menu offers what can be done with the chat. They choose *Preview request*.",
        )
        with page_.messages("textDocument/codeAction"):
            menu = await client.code_actions(self._chat, self._chat.cursor(self._chat.find("## User")))
        with page_.messages("workspace/executeCommand", "window/showDocument", "window/showMessage"):
            await client.choose(entry(menu, "Preview request"))
            shown = await page(client)
        self._page.names.add(shown.name.removesuffix(".md"), "request")
        page_.say("The page begins so; below stand head and body of the request, byte for byte.")
        page_.show("markdown", text_of(shown).partition("\n## ")[0])

    async def _sends_and_stops(self) -> None:
        page, client, chat = self._page, self._client, self._chat
        page.step(
            "Sends, and sees it stream",
            "*Send* puts the next turns into the chat at once; the answer grows there. Sending once more is"
            " refused in a sentence.",
        )
        reply = self._api.stream()
        with page.messages(
            "workspace/executeCommand",
            "window/workDoneProgress/create",
            "$/progress",
            "workspace/applyEdit",
            "window/showMessage",
        ):
            await self._menu("## User", "Send")
            await self._begun(1)
            reply.send("The second line ")
            await holds(client, chat, "The second line ")
            reply.send("repeats the first. 😀\n\n```python\n")
            await holds(client, chat, "```python\n")
            await client.execute("pygpt.chat.send", {"uri": chat.uri})
            await told(client, "being answered already")
        page.step(
            "Types meanwhile, and stops",
            "They write the next question below the answer that is still growing. Then they stop it: what"
            " came is kept, marked, and its open code fence is closed. In the menu, Stop comes first.",
        )
        with page.messages(
            "textDocument/codeAction", "workspace/applyEdit", "workspace/executeCommand", "$/progress"
        ):
            chat.type("And what should I do?", at=self._end())
            chat.flush()
            await client.choose((await client.code_actions(chat, chat.cursor(0)))[0])
            await client.wait_for(lambda: ends(client), "the end")
        page.show("markdown", chat.text[chat.find("## Assistant") :])

    async def _regenerates(self) -> None:
        page, client = self._page, self._client
        page.step(
            "Asks for the answer again",
            "*Regenerate* puts a new answer in the place of the last one; the question below it stays. Then"
            " they hover over the answer.",
        )
        reply = self._api.stream()
        with page.messages("workspace/executeCommand", "workspace/applyEdit", "$/progress"):
            await self._menu("## Assistant", "Regenerate")
            await self._begun(2)
            reply.send(EDIT)
            reply.finish(usage=Tokens(400, 60))
            await client.wait_for(lambda: len(ends(client)) >= 2, "the end")
        with page.messages("textDocument/hover"):
            await self._asks_at("hover", "## Assistant")

    async def _forks(self) -> None:
        page, client = self._page, self._client
        page.step("Forks", "*Fork here* at the answer goes on from there in a chat of its own.")
        before = len(client.messages) + len(client.shown)
        with page.messages("workspace/executeCommand", "window/showDocument", "window/showMessage"):
            await self._menu("## Assistant", "Fork here")
            await client.wait_for(lambda: len(client.messages) + len(client.shown) > before, "the fork")

    async def _applies(self) -> None:
        page, client, code = self._page, self._client, self._code
        page.step("Applies the edit", "*Apply* at the block changes the code, as one undo step.")
        with page.messages("workspace/executeCommand", "workspace/applyEdit", "window/showMessage"):
            await self._menu("<<<<<<< SEARCH", "Apply this edit")
            await told(client, "src/app.py")
        page.show("python", code.text)

    async def _searches(self) -> None:
        page, client = self._page, self._client
        page.step(
            "Finds it again",
            "Another day they search the history with `pygpt.history.search`. On each entry the menu offers"
            " to open, fork and delete it.",
        )
        with page.messages("workspace/executeCommand", "window/showDocument", "window/showMessage"):
            await client.execute("pygpt.history.search", "line twice")
            found = await page_of(client, "history.chat.md")
            for conversation in parse_page(found.text.splitlines()):
                page.names.add(conversation.id, "conversation")
        with page.messages("textDocument/codeAction"):
            await client.code_actions(found, found.cursor(found.text.index("\n## ") + 1))
        page.show("markdown", found.text)

    async def _begun(self, count: int) -> None:
        """Wait for the progress of so many jobs, which an answer's first piece may come before."""
        progress = self._client.progress
        await self._client.wait_for(
            lambda: sum(each.begun is not None for each in progress.values()) == count, "the progress"
        )

    async def _menu(self, at: str, title: str) -> None:
        """Choose from the chat's menu where that text stands."""
        where = self._chat.cursor(self._chat.find(at))
        await self._client.choose(entry(await self._client.code_actions(self._chat, where), title))

    async def _asks_at(self, what: str, at: str) -> Any:
        """The answer to `textDocument/…` about the only place of that text."""
        return await self._asks_for(what, position=self._chat.position(self._chat.find(at) + 1))

    async def _asks_for(self, what: str, **more: Any) -> Any:
        """The answer to `textDocument/…` about the chat."""
        params = {"textDocument": {"uri": self._chat.uri}, **more}
        return await self._client.request(f"textDocument/{what}", params)


def _dynamic(method: str) -> str:
    return f"{method.replace('/', '.')}.dynamicRegistration"


def _listed(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


async def session_of(cast: Cast, api: ScriptedApi, folder: Path) -> str:
    """The page of one session, played in an empty folder."""
    home = folder / "home"
    home.mkdir()
    root = _workspace_in(folder)
    editors = Editors(clean_env(home, **api.env()), root)
    try:
        client = await editors(cast.profile, initialize=False)
        text = await Story(cast, client, api, root).tell()
    finally:
        problems = await editors.close()
    assert not problems, problems
    return text
