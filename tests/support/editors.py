"""The editors of one test: started on one environment and workspace, ended together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .editor_profiles import HELIX_25_07, Profile
from .editor_state import LANGUAGES
from .lsp_client import SERVER, EditorClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .editor_text import Json


class Editors:
    """Starts editors and remembers them: `started` are all of this test, in order, for what they received."""

    def __init__(self, env: Mapping[str, str], workspace: Path, command: Sequence[str] = SERVER) -> None:
        self.started: list[EditorClient] = []
        self._env = dict(env)
        self._workspace = workspace
        self._command = command

    async def __call__(
        self,
        profile: Profile = HELIX_25_07,
        *,
        root: Path | None = None,
        rooted: bool = True,
        env: Mapping[str, str | None] | None = None,
        args: Sequence[str] = (),
        options: Json | None = None,
        configuration: Json | None = None,
        languages: Mapping[str, str] = LANGUAGES,
        tweak: Callable[[Json], None] | None = None,
        initialize: bool = True,
    ) -> EditorClient:
        """Start the server with `args` in the folder `root` (this test's workspace unless given), and
        initialize it unless told not to. With `rooted` false it is not told of any workspace. A value None in
        `env` takes a variable away. `options` are the initializationOptions, `configuration` is what it can
        pull, by section; `tweak` may change the `initialize` params."""
        folder = root or self._workspace
        client = EditorClient(profile, folder if rooted else None, languages)
        client.configuration = configuration or {}
        variables = {**self._env, **(env or {})}
        whole = {name: value for name, value in variables.items() if value is not None}
        await client.spawn([*self._command, *args], whole, folder)
        self.started.append(client)
        if initialize:
            await client.initialize(options, tweak)
        return client

    async def close(self) -> list[str]:
        """End every server that still runs; what any of them did that it may not do."""
        for client in self.started:
            if client.running:
                await client.close()
        return [f"{client.profile.name}: {text}" for client in self.started for text in client.problems]
