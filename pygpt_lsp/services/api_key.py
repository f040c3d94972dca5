"""Where the API key comes from: the environment, then `api_key_command`, then the keyring.

A key is carried as `ApiKey`, which shows itself to nobody who does not ask for it by `reveal()`. What a
command prints, on either stream, never reaches a message or a log.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.core.urls import is_loopback
from pygpt_lsp.services.key_sources import from_command, from_keyring

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

VARIABLE = "OPENAI_API_KEY"


class ApiKey:
    """A key. It prints as dots; only `reveal()` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the Authorization header and nothing else."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "ApiKey(…)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not to be stored")


class FoundKey(NamedTuple):
    """A key and where it was found, in words for a message ("OPENAI_API_KEY", "the keyring")."""

    key: ApiKey
    origin: str


PLACEHOLDER = FoundKey(ApiKey("no-key-needed"), "no key, since the server is on this machine")
"""What a server on this machine is given where the user has no key; the SDK insists on one."""


async def find_api_key(
    env: Mapping[str, str], command: str | Sequence[str] | None, base_url: str
) -> FoundKey | None:
    """The first key there is, or None. Nothing is cached here, and the network is not used.

    The keyring is asked for service "pygpt-lsp", user = the host of `base_url`. Raises `RequestRefused` where
    a source that the user set up fails, or what it gives cannot be a key.
    """
    host = urlsplit(base_url).hostname or ""
    value, origin = env.get(VARIABLE, "").strip(), VARIABLE
    if not value and command:
        value, origin = await from_command(command), "api_key_command"
    if not value:
        value, origin = await from_keyring(host) or "", "the keyring"
    if value:
        return FoundKey(_sendable(value, origin), origin)
    return PLACEHOLDER if is_loopback(host) else None


def surely_no_key(env: Mapping[str, str], command: str | Sequence[str] | None, base_url: str) -> bool:
    """Whether no source could give a key that `base_url` needs. No command is run and no keyring asked."""
    host = urlsplit(base_url).hostname or ""
    named = env.get(VARIABLE, "").strip() or command
    return not (named or is_loopback(host) or importlib.util.find_spec("keyring"))


class KeySource(Protocol):
    """Whoever a model asks for its key."""

    async def key(self) -> FoundKey:
        """The key to use; raises `RequestRefused`, with kind NO_KEY where there is none."""
        ...

    async def after_rejection(self, rejected: ApiKey) -> FoundKey | None:
        """Another key to try after the API refused this one, or None."""
        ...


class FixedKey:
    """One key that never changes."""

    def __init__(self, key: ApiKey, origin: str = VARIABLE) -> None:
        self._found = FoundKey(key, origin)

    async def key(self) -> FoundKey:
        return self._found

    async def after_rejection(self, rejected: ApiKey) -> FoundKey | None:  # noqa: ARG002
        return None


class SessionKey:
    """The key of one running server: looked for at first use, then remembered until the API refuses it.

    `find` is usually `find_api_key` with its arguments. A command that asks for a password runs once, even
    when two questions come at the same time.
    """

    def __init__(self, find: Callable[[], Awaitable[FoundKey | None]]) -> None:
        self._find = find
        self._found: FoundKey | None = None
        self._looking = asyncio.Lock()

    async def key(self) -> FoundKey:
        async with self._looking:
            if self._found is None:
                self._found = await self._find()
            if self._found is None:
                raise RequestRefused(
                    ErrorKind.NO_KEY,
                    f"There is no API key: set {VARIABLE} in the editor's environment, or "
                    "`api_key_command` in your settings, then ask again.",
                )
            return self._found

    async def after_rejection(self, rejected: ApiKey) -> FoundKey | None:
        async with self._looking:
            if self._found is not None and self._found.key == rejected:
                self._found = await self._find()
            found = self._found
            return found if found is not None and found.key != rejected else None


def _sendable(value: str, origin: str) -> ApiKey:
    """The key, if it fits into a header (RFC 6750 § 2.1: visible characters without spaces)."""
    if re.fullmatch(r"[\x21-\x7e]+", value) is None:
        raise RequestRefused(
            ErrorKind.BAD_KEY,
            f"Nothing was sent: {origin} gives more than a key (spaces, lines, special characters); make it "
            "give the key alone.",
        )
    return ApiKey(value)
