"""Which placeholder stands for which secret, as far as this process has seen them: kept in memory alone.

The placeholders themselves are stable, since the key they are made by is kept with the workspace; so another
process finds the secret of a placeholder again in the files that hold it. Must never write or log a secret.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

from pygpt_lsp.core.errors import HistoryError
from pygpt_lsp.core.messages import Message
from pygpt_lsp.core.secrets.finding import find_secrets
from pygpt_lsp.core.secrets.key_blocks import key_lines
from pygpt_lsp.core.secrets.kinds import label_of
from pygpt_lsp.core.secrets.masking import (
    INSTRUCTION,
    digits_of,
    is_telling,
    mask_all,
    names_in,
    parts_of,
    placeholder,
    restored,
)
from pygpt_lsp.services.mask_key import find_key, kept_key, new_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.messages import ModelRequest
    from pygpt_lsp.core.secrets.kinds import Kind
    from pygpt_lsp.services.cache_folder import CacheFolder

T = TypeVar("T")

_AT_ONCE: Final = 8_000
"""Characters that are looked through within some milliseconds, and within 50 in the worst of cases."""


class SecretMasks:
    """The secrets that one server has masked or looked for."""

    def __init__(self, folder_of: Callable[[Path | None], Awaitable[CacheFolder]]) -> None:
        """`folder_of` gives the cache of a workspace, where its key is kept; it may raise HistoryError."""
        self._folder_of = folder_of
        self._own_key = new_key()
        self._keys: dict[Path | None, bytes] = {}
        self._names: dict[bytes, dict[str, str]] = {}
        self._secrets: dict[str, str] = {}
        self._given_away: dict[str, Kind] = {}

    async def excerpt_of(self, text: str) -> None:
        """Tell of a text that lines are taken from. What gives a secret away may stand in its other lines;
        those from the middle of a private key look like no secret at all."""
        found = await _off_loop([text], lambda: _all_in(text))
        self._given_away.update((secret, kind) for secret, kind in found.items() if is_telling(secret))

    async def mask_request(self, request: ModelRequest, root: Path | None, *, keep: bool) -> ModelRequest:
        """The request with placeholders for all secrets in its messages, and a line that tells of them.

        `keep` as in `mask`. Masking twice changes nothing.
        """
        contents = await self.mask([message.content for message in request.messages], root, keep=keep)
        counts = self.counts(contents)
        if not counts:
            return request
        pairs = zip(request.messages, contents, strict=True)
        messages = [message._replace(content=content) for message, content in pairs]
        return request._replace(messages=_told(messages), masked=counts)

    async def mask(self, texts: Sequence[str], root: Path | None, *, keep: bool) -> list[str]:
        """The texts with placeholders for the secrets in them, also where another of them gives one away.

        `keep`: the placeholders may be those of the workspace at `root`, whose key is kept on the disk;
        else they are those of this process.
        """
        told = tuple(self._given_away.items())
        given_away: dict[str, Kind] = await _off_loop(
            texts, lambda: {secret: kind for secret, kind in told if any(secret in text for text in texts)}
        )
        if not (self._names or given_away) and not await _off_loop(
            texts, lambda: any(find_secrets(text) for text in texts)
        ):
            return list(texts)  # without a key, which would have to be kept
        key = await self._key(root) if keep else self._own_key
        known = {secret: placeholder(kind, digits_of(secret, key)) for secret, kind in given_away.items()}
        known |= self._names.get(key, {})
        masked, names = await _off_loop(texts, lambda: mask_all(texts, key, known))
        for secret, name in names.items():
            # What other jobs have named meanwhile keeps its name; the digits are the same.
            self._names.setdefault(key, {}).setdefault(secret, name)
            self._note(name, secret)
        return masked

    def counts(self, texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """The kinds of the secrets whose placeholders stand in the texts, each with how many there are."""
        names = {name for text in texts for name in names_in(text)}
        parts = {found for name in names if (found := parts_of(name)) and found[1] in self._secrets}
        return tuple(sorted(Counter(label_of(kind) for kind, _ in parts).items()))

    def secret(self, name: str) -> str | None:
        """The secret that a placeholder stands for; None where it is not known, or the name is none."""
        parts = parts_of(name)
        return self._secrets.get(parts[1]) if parts is not None else None

    def restore(self, text: str, keep: Iterable[str] = ()) -> str:
        """The text with the known secrets in place of their placeholders, but for those in `keep`.

        Lines in a secret end with `\\n`.
        """
        return restored(text, self._secrets, keep)

    async def learn(self, texts: Sequence[str], roots: Iterable[Path | None]) -> None:
        """Find the secrets in texts, by all keys there are: this process's, and those kept for `roots`."""
        missing = [root for root in roots if root not in self._keys]
        kept = await asyncio.to_thread(lambda: [(root, find_key(root)) for root in missing])
        self._keys.update((root, key) for root, key in kept if key is not None)
        found = await _off_loop(texts, lambda: [_all_in(text) for text in texts])
        secrets = {secret for each in found for secret in each}
        # Excerpts are made of lines without their endings.
        secrets |= {_with_plain_lines(secret) for secret in secrets}
        for key in (self._own_key, *self._keys.values()):
            self._secrets.update((digits_of(secret, key), _with_plain_lines(secret)) for secret in secrets)

    async def _key(self, root: Path | None) -> bytes:
        if root not in self._keys:
            try:
                folder = await self._folder_of(root)
                self._keys[root] = await asyncio.to_thread(kept_key, folder)
            except (HistoryError, OSError):
                return self._own_key
        return self._keys[root]

    def _note(self, name: str, secret: str) -> None:
        parts = parts_of(name)
        if parts is not None:
            self._secrets[parts[1]] = _with_plain_lines(secret)


def _all_in(text: str) -> dict[str, Kind]:
    """The secrets in a text and their kinds; of a private key, its lines too."""
    found: dict[str, Kind] = {text[start:end]: kind for start, end, kind in find_secrets(text)}
    found.update((line, "PRIVATE_KEY") for line in key_lines(text))
    return found


def _with_plain_lines(secret: str) -> str:
    """The secret as code of an answer has it, whose lines end with `\\n` until it is written."""
    return secret.replace("\r\n", "\n")


async def _off_loop(texts: Sequence[str], work: Callable[[], T]) -> T:
    """Do what takes its time with long texts in a thread."""
    return await asyncio.to_thread(work) if sum(map(len, texts)) > _AT_ONCE else work()


def _told(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages, the first of which tells the model what placeholders are."""
    first, *others = messages
    if INSTRUCTION in first.content:
        return tuple(messages)
    if first.role != "system":
        return (Message("system", INSTRUCTION), *messages)
    content = f"{first.content}\n\n{INSTRUCTION}" if first.content else INSTRUCTION
    return (Message("system", content), *others)
