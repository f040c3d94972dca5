"""The files of the workspace that a chat may name, found by a few letters of their paths.

Nothing is listed until somebody completes in a chat. Then the folders are gone through in a thread, and what
was found so far can be searched at once. Whoever asks again later gets what is known, and where that is old
another listing begins meanwhile.

Must never give what the ignore rules exclude at that moment, keep more than MOST_FILES paths of a folder, or
hold up the event loop: `find` is for a worker thread, everything else is called on the loop.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.path_block import PathBlock, best

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pygpt_lsp.core.fuzzy import Rank
    from pygpt_lsp.services.ignore_rules import IgnoreRules

MOST_FILES: Final[int] = 200_000
"""Of a workspace folder; they take some 30 MB."""
_FIRST_BLOCK: Final = (
    64  # paths, so that there is something to search at once; each further one has twice as many
)
_BLOCK: Final = 2_048
_WITHOUT_PAUSE: Final = 64  # files; so that the other threads need not wait for the interpreter's switch
_PAUSE_SECONDS: Final = 0.0002
_OLD_SECONDS: Final = 1.0
_MOST_BUSY: Final = 20  # a listing that took a second is repeated after this many at the earliest


class FoundFile(NamedTuple):
    """A file that fits a query: its path in its workspace folder `root`, with `/`, and what a context line
    calls it."""

    root: Path
    path: str
    name: str


class FileIndex:
    """The files of all workspace folders."""

    def __init__(
        self, rules_of: Callable[[Path], IgnoreRules], now: Callable[[], float] = time.monotonic
    ) -> None:
        """`rules_of` gives the rules of a folder, `now` seconds."""
        self._rules_of = rules_of
        self._now = now
        self._folders: dict[Path, _Folder] = {}

    async def refresh(self, roots: Sequence[Path], seconds: float) -> None:
        """List what is not known or old; give a listing that has just begun some `seconds` to end."""
        for root in [root for root in self._folders if root not in roots]:
            self._folders.pop(root).close()
        for root in roots:
            inner = tuple(other for other in roots if other != root and other.is_relative_to(root))
            rules = self._rules_of(root)
            folder = self._folders.get(root)
            if folder is None or folder.inner != inner or folder.rules is not rules:
                if folder is not None:
                    folder.close()
                folder = self._folders[root] = _Folder(root, inner, rules, self._now)
            folder.start_if_old()
        worth = [folder for folder in self._folders.values() if folder.may_end_within(seconds)]
        if tasks := [folder.task for folder in worth if folder.task is not None]:
            await asyncio.wait(tasks, timeout=seconds)

    def find(self, query: str, limit: int, first: Path | None) -> list[FoundFile]:
        """The `limit` best files for a query, the best first; `first` is the folder of the chat.

        Files that are gone or excluded since they were listed are left out. A context line means a file in
        `first` before one in the other folders, so one that such a file hides is called by its whole path.
        """
        order = sorted(self._folders.values(), key=lambda folder: folder.root != first)
        ranks: list[tuple[Rank, int]] = []
        for number, folder in enumerate(order):
            ranks += ((rank, number) for rank in best(query, folder.blocks, limit))
        found: list[FoundFile] = []
        for rank, number in sorted(ranks)[:limit]:
            folder = order[number]
            path = folder.root / rank.path
            if folder.is_recent or folder.still_has(path):
                hidden = any((before.root / rank.path).exists() for before in order[:number])
                found.append(FoundFile(folder.root, rank.path, str(path) if hidden else rank.path))
        return found

    @property
    def capped(self) -> bool:
        """Whether a folder has more files than are kept."""
        return any(folder.capped for folder in self._folders.values())

    def close(self) -> None:
        """End the listings that are under way, within moments."""
        for folder in self._folders.values():
            folder.close()


class _Folder:
    """One workspace folder: `blocks` are what there is to search. `inner` are the workspace folders in it,
    which are listed by themselves; `took` says how many seconds the last whole listing took."""

    def __init__(
        self, root: Path, inner: tuple[Path, ...], rules: IgnoreRules, now: Callable[[], float]
    ) -> None:
        self.root = root
        self.inner = inner
        self.rules = rules
        self.blocks: Sequence[PathBlock] = ()
        self.whole = False
        self.capped = False
        self.took = 0.0
        self.task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._ended = 0.0
        self._closed = False
        self._now = now

    @property
    def is_recent(self) -> bool:
        """Whether the files are as they are on the disk, give or take a second or a listing."""
        return not self.whole or self._now() - self._ended < _OLD_SECONDS

    def start_if_old(self) -> None:
        """Begin a listing, unless one is under way or the last one is recent."""
        due = self._ended + max(_OLD_SECONDS, _MOST_BUSY * self.took)
        if self.task is None and not (self.whole and self._now() < due):
            self._began = self._now()
            self.task = asyncio.get_running_loop().create_task(self._list())

    def may_end_within(self, seconds: float) -> bool:
        """Whether it is worth waiting for the listing: neither it nor the last one has taken longer."""
        return self.took < seconds and self._now() - self._began < seconds

    def still_has(self, path: Path) -> bool:
        """Whether a file of this folder is there, and no rule excludes it."""
        return path.exists() and self.rules.rule_for(path) is None

    def close(self) -> None:
        """End the listing."""
        self._closed = True

    async def _list(self) -> None:
        blocks: list[PathBlock] = []
        if not self.whole:
            self.blocks = blocks  # grows while it is searched
        try:
            self.capped = await asyncio.to_thread(self._fill, blocks)
            self.blocks, self.whole = blocks, True
        finally:
            self._ended = self._now()
            self.took = self._ended - self._began
            self.task = None

    def _fill(self, blocks: list[PathBlock]) -> bool:
        """Put all paths into `blocks`, some at a time; whether there are too many."""
        above = os.path.join(os.path.abspath(self.root), "")  # noqa: PTH100, PTH118 - as the rules have it
        others = tuple(os.path.join(root, "") for root in self.inner)  # noqa: PTH118
        batch: list[str] = []
        size, count = _FIRST_BLOCK, 0
        for file in self.rules.walk():
            path = os.fspath(file)
            if self._closed or count >= MOST_FILES:
                break
            if path.startswith(others):
                continue
            count += 1
            if count % _WITHOUT_PAUSE == 0:
                time.sleep(_PAUSE_SECONDS)
            batch.append(path[len(above) :].replace(os.sep, "/"))
            if len(batch) == size:
                blocks.append(PathBlock(batch))
                batch.clear()
                size = min(2 * size, _BLOCK)
        blocks.append(PathBlock(batch))
        return count >= MOST_FILES
