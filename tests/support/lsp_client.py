"""An editor, played for whole-process tests: it starts the server, holds documents, and judges what it gets.

    editor = await editors(HELIX_25_07)   # see `Editors`, and the fixture `editor`
    doc = editor.open(workspace / "src/app.py")
    actions = await editor.code_actions(doc, doc.range_of("greet"))
    await editor.choose(actions[0])
    await editor.wait_for(lambda: "Explain" in editor.document(chat).text, "the answer in the chat")
    doc.type("x", at=0)                   # at any moment, by the test
    await editor.close()

Raw LSP JSON goes in; lsprotocol's types come out, once they have proved to be of that shape. What the server
does that it may not do is in `problems`; the `editor` fixture fails a test that leaves any there.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from lsprotocol import types

from .api_script import DEADLINE
from .editor_profiles import Profile, capability
from .editor_state import CONVERTER, LANGUAGES, EditorState, Progress
from .json_rpc import Call, LspError, Peer, ServerGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .editor_document import Document
    from .editor_text import Encoding, Json

T = TypeVar("T")
Action: TypeAlias = types.CodeAction | types.Command

SERVER = (sys.executable, "-P", "-m", "pygpt_lsp")
"""How the server is started; -P keeps the workspace out of its import path."""
_ENCODINGS: dict[str, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}


class EditorClient(EditorState):
    """The editor with its server and its user. Everything is driven from the test's own event loop."""

    def __init__(self, profile: Profile, root: Path | None, languages: Mapping[str, str] = LANGUAGES) -> None:
        super().__init__(profile, root, languages)
        self.server: types.InitializeResult
        self.process: asyncio.subprocess.Process | None = None
        self._stderr = bytearray()
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: set[asyncio.Future[None]] = set()
        self.gone = False
        """The server closed its side."""
        self._closed = False

    # Life

    async def spawn(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        """Start the server process with `env` as its whole environment, and say nothing to it yet."""
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd=cwd
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.attach(self.process.stdout, self.process.stdin)
        self._tasks.append(asyncio.create_task(self._read_stderr()))

    def attach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to a server that is already running, over a socket for instance."""
        self.peer = Peer(reader, writer, self.receive, self.problems.append)
        self._tasks.append(asyncio.create_task(self._read()))

    async def initialize(
        self, options: Json | None = None, tweak: Callable[[Json], None] | None = None
    ) -> types.InitializeResult:
        """`initialize` and `initialized`, as the recorded editor sends them; `options` are the
        initializationOptions, and `tweak` may change the params."""
        params = self.profile.params(self.root, options)
        if tweak is not None:
            tweak(params)
        self.capabilities = params["capabilities"]
        if "workDoneToken" in params:
            self.progress[params["workDoneToken"]] = Progress()
        self.server = await self.request("initialize", params)
        chosen = self.server.capabilities.position_encoding
        self.encoding: Encoding = "utf-16" if chosen is None else _ENCODINGS[chosen]
        offered = capability(self.capabilities, "general.positionEncodings") or ["utf-16"]
        if self.encoding not in offered:
            self.problems.append(f"position encoding {self.encoding}, offered: {offered}")
        self.notify("initialized", {})
        return self.server

    async def close(self) -> int | None:
        """`shutdown`, `exit`, and the end of the process; its exit code."""
        if not self.gone:
            try:
                if self.capabilities:  # a server that was never initialized knows no shutdown
                    await self.request("shutdown", None)
            except (LspError, ServerGoneError, TimeoutError) as error:
                self.problems.append(f"shutdown: {error}")
            self.notify("exit", None)
        return await self.ended()

    async def kill(self) -> None:
        """End the process at once, as a crash would."""
        self.peer.cut_short = True
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        await self.ended()

    async def ended(self) -> int | None:
        """Wait for the end of the process and of its output; its exit code. Kills one that does not end."""
        self._closed = True
        if self.process is not None:
            try:
                await asyncio.wait_for(self.process.wait(), DEADLINE)
            except TimeoutError:
                self.problems.append("the server did not end")
                self.process.kill()
                await self.process.wait()
        await self.peer.close()
        _, open_still = await asyncio.wait(self._tasks, timeout=DEADLINE)
        for task in open_still:  # a child of the server's holds its output
            self.problems.append("the server ended and its output is still open")
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        self.problems += [f"in the client: {error!r}" for error in results if isinstance(error, Exception)]
        return None if self.process is None else self.process.returncode

    @property
    def running(self) -> bool:
        """Whether the process has still to be ended."""
        return not self._closed

    @property
    def stdout(self) -> bytes:
        """Every byte the server wrote to its output."""
        return bytes(self.peer.received)

    @property
    def stderr(self) -> str:
        """Everything the server wrote to its standard error."""
        return self._stderr.decode("utf-8", "replace")

    # What the user does

    def open(self, path: Path, language: str | None = None) -> Document:
        """Open a file; its language is that of its name, unless given."""
        name = language or self.language_of(path)
        assert name is not None, f"{path.name} has no language here"
        return self.open_text(path.as_uri(), name, path.read_bytes().decode())

    def document(self, path: Path) -> Document:
        """The open document of a file."""
        return self.documents[path.as_uri()]

    async def code_actions(
        self,
        document: Document,
        where: Json,
        *,
        only: Sequence[str] | None = None,
        automatic: bool = False,
        diagnostics: Sequence[Json] = (),
    ) -> list[Action]:
        """The menu for an LSP range. `automatic`: asked for by a moving cursor, not by the user."""
        context: Json = {"diagnostics": list(diagnostics), "triggerKind": 2 if automatic else 1}
        if only is not None:
            context["only"] = list(only)
        params = {"textDocument": {"uri": document.uri}, "range": where, "context": context}
        call = self.call("textDocument/codeAction", params)
        await self.wait_for(call.answer.done, "the code actions")
        actions: list[Json] = call.answer.result() or []
        return [_action(action) for action in actions]

    async def choose(self, action: Action) -> None:
        """Do what the editor does with the entry that was chosen in the menu."""
        if isinstance(action, types.Command):
            await self.execute(action.command, *(action.arguments or []))
            return
        if action.disabled is not None:
            raise ValueError(f"{action.title!r} is disabled: {action.disabled.reason}")
        if action.edit is None and action.command is None:
            self.problems.append(f"{action.title!r} needs codeAction/resolve, which blocks Helix")
        if action.edit is not None:
            self.apply(CONVERTER.unstructure(action.edit))
        if action.command is not None:
            await self.execute(action.command.command, *(action.command.arguments or []))

    async def execute(self, command: str, *arguments: Any) -> Any:
        """`workspace/executeCommand`."""
        params: Json = {"command": command}
        if arguments:
            params["arguments"] = [CONVERTER.unstructure(argument) for argument in arguments]
        return await self.request("workspace/executeCommand", params)

    def change_configuration(self, section: Json) -> None:
        """The user changes the settings `pygpt`; told to the server by push, and there to be pulled."""
        self.configuration = {"pygpt": section}
        self.notify("workspace/didChangeConfiguration", {"settings": self.configuration})

    def cancel_progress(self, token: int | str) -> None:
        """The user stops a job by its progress."""
        self.notify("window/workDoneProgress/cancel", {"token": token})

    # The connection

    async def request(self, method: str, params: Any) -> Any:
        """The result of a request, as lsprotocol's type; LspError where it is an error."""
        call = self.call(method, params)
        await self.wait_for(call.answer.done, f"an answer to {method}")
        return self.typed(method, call.answer.result())

    def call(self, method: str, params: Any) -> Call:
        """Send a request, to be awaited or cancelled by the test. Like every editor, it first sends what
        the documents have not told yet."""
        self._flush()
        return self.peer.call(method, params)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.peer.notify(method, params)

    def typed(self, method: str, result: Any) -> Any:
        """A raw result as lsprotocol's type."""
        response = types.METHOD_TO_TYPES[method][1]
        return CONVERTER.structure({"id": 1, "jsonrpc": "2.0", "result": result}, response).result

    def received(self, method: str) -> list[Json]:
        """The params of every request and notification of that method so far, in order."""
        return [
            entry.message.get("params", {})
            for entry in self.peer.journal
            if entry.way == "in" and entry.message.get("method") == method
        ]

    async def wait_for(self, predicate: Callable[[], T], what: str) -> T:
        """The first true value of `predicate`, which is asked again after each message. TimeoutError after
        `DEADLINE`; ServerGoneError when the server ended and it is still not true."""
        deadline = asyncio.get_running_loop().time() + DEADLINE
        while not (value := predicate()):
            if self.gone:
                raise ServerGoneError(f"the server ended before {what}\n{self.stderr}")
            message: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(message)
            try:
                async with asyncio.timeout_at(deadline):
                    await message
            except TimeoutError:
                recent = "\n".join(f"{e.way} {e.message}"[:400] for e in self.peer.journal[-12:])
                text = f"waited {DEADLINE} s for {what}\n{self.problems}\n{recent}\n{self.stderr[-4000:]}"
                raise TimeoutError(text) from None
            finally:
                self._waiting.discard(message)
        return value

    # What the server sends

    async def _read(self) -> None:
        try:
            await self.peer.read(self._after)
        finally:
            self.gone = True
            self._after()

    async def _read_stderr(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        while chunk := await self.process.stderr.read(65536):
            self._stderr += chunk

    def _after(self) -> None:
        """After each message: what the editor does late, then the tests that wait."""
        late, self.late = self.late, []
        for action in late:
            action()
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def _flush(self) -> None:
        for document in self.documents.values():
            document.flush()


def _action(action: Json) -> Action:
    """lsprotocol's own converter takes an action that has a command for a bare command."""
    bare = isinstance(action.get("command"), str)
    return CONVERTER.structure(action, types.Command if bare else types.CodeAction)
