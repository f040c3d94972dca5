"""A server in trouble that no test can make from outside: `python troubled_server.py TROUBLE [ARGUMENTS]`.

It is the real command line in a real process; a trouble changes one thing in it first.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from pygpt_lsp.cli import main
from pygpt_lsp.services import history
from pygpt_lsp.services.cache_folder import CacheFolder

if TYPE_CHECKING:
    from pathlib import Path


def troubled(trouble: str) -> tuple[str, ...]:
    """The command of a server in that trouble."""
    return (sys.executable, "-P", __file__, trouble)


def full_disk() -> None:
    """No database can grow: SQLite raises what it raises on a full disk."""
    connect = sqlite3.connect

    def connect_full(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        # Means the pages it has: there can never be fewer (sqlite.org/pragma.html, max_page_count).
        connection.execute("PRAGMA max_page_count=1")
        return connection

    sqlite3.connect = connect_full


def short_patience() -> None:
    """It waits a moment for a lock, where it would wait as long as a user may."""
    history.PATIENCE = 0.1


def hasty() -> None:
    """It waits a moment for an editor's answer, and for the change that shows an edit."""
    from pygpt_lsp.lsp import delivery

    delivery.ANSWER_SECONDS = delivery.SHOWN_SECONDS = 2.0


def patient() -> None:
    """It gives nothing up for lack of time, on a machine however slow; no user would wait so long."""
    from pygpt_lsp.lsp import server, transport
    from pygpt_lsp.services import history_worker, ledger, update_check

    for module, name in (
        (server, "SHUTDOWN_SECONDS"),
        (transport, "_FLUSH_SECONDS"),
        (history_worker, "_CLOSE_SECONDS"),
        (ledger, "_PATIENCE"),
        (ledger, "_CLOSING"),
        (update_check, "_SECONDS"),
    ):
        assert hasattr(module, name)
        setattr(module, name, 60.0)


def no_keyring() -> None:
    """The package keyring is not installed."""
    sys.modules["keyring"] = None  # pyright: ignore[reportArgumentType] (what the import system knows as "none")


def no_room_for_chats() -> None:
    """Files can be made in the cache, but nothing be written into them."""

    def private_write(self: CacheFolder, path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    CacheFolder.private_write = private_write


TROUBLES = {
    "full-disk": full_disk,
    "hasty": hasty,
    "no-keyring": no_keyring,
    "no-room-for-chats": no_room_for_chats,
    "patient": patient,
    "short-patience": short_patience,
}

if __name__ == "__main__":
    TROUBLES[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
