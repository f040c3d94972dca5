"""A server in trouble that no test can make from outside: `python troubled_server.py TROUBLE [ARGUMENTS]`.

It is the real command line in a real process; a trouble changes one thing in it first.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from pygpt_lsp.cli import main
from pygpt_lsp.services import history


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


TROUBLES = {"full-disk": full_disk, "short-patience": short_patience}

if __name__ == "__main__":
    TROUBLES[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
