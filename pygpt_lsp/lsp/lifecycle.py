"""From `initialize` to `exit`: capabilities, workspace folders, settings, the version check, the parent.

Nothing here delays the answer to `initialize`: files are read and the version check is started afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from pygpt_lsp.core.settings import concerns_us
from pygpt_lsp.lsp.chat_features import declare_chat_features, serve_dynamic_features
from pygpt_lsp.lsp.convert import path_of_uri, position_encoding
from pygpt_lsp.services.processes import until_ended

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from pygpt_lsp.lsp.server import PygptServer

logger = logging.getLogger(__name__)

SECTION = "pygpt"


class Lifecycle:
    """The handlers of the life cycle, and what they start."""

    def __init__(self, server: PygptServer) -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()
        self._folders: dict[str, Path] = {}
        self._pulls = 0
        self._started = False

    def initialize(self, params: types.InitializeParams) -> None:
        """Called by pygls before it answers `initialize`: only what costs nothing."""
        uris = [folder.uri for folder in params.workspace_folders or ()]
        if not uris and params.root_uri:
            uris = [params.root_uri]
        self._folders = {uri: path for uri in uris if (path := path_of_uri(uri)) is not None}
        self._server.session.set_roots(list(self._folders.values()))
        if params.initialization_options is not None:
            self._server.session.configuration.set_editor_settings(
                "initializationOptions", params.initialization_options
            )
        declare_chat_features(self._server, params.capabilities)

    def initialized(self, _params: types.InitializedParams) -> None:
        """`initialized`: read the settings, then ask for the newest version if they allow it; once."""
        if self._started:
            return
        self._started = True
        self._server.encoding = position_encoding(self._server.server_capabilities)
        self._server.session.configuration.read_files()  # here, so that they hold for the very next message
        if registrations := serve_dynamic_features(self._server):
            self._run(self._register(registrations))
        self._run(self._start_up())
        if self._server.process_id is not None:
            self._run(self._watch_parent(self._server.process_id))

    def configuration_changed(self, params: types.DidChangeConfigurationParams) -> None:
        """`workspace/didChangeConfiguration`: pull where the client can be asked, else take what it sent."""
        self._run(self._ask_for_settings())
        if params.settings is not None:
            self._server.session.configuration.set_editor_settings(
                "didChangeConfiguration", _section(params.settings)
            )

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """`workspace/didChangeWorkspaceFolders`."""
        for folder in params.event.removed:
            self._folders.pop(folder.uri, None)
        for folder in params.event.added:
            if (path := path_of_uri(folder.uri)) is not None:
                self._folders[folder.uri] = path
        self._server.session.set_roots(list(self._folders.values()))
        self._run(self._server.session.storage.prune())

    async def stop(self, seconds: float) -> None:
        """End what was started here, and wait until it has ended, at most `seconds`: a version check that is
        cut off has yet to say so in the ledger."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def _start_up(self) -> None:
        session = self._server.session
        session.configuration.read_files()
        await self._ask_for_settings()
        self._run(self._settle_in())
        if self._can_pull():
            await self._register_for_changes()
        if session.settings.updates_check and session.settings.updates_url and not session.offline:
            from pygpt_lsp.services.update_check import UpdateCheck

            # The HTTP library takes a tenth of a second to load; the editor may ask for the menu meanwhile.
            for module in ("pygpt_lsp.services.egress", "pygpt_lsp.services.ledger"):
                await asyncio.to_thread(import_module, module)
            from pygpt_lsp.core.ledger import VERSION_CHECK
            from pygpt_lsp.services.ledger import accounted

            with accounted(session.accounts.of_machine(VERSION_CHECK)):
                notice = await UpdateCheck(session.connection.egress).run()
            if notice is not None:
                self._server.editor.tell("info", notice.sentence)

    async def _settle_in(self) -> None:
        """What can wait, one after the other: each thread more is memory for as long as the server lives."""
        await self._read_prompts()
        # The temporary files of servers that were killed.
        private_folder = await asyncio.to_thread(import_module, "pygpt_lsp.services.private_folder")
        await asyncio.to_thread(private_folder.sweep_private_folders)

    async def _read_prompts(self) -> None:
        """So that the first menu knows them."""
        session = self._server.session
        await asyncio.to_thread(import_module, "pygpt_lsp.services.prompt_library")
        for root in session.workspace.roots or (None,):
            await session.prompts.refresh(root)

    async def _ask_for_settings(self) -> None:
        """Pull where the client can be asked; then, and no sooner, delete what is older than they allow."""
        if not self._can_pull() or await self._pull():
            self._run(self._server.session.storage.prune())

    def _can_pull(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        return workspace is not None and bool(workspace.configuration)

    async def _pull(self) -> bool:
        """Ask the client for our section (LSP 3.17 § workspace/configuration).

        Only the last of several pulls under way counts, since answers may come in another order than asked:
        False for the others.
        """
        self._pulls += 1
        pull = self._pulls
        params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        answer = await self._server.editor.request(types.WORKSPACE_CONFIGURATION, params)
        if pull != self._pulls:
            return False
        if answer:
            self._server.session.configuration.set_editor_settings("workspace/configuration", answer[0])
        return True

    async def _register_for_changes(self) -> None:
        """VS Code reports changed settings only to servers that registered for them."""
        workspace = self._server.client_capabilities.workspace
        wanted = workspace.did_change_configuration if workspace else None
        if wanted is None or not wanted.dynamic_registration:
            return
        registration = types.Registration(
            "pygpt-configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.DidChangeConfigurationRegistrationOptions(section=SECTION),
        )
        await self._register([registration])

    async def _register(self, registrations: list[types.Registration]) -> None:
        """LSP 3.17 § client/registerCapability."""
        params = types.RegistrationParams(registrations)
        await self._server.editor.request(types.CLIENT_REGISTER_CAPABILITY, params)

    async def _watch_parent(self, process_id: int) -> None:
        """End with the editor (LSP 3.17 § Initialize, processId), should our stdin outlive it."""
        await until_ended(process_id)
        logger.info("the editor's process has ended")
        self._server.stop()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._server.crashed("start-up", error)


def _section(settings: object) -> object:
    """Our part of pushed settings, None where there is none.

    Helix sends the section's content alone; eglot sends the sections of all its servers to each of them.
    """
    given = cast("dict[str, object]", settings) if isinstance(settings, dict) else {}
    if SECTION in given:
        return given[SECTION]
    return given if concerns_us(given) else None
