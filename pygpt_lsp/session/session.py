"""One running server, put together: its parts, the services it builds at their first use, and the way from a
request to a question that may be asked.

It is created before the first message and closed at shutdown.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from pygpt_lsp.services.connection import Connection
from pygpt_lsp.services.jobs import JobRegistry
from pygpt_lsp.session.accounts import Accounts
from pygpt_lsp.session.configuration import Configuration
from pygpt_lsp.session.files import Files
from pygpt_lsp.session.notices import Notices
from pygpt_lsp.session.storage import Storage
from pygpt_lsp.session.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.core.settings import Settings
    from pygpt_lsp.core.tokens import TokenEstimator
    from pygpt_lsp.services.exchange import Exchange
    from pygpt_lsp.services.history_records import TurnStart
    from pygpt_lsp.services.jobs import Job
    from pygpt_lsp.services.prompt_library import PromptLibrary
    from pygpt_lsp.services.secret_masks import SecretMasks
    from pygpt_lsp.services.sent_requests import SentRequests
    from pygpt_lsp.services.shown_requests import ShownRequests
    from pygpt_lsp.session.notices import Tell


class Session:
    """The state of one server; every method is called on the event loop."""

    def __init__(
        self,
        *,
        tell: Tell,
        on_crash: Callable[[Job, BaseException], None],
        on_settings: Callable[[], None] = lambda: None,
        env: Mapping[str, str] = os.environ,
        offline: bool = False,
    ) -> None:
        """`on_settings` is called when other settings are in force. `offline`: answers come from the embedded
        offline model of the demo and nothing is sent."""
        self.env = env
        self.offline = offline
        self._on_settings = on_settings
        self.jobs = JobRegistry(on_crash)
        self.notices = Notices(tell)
        self.configuration = Configuration(env, self.notices, self._settings_changed)
        self.workspace = Workspace()
        self.files = Files(self.settings, self.workspace)
        self.storage = Storage(self.configuration, self.workspace, self.notices)
        self.accounts = Accounts(self.configuration, self.storage, offline=offline)
        self.connection = Connection(
            self.settings, env, self.jobs, ledger=lambda: self.accounts.ledger, offline=offline
        )
        self.listed_models: tuple[str, ...] = ()
        """The models that the API listed when the user last asked for them."""

    @property
    def settings(self) -> Settings:
        """The settings in force, for whoever reads them; `configuration` is for who changes them."""
        return self.configuration.settings

    def _settings_changed(self) -> None:
        self.files.use(self.settings)
        self.connection.use(self.settings)
        self._on_settings()

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Take over the client's workspace folders; the first one's settings are in force."""
        self.workspace.roots = tuple(roots)
        self.configuration.set_root(roots[0] if roots else None)

    # Services, built at their first use

    @cached_property
    def prompts(self) -> PromptLibrary:
        """The user's and the workspaces' prompts and presets."""
        from pygpt_lsp.services.prompt_library import PromptLibrary

        return PromptLibrary(
            self.env,
            lambda: self.settings.prompts_paths,
            lambda sentence: self.notices.tell_once("warning", f"PyGPT: {sentence}"),
        )

    @cached_property
    def estimator(self) -> TokenEstimator:
        """The token estimates, corrected by what answers reported."""
        from pygpt_lsp.core.tokens import TokenEstimator

        return TokenEstimator()

    @cached_property
    def sent_requests(self) -> SentRequests:
        """What was sent to the API last."""
        from pygpt_lsp.services.sent_requests import SentRequests

        return SentRequests()

    @cached_property
    def shown_requests(self) -> ShownRequests:
        """The requests that the user looks at."""
        from pygpt_lsp.services.shown_requests import ShownRequests

        return ShownRequests()

    @cached_property
    def secrets(self) -> SecretMasks:
        """The secrets that were masked."""
        from pygpt_lsp.services.secret_masks import SecretMasks

        return SecretMasks(lambda root: self.storage.history_of(root).folder())

    # From a request to a question

    async def masked(self, texts: Sequence[str], root: Path | None) -> list[str]:
        """The texts with placeholders for secrets, those of the workspace at `root`, unless the user said
        `privacy.redact_secrets = false`."""
        if not self.settings.privacy_redact_secrets:
            return list(texts)
        return await self.secrets.mask(texts, root, keep=self.settings.history_enabled)

    async def masked_request(self, request: ModelRequest, root: Path | None) -> ModelRequest:
        """The request as it may be stored and sent, under the same conditions."""
        if not self.settings.privacy_redact_secrets:
            return request
        return await self.secrets.mask_request(request, root, keep=self.settings.history_enabled)

    async def exchange(self, request: ModelRequest, start: TurnStart, root: Path | None) -> Exchange:
        """A question about to be asked, recorded in the workspace's history unless that is off.

        Here all secrets in it are masked, whoever asks: what is recorded is what is sent.
        """
        from pygpt_lsp.services.exchange import Exchange

        request = await self.masked_request(request, root)
        (title,) = await self.masked([start.title], root)
        start = start._replace(messages=request.messages, title=title)
        history = self.storage.history_of(root) if self.settings.history_enabled else None
        self.accounts.note_place(root)
        return Exchange(request, start, model=self.connection.model, history=history, sent=self.sent_requests)

    async def close(self) -> None:
        """Close the connections and the histories; what was never needed is not built for that."""
        await self.connection.close()
        await self.accounts.close()
        self.files.close()
        if "shown_requests" in vars(self):
            self.shown_requests.remove()
        await self.storage.close()
