"""Another process at the same history: `python -m tests.support.history_process PART CACHE [ARGUMENT]`.

It prints a line once a thing is done and, unless its part has an end, goes on until its stdin is closed.
"""

from __future__ import annotations

import sqlite3
import sys
from itertools import count
from pathlib import Path

from pygpt_lsp.services.cache_folder import CacheFolder
from pygpt_lsp.services.history import HistoryStore
from pygpt_lsp.services.history_records import TurnEnd
from tests.support.history_kit import exchange, question


def write(cache: CacheFolder, name: str) -> None:
    """A server that asks and answers a hundred times as fast as it can."""
    store = HistoryStore.open(cache)
    for number in range(100):
        exchange(store, question(f"{name} question {number}"), f"{name} answer {number}")
    store.close()


def stream(cache: CacheFolder, name: str) -> None:
    """A server that never stops streaming. Each line names what is stored: conversation, question, answer."""
    store = HistoryStore.open(cache)
    for number in count():
        asked = f"{name} question {number}"
        started = store.start_turn(question(asked))
        answer = ""
        say(f"{started.conversation_id}\t{asked}\t{answer}")
        for part in range(number % 7):
            store.checkpoint(started.turn_id, f"part {part} ö😀 ")
            answer += f"part {part} ö😀 "
            say(f"{started.conversation_id}\t{asked}\t{answer}")
        store.finish_turn(started.turn_id, TurnEnd("done", answer))


def serve(cache: CacheFolder, name: str) -> None:
    """A server in the middle of an answer."""
    store = HistoryStore.open(cache)
    started = store.start_turn(question(f"{name} question"))
    store.checkpoint(started.turn_id, "half an ")
    say(started.conversation_id)
    sys.stdin.read()
    store.finish_turn(started.turn_id, TurnEnd("done", "half an answer"))
    store.close()


def read(cache: CacheFolder, name: str) -> None:
    """A program in the middle of reading everything."""
    database = sqlite3.connect(cache.history_path, isolation_level=None)
    database.execute("BEGIN")
    database.execute("SELECT * FROM messages").fetchall()
    say("reading")
    sys.stdin.read()
    database.close()


def lock(cache: CacheFolder, name: str) -> None:
    """A program that keeps the database locked."""
    database = sqlite3.connect(cache.history_path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    say("locked")
    sys.stdin.read()
    database.close()


def say(line: str) -> None:
    """Tell the test, now."""
    sys.stdout.buffer.write(f"{line}\n".encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    parts = {part.__name__: part for part in (write, stream, serve, read, lock)}
    parts[sys.argv[1]](CacheFolder(Path(sys.argv[2])), *(sys.argv[3:] or ["other"]))
