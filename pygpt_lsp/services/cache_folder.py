"""A cache folder: what lies in it, and the only way files get into it.

It holds what the user asked, so on POSIX its folders are 0700 and its files 0600; on Windows modes mean
nothing and the counterpart is the access list that the folder inherits from the user's profile or from the
workspace. Where it lies is decided in `workspace_cache`.
Everything here touches the disk: call it from a worker thread.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.pages import CHAT_SUFFIX
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.own_files import is_link, make_folder, make_private, real_path, slug, take_name

if TYPE_CHECKING:
    from datetime import date

UNFINISHED: Final = ".pygpt-tmp"
"""What the name of a file ends with that is being written, before it takes another's place."""
_GITIGNORE: Final = b"*\n"
_IGNORE: Final = f"!*{CHAT_SUFFIX}\n".encode()


class UnfitFolderError(OSError):
    """A folder that could be written and must not be used as a cache; `strerror` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EPERM, why)


class LeadsOutsideError(UnfitFolderError):
    """A link where a folder of the cache should be; what is behind it is not ours to write."""


class CacheFolder:
    """One workspace's cache. The folder exists once `prepare` has returned."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def chats_dir(self) -> Path:
        """Where chat documents are kept unless the user chose another place."""
        return self.path / "chats"

    @property
    def scratch_dir(self) -> Path:
        """Where code from chats is put that has no place of its own yet; made when it is needed."""
        return self.path / "scratch"

    @property
    def locks_dir(self) -> Path:
        """Where running servers hold their locks; every file in it is empty."""
        return self.path / "locks"

    @property
    def requests_dir(self) -> Path:
        """Where requests lie that the user looks at; they go with the server and with deletions."""
        return self.path / "requests"

    def shown_requests(self) -> list[Path]:
        """The files in `requests/`. Raises OSError."""
        if not self.requests_dir.is_dir():
            return []
        return [path for path in self.requests_dir.iterdir() if path.is_symlink() or not path.is_dir()]

    def unfinished_writes(self) -> list[Path]:
        """What a server that was killed while it wrote a chat or a page left of it."""
        return [path for folder in (self.path, self.chats_dir) for path in folder.glob(f".*{UNFINISHED}")]

    @property
    def search_path(self) -> Path:
        """The page of what the history's last search found; it goes whenever something is deleted."""
        return self.path / f"history{CHAT_SUFFIX}"

    @property
    def models_path(self) -> Path:
        """The page of the models to choose from."""
        return self.path / f"models{CHAT_SUFFIX}"

    @property
    def choice_path(self) -> Path:
        """The model that was chosen for this workspace."""
        return self.path / "model.json"

    @property
    def mask_key_path(self) -> Path:
        """The key by which the workspace's placeholders for secrets are made."""
        return self.path / "mask.key"

    @property
    def history_path(self) -> Path:
        """The history database."""
        return self.path / "history.sqlite3"

    def prepare(self) -> None:
        """Create what is missing, make it private and see that it can be written.

        Raises OSError where that fails, UnfitFolderError where it would succeed and be wrong: a folder of the
        cache is a link or belongs to another user, or the file system has no locks.
        """
        make_folder(self.path)
        with tempfile.TemporaryFile(dir=self.path) as file:
            # What a new file's owner is says who we are on file systems with owners of their own, too.
            us = os.fstat(file.fileno()).st_uid
            _refuse_another_users(self.path, us)
            _see_that_it_locks(file.fileno(), self.path)
        make_private(self.path, 0o700)
        for folder in (self.chats_dir, self.locks_dir, self.requests_dir):
            if is_link(folder):
                raise LeadsOutsideError(f"{folder} is a link")
            folder.mkdir(mode=0o700, exist_ok=True)
            _refuse_another_users(folder, us)
            make_private(folder, 0o700)
        ignore = self.path / ".gitignore"
        if not _holds(ignore, _GITIGNORE):
            self.private_write(ignore, _GITIGNORE.decode())

    def let_chats_be_completed(self) -> None:
        """Have an editor in which the user must type a chat's path complete it: Helix leaves out what git
        ignores, and heeds `.ignore` first. Not for others, whose searches would find chats. Raises OSError.
        """
        ignore = self.path / ".ignore"
        if not _holds(ignore, _IGNORE):
            self.private_write(ignore, _IGNORE.decode())

    def private_write(self, path: Path, text: str) -> None:
        """Make `text` the whole content of `path`, as UTF-8 and with its line endings as they are.

        A reader sees the old text or the new one, never a part. `path` lies directly in the cache or in
        its `chats/` (ValueError otherwise); a link there is replaced, never followed. Raises OSError.
        """
        if path.parent not in {self.path, self.chats_dir}:
            raise ValueError(f"{path} is not a file of the cache {self.path}")
        # mkstemp creates the file exclusively and 0600.
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=UNFINISHED, dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(well_formed(text).encode())
                file.flush()
                # Without this a power cut after the rename could leave an empty file under the final name.
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def new_chat_path(self, date: date, title: str) -> Path:
        """Take an unused name in `chats/`: `<YYYY-MM-DD>-<slug>.chat.md`. The file is created, empty.

        Two servers never take the same name. Raises OSError.
        """
        return take_name(self.chats_dir, f"{date.isoformat()}-{slug(title)}", CHAT_SUFFIX)

    def new_scratch_file(self, stem: str, ending: str, text: str) -> Path:
        """Write `text` into a new file in `scratch/`: `<slug of stem>.<ending>`, with a number if need be.

        No file is ever written over. Raises OSError, LeadsOutsideError where the folder is a link.
        """
        if is_link(self.scratch_dir):
            raise LeadsOutsideError(f"{self.scratch_dir} is a link")
        self.scratch_dir.mkdir(mode=0o700, exist_ok=True)
        make_private(self.scratch_dir, 0o700)
        path = take_name(self.scratch_dir, slug(stem), f".{slug(ending)}")
        try:
            path.write_bytes(well_formed(text).encode())
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path

    def chat_name(self, path: Path) -> str | None:
        """The name under which `chats/` holds `path`, None where the document lies elsewhere."""
        return path.name if real_path(path.parent) == real_path(self.chats_dir) else None


def _refuse_another_users(folder: Path, us: int) -> None:
    # Whoever owns a folder can open it to others again and put other files in the place of ours.
    if folder.stat().st_uid != us:
        raise UnfitFolderError(f"{folder} belongs to another user")


def _see_that_it_locks(descriptor: int, folder: Path) -> None:
    """Raise UnfitFolderError where the file system cannot lock, as some network drives cannot.

    SQLite would take that for a lock of somebody else's and wait.
    """
    try:
        import fcntl
    except ImportError:  # Windows, where every file system can
        return
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UnfitFolderError(f"The file system of {folder} cannot lock files") from error


def _holds(path: Path, content: bytes) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != len(content):
        return False
    return path.read_bytes() == content
