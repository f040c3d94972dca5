"""Runs of the working session, and what was seen of each: packets, system calls, requests."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.api_script import UpdateReply
from tests.support.api_server import ScriptedApi
from tests.support.editor_profiles import VSCODE
from tests.support.editors import Editors
from tests.support.environment import clean_env
from tests.support.lsp_client import SERVER

from .canaries import Canaries
from .capture import Capture, write_pcap
from .name_server import NameServer
from .network import API, UPDATES, Host, own_network
from .packets import Packet, read_packet
from .project import make_project
from .system_calls import Call, read_calls, traced
from .whole_session import WholeSession

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.api_script import Request
    from tests.support.lsp_client import EditorClient

NEWER = UpdateReply({"version_lsp": "99.0"})


class Run(NamedTuple):
    """What was seen of one run."""

    packets: list[Packet]
    calls: list[Call]
    requests: list[Request]
    """All that came to a server, the version check included; as the server read them, past TLS."""
    editor: EditorClient
    log: bytes
    """At the level `trace`."""
    unused: set[str]
    """Of the server's commands, actions and features."""
    ledger: dict[str, Any]
    """What `pygpt-lsp privacy --json` says afterwards."""
    canaries: Canaries
    in_files: set[str]
    """The canaries that were found at any time in a file of the project, the home or the temporary files."""
    project: Path


class _Place:
    """The folders of a run. The server may touch the first three; `evidence` keeps the capture
    (`packets.pcap`), what strace wrote (`strace.*`), and the server's log."""

    def __init__(self, folder: Path) -> None:
        self.home, self.project, self.temporary = (folder / name for name in ("home", "project", "temporary"))
        self.evidence, self.etc = folder / "evidence", folder / "etc"
        for each in (self.home, self.project, self.temporary, self.evidence, self.etc):
            each.mkdir()
        make_project(self.project)
        self.canaries = Canaries(self.home, self.project)
        self.in_files: set[str] = set()
        self.strace = self.evidence / "strace"
        self.log = self.evidence / "server.log"

    def search(self) -> None:
        """Look for canaries in all files."""
        self.in_files |= set(self.canaries.found_in((self.home, self.project, self.temporary)))

    async def work(
        self, api: ScriptedApi, env: Mapping[str, str], settings: Mapping[str, Any], *, requests: bool
    ) -> tuple[EditorClient, set[str]]:
        """Run the session under strace; the editor, and what it has not used."""
        env = self._env(env)
        editors = Editors(env, self.project, (*traced(self.strace), *SERVER))
        settings = {**settings, **self.canaries.settings}
        editor = await editors(
            VSCODE,
            args=("--log-level=trace", f"--log-file={self.log}"),
            options=settings,
            configuration={"pygpt": settings},
        )
        session = WholeSession(editor, api, self.project, self.search)
        try:
            await session.without_requests()
            if requests:
                await session.with_requests()
        finally:
            problems = await editors.close()
        self.search()
        assert not problems, "\n".join(problems)
        return editor, session.unused()

    def seen(self, capture: Capture, editor: EditorClient, unused: set[str], *servers: ScriptedApi) -> Run:
        """What was seen, once the session has ended, and the user has looked into the ledger."""
        ledger = self._ledger()
        frames = capture.frames()
        write_pcap(self.evidence / "packets.pcap", frames)
        return Run(
            [read_packet(frame) for frame in frames],
            read_calls(self.strace),
            [request for server in servers for request in server.journal],
            editor,
            self.log.read_bytes(),
            unused,
            ledger,
            self.canaries,
            self.in_files,
            self.project,
        )

    def _env(self, more: Mapping[str, str]) -> dict[str, str]:
        return clean_env(self.home, TMPDIR=str(self.temporary), **more, **self.canaries.env)

    def _ledger(self) -> dict[str, Any]:
        """As the command prints it; it also makes the bodies again that it can, and compares their hashes."""
        command = (*SERVER, "privacy", "--json", "--verify")
        return json.loads(subprocess.check_output(command, env=self._env({}), cwd=self.project))


def as_installed(folder: Path) -> Run:
    """With the default settings: over TLS to the hosts by their names."""
    place = _Place(folder)
    with (
        own_network(place.etc),
        Capture() as capture,
        NameServer(),
        _host(API) as api,
        _host(UPDATES) as updates,
    ):
        trusted = place.etc / "ca.pem"
        trusted.write_bytes(api.ca_pem.read_bytes() + updates.ca_pem.read_bytes())
        updates.update = NEWER
        env = {"SSL_CERT_FILE": str(trusted)}
        editor, unused = asyncio.run(place.work(api, env, {}, requests=True))
        return place.seen(capture, editor, unused, api, updates)


def readable(folder: Path) -> Run:
    """With the addresses of a server on this machine, over plain HTTP, which a capture can read."""
    place = _Place(folder)
    with own_network(place.etc), Capture() as capture, NameServer(), ScriptedApi() as api:
        api.update = NEWER
        env = {name: value for name, value in api.env().items() if name != "OPENAI_API_KEY"}
        editor, unused = asyncio.run(place.work(api, env, {}, requests=True))
        return place.seen(capture, editor, unused, api)


def quiet(folder: Path) -> Run:
    """With the default settings but no version check, and without a request; nobody would answer one."""
    place = _Place(folder)
    with own_network(place.etc), Capture() as capture:
        settings = {"updates": {"check": False}}
        editor, unused = asyncio.run(place.work(ScriptedApi(), {}, settings, requests=False))
        return place.seen(capture, editor, unused)


def _host(host: Host) -> ScriptedApi:
    return ScriptedApi(address=host.address, port=443, tls=True, names=(host.name,))
