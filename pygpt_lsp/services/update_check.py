"""Asks once whether a newer version exists, and tells whoever answers nothing but the version in use.

Nothing of the answer is shown except a version number that looks like one; the address that is shown is
always ours. No failure is worth a message.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pygpt_lsp import __version__

if TYPE_CHECKING:
    from pygpt_lsp.services.egress import Egress

OFFICIAL_URL = "https://pygpt.net/api/version"
WEBSITE = "https://pygpt.net"

_SECONDS = 5.0
_MOST_BYTES = 64 * 1024
_VERSION = re.compile(
    r"v?(\d{1,9}(?:\.\d{1,9}){0,4})(?:(a|b|rc)(\d{1,9}))?(?:\.post(\d{1,9}))?(?:\.dev(\d{1,9}))?",
    re.ASCII,
)
_STAGES = {"a": 0, "b": 1, "rc": 2, None: 3}

_log = logging.getLogger(__name__)


class UpdateNotice(NamedTuple):
    """A newer version, and where the user finds it."""

    version: str
    address: str = WEBSITE

    @property
    def sentence(self) -> str:
        """The message for the user."""
        return f"pygpt-lsp {self.version} is out: see {self.address}."


class UpdateCheck:
    """The check of one process: the first `run` asks, every other does nothing."""

    def __init__(self, egress: Egress, version: str = __version__) -> None:
        """`version` is the one in use, sent as it is."""
        self._egress = egress
        self._version = version
        self._asked = False

    async def run(self) -> UpdateNotice | None:
        """The newer version, or None where there is none or it cannot be known; waits 5 s at most for it."""
        if self._asked:
            return None
        self._asked = True
        try:
            offered = await self._ask()
        except Exception as error:
            # The type alone: an error's text may quote what a server sent.
            _log.debug("The version check failed (%s).", type(error).__name__)
            return None
        if offered is not None and is_newer(offered, self._version):
            return UpdateNotice(offered.removeprefix("v"))
        _log.debug("The version check names no newer version.")
        return None

    async def _ask(self) -> str | None:
        # In a thread: certificates and transport take some 50 ms to load, and the editor may ask for a menu.
        client = await asyncio.to_thread(self._egress.update_client)
        async with (
            client,
            asyncio.timeout(_SECONDS),  # from here on: on a busy machine loading alone may take its time
            client.stream("GET", self._egress.update_url, params={"v": self._version}) as response,
        ):
            if response.status_code != 200:
                return None
            body = b""
            async for chunk in response.aiter_raw():  # never unpacked: it could be a bomb
                body += chunk
                if len(body) > _MOST_BYTES:
                    return None
        return self._version_in(json.loads(body))

    def _version_in(self, reply: object) -> str | None:
        """The version a reply names; the general key only counts at an address of the user's own, since at
        ours it is the desktop application's."""
        if not isinstance(reply, dict):
            return None
        fields = cast("dict[str, Any]", reply)
        named = fields.get("version_lsp")
        if named is None and self._egress.update_url != OFFICIAL_URL:
            named = fields.get("version")
        return named if isinstance(named, str) else None


def is_newer(offered: str, current: str) -> bool:
    """Whether `offered` is a version later than `current` (PEP 440 without epochs and local parts).

    False where either is none.
    """
    new, old = _rank(offered), _rank(current)
    return new is not None and old is not None and new > old


def _rank(version: str) -> tuple[tuple[int, ...], tuple[int, int], int, float] | None:
    """What versions are ordered by; 1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 = 1.0.0 < 1.0.post1."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    numbers, stage, pre, post, dev = match.groups()
    release = [int(number) for number in numbers.split(".")]
    while release and release[-1] == 0:
        release.pop()
    before_all = dev is not None and stage is None and post is None
    maturity = (-1, 0) if before_all else (_STAGES[stage], int(pre or 0))
    return (
        tuple(release),
        maturity,
        -1 if post is None else int(post),
        float("inf") if dev is None else int(dev),
    )
