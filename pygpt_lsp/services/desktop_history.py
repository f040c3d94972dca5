"""The conversations in the database of PYGPT, the desktop application: read, never written.

Deleted conversations, those that the application had with itself (of its agents and experts) and the internal
steps of the others are left out. Columns that a version does not have are done without.
"""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pygpt_lsp.core.chat_answers import chat_title
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services.history_locks import primary_code
from pygpt_lsp.services.history_records import AddedConversation, AddedTurn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_PATIENCE: Final = 5.0  # seconds to wait while the application writes
_NAME: Final = "db.sqlite"
_NO_QUESTION: Final = "…"
_LATEST: Final = 253_402_300_800.0  # seconds since 1970, the year 10000
_WAL_VERSIONS: Final = b"\2\2"  # sqlite.org/fileformat.html, section 1.3, offset 18


def read_conversations(folder: Path, words: Sequence[str] = ()) -> list[AddedConversation]:
    """The conversations in which each of `words` occurs, in whatever case, the one changed last first.

    Raises PygptError with a sentence: a database that is broken, locked or not understood.
    """
    path = folder / _NAME
    if not path.is_file():
        return []
    wanted = [word.casefold() for word in words]
    try:
        with contextlib.closing(_connect(path)) as db:
            found = [each for each in _conversations(db, folder) if _matches(each, wanted)]
    except sqlite3.OperationalError as error:
        if primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise PygptError(f"{path} is being written by PYGPT: try again in a moment.") from error
        raise PygptError(f"{path} cannot be read: start and close PYGPT once, then try again.") from error
    except sqlite3.Error as error:
        raise PygptError(f"{path} is broken, so no conversations are read.") from error
    return sorted(found, key=lambda each: each.turns[-1].finished, reverse=True)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the database so that nothing beside it or in it is written.

    A database in WAL mode cannot be read without a file beside it, which would have to be made: where it is
    not there nobody uses the database, and it can be read as a file that does not change.
    """
    with path.open("rb") as file:
        header = file.read(20)
    unused = header[18:20] == _WAL_VERSIONS and not path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro&immutable=1" if unused else "mode=ro"
    db = sqlite3.connect(f"file:{quote(path.absolute().as_posix())}?{mode}", uri=True, timeout=_PATIENCE)
    db.text_factory = _decoded
    return db


def _decoded(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def _conversations(db: sqlite3.Connection, folder: Path) -> Iterator[AddedConversation]:
    meta, item = _columns(db, "ctx_meta"), _columns(db, "ctx_item")
    if not {"id", "name"} <= meta or not {"id", "meta_id", "input", "output"} <= item:
        raise PygptError(f"{folder / _NAME} is not understood: it may be of another version of PYGPT.")
    of_meta, of_item = _chooser("m", meta), _chooser("i", item)
    columns = [
        "m.id", "m.name", of_meta("uuid"), of_meta("updated_ts"), of_meta("last_model"), of_meta("model"),
        "i.input", "i.output", of_item("model"), of_item("input_ts"), of_item("output_ts"),
    ]  # fmt: skip
    hidden = [of_meta(name) for name in ("is_deleted", "parent_id")] + [of_item("is_internal")]
    conditions = " AND ".join(f"coalesce({column}, 0) = 0" for column in hidden)
    rows = db.execute(
        f"SELECT {', '.join(columns)} FROM ctx_meta AS m JOIN ctx_item AS i ON i.meta_id = m.id"  # noqa: S608 (names of ours)
        f" WHERE {conditions} ORDER BY m.id, i.id"
    )
    for number, group in groupby(rows, key=lambda row: row[0]):
        conversation = _conversation(number, list(group))
        if conversation is not None:
            yield conversation


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def _chooser(table: str, columns: set[str]) -> Callable[[str], str]:
    """Gives the expression for a column, NULL for one that this version does not have."""
    return lambda name: f"{table}.{name}" if name in columns else "NULL"


def _conversation(number: int, rows: list[tuple[Any, ...]]) -> AddedConversation | None:
    _, name, uuid, updated, last_model, first_model, *_ = rows[0]
    turns: list[AddedTurn] = []
    for *_, question, answer, model, asked, answered in rows:
        asked_text, answer_text = _text(question), _text(answer)
        if not asked_text.strip() and not answer_text.strip():
            continue
        created = _time(asked) or _time(updated)
        used = _text(model) or _text(last_model) or _text(first_model)
        turn = AddedTurn(asked_text, answer_text, used, created, max(_time(answered), created))
        if asked_text.strip():
            turns.append(turn)
        elif turns:  # the answer went on
            before = turns[-1]
            joined = f"{before.answer}\n\n{answer_text}" if before.answer else answer_text
            turns[-1] = before._replace(answer=joined, finished=max(before.finished, turn.finished))
        else:
            turns.append(turn._replace(question=_NO_QUESTION))
    if not turns:
        return None
    source = _text(uuid) or f"number {number} of {turns[0].created}"
    title = _text(name).strip() or chat_title(turns[0].question)
    return AddedConversation(f"pygpt {source}", title, tuple(turns))


def _matches(conversation: AddedConversation, words: Sequence[str]) -> bool:
    if not words:
        return True
    said = (text for turn in conversation.turns for text in (turn.question, turn.answer))
    whole = "\n".join([conversation.title, *said]).casefold()
    return all(word in whole for word in words)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _time(value: object) -> float:
    """Seconds since 1970, 0 for what is no time."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _LATEST else 0.0
