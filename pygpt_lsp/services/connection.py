"""The way to the model and to the version check under the settings in force, built at its first use.

When a setting that names a destination changes, the old connection is let go: answers under way keep it until
they end, and the next request takes the new one.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pygpt_lsp.core.settings import Settings
    from pygpt_lsp.services.api_key import KeySource
    from pygpt_lsp.services.chat_model import ChatModel
    from pygpt_lsp.services.egress import Egress
    from pygpt_lsp.services.jobs import JobRegistry
    from pygpt_lsp.services.ledger import Ledger


class Connection:
    """The one door out and the model behind it."""

    def __init__(
        self,
        settings: Settings,
        env: Mapping[str, str],
        jobs: JobRegistry,
        *,
        ledger: Callable[[], Ledger],
        offline: bool,
    ) -> None:
        """`ledger` gives who keeps account of what leaves. `offline`: the embedded model of the demo answers,
        and nothing is sent."""
        self._settings = settings
        self._env = env
        self._jobs = jobs
        self._ledger = ledger
        self._offline = offline
        self._egress: Egress | None = None
        self._model: ChatModel | None = None
        self._loading: asyncio.Future[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def use(self, settings: Settings) -> None:
        """Go on with these settings."""
        changed = _destination(settings) != _destination(self._settings)
        self._settings = settings
        if not changed:
            return
        self._egress = None
        model, self._model = self._model, None
        if model is not None:
            closing = asyncio.get_running_loop().create_task(self._close_after_jobs(model))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    @property
    def api_host(self) -> str:
        """The host that answers, as the history records it."""
        return "offline" if self._offline else urlsplit(self._settings.base_url).hostname or ""

    @property
    def egress(self) -> Egress:
        """The one door out, for the destinations that the settings name."""
        if self._egress is None:
            from pygpt_lsp.services.egress import Egress

            transport = None
            if self._offline:
                from pygpt_lsp.services.offline_model import OfflineTransport

                transport = OfflineTransport()
            self._egress = Egress(
                api_base_url=self._settings.base_url,
                update_url=self._settings.updates_url,
                connect_timeout=self._settings.timeouts_connect,
                idle_timeout=self._settings.timeouts_idle,
                env=self._env,
                ledger=self._ledger(),
                transport=transport,
            )
        return self._egress

    def warm_up(self) -> None:
        """Begin to load what an answer needs, because the user seems about to ask. Sends nothing."""
        self._load()

    async def model(self) -> ChatModel:
        """The model to ask; its libraries are loaded in a thread at the first use."""
        await asyncio.shield(self._load())  # whoever is stopped meanwhile does not stop the others
        if self._model is None:  # nobody else built it meanwhile
            from pygpt_lsp.services.chat_model import OpenAIChatModel

            self._model = OpenAIChatModel(self.egress, self._keys(), api=self._settings.api, env=self._env)
        return self._model

    async def close(self) -> None:
        """Close the connection; answers still under way fail."""
        if self._model is not None:
            await self._model.aclose()

    def _load(self) -> asyncio.Future[None]:
        """The libraries' arrival. One thread waits for it: as many menus as threads would take them all."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(None, _import_model)
        return self._loading

    def _keys(self) -> KeySource:
        from pygpt_lsp.services.api_key import ApiKey, FixedKey, FoundKey, SessionKey, find_api_key
        from pygpt_lsp.services.logs import remember_key

        if self._offline:
            return FixedKey(ApiKey("offline"))
        settings = self._settings

        async def find() -> FoundKey | None:
            found = await find_api_key(self._env, settings.api_key_command, settings.base_url)
            if found is not None:
                remember_key(found.key.reveal())
            return found

        return SessionKey(find)

    async def _close_after_jobs(self, model: ChatModel) -> None:
        await self._jobs.wait()
        await model.aclose()


def _destination(settings: Settings) -> tuple[object, ...]:
    return (
        settings.base_url,
        settings.updates_url,
        settings.api,
        settings.api_key_command,
        settings.timeouts_connect,
        settings.timeouts_idle,
    )


def _import_model() -> None:
    for module in ("openai", "pygpt_lsp.services.chat_model"):
        import_module(module)
