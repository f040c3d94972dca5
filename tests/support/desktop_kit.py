"""A folder as PYGPT, the desktop application, keeps it, for the tests of what is taken over from it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-desktop-kanarienvogel"
OLD_SCHEMA = (
    "CREATE TABLE ctx_meta(id INTEGER PRIMARY KEY, uuid TEXT, created_ts INTEGER, updated_ts INTEGER,"
    " name TEXT, mode TEXT, model TEXT, last_mode TEXT, last_model TEXT, is_deleted BOOLEAN NOT NULL)",
    "CREATE TABLE ctx_item(id INTEGER PRIMARY KEY, meta_id INTEGER, input TEXT, output TEXT,"
    " input_ts INTEGER, output_ts INTEGER, model TEXT)",
)
NEW_SCHEMA = (
    *OLD_SCHEMA,
    "ALTER TABLE ctx_item ADD COLUMN is_internal BOOLEAN",
    "ALTER TABLE ctx_meta ADD COLUMN root_id INTEGER",
    "ALTER TABLE ctx_meta ADD COLUMN parent_id INTEGER",
    "CREATE TABLE ctx_group(id INTEGER PRIMARY KEY)",
)


def desktop(folder: Path, schema: tuple[str, ...] = NEW_SCHEMA) -> Path:
    """The folder of a user with two presets, a prompt, and a database without conversations."""
    (folder / "presets").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"api_key": KEY}))
    preset(folder, "writer", name="Grüße & 😀", prompt="You write\r\nletters.", temperature=0.5, chat=True)
    preset(folder, "pirate", name="Pirate", prompt="---\nArr {{selection}}!", model="gpt-4o", chat=True)
    preset(folder, "current.chat", name="current", prompt="What was used last.", chat=True)
    preset(folder, "painter", name="Painter", prompt="Paint.", img=True)
    preset(folder, "empty", name="Empty", prompt="", chat=True)
    items = {
        "uuid-1": {"name": "Translate: to {x}", "content": "Translate {{ text }} \\{{a}} {{1}}.\n\n  ö 😀"}
    }
    (folder / "prompts.json").write_text(json.dumps({"__meta__": {}, "items": items}), encoding="utf-8")
    with closing(sqlite3.connect(folder / "db.sqlite")) as db:
        for statement in schema:
            db.execute(statement)
        db.commit()
    return folder


def preset(folder: Path, stem: str, **values: Any) -> None:
    """Write a preset."""
    (folder / "presets" / f"{stem}.json").write_text(json.dumps(values), encoding="utf-8")


def conversation(
    folder: Path,
    name: str,
    *said: tuple[str | None, str | None],
    internal: tuple[str, str] | None = None,
    **meta: Any,
) -> None:
    """Write a conversation of pairs of question and answer, a minute apart; `meta` are further columns."""
    with closing(sqlite3.connect(folder / "db.sqlite")) as db:
        values = {"name": name, "uuid": f"uuid of {name}", "updated_ts": 1_700_000_000, "is_deleted": 0}
        values |= {"last_model": "gpt-4o", **meta}
        row = _insert(db, "ctx_meta", values)
        for number, (question, answer) in enumerate(said):
            when = 1_700_000_000 + 60 * number
            pair = {"input": question, "output": answer, "input_ts": when, "output_ts": when + 5}
            _insert(db, "ctx_item", {"meta_id": row, **pair})
        if internal is not None:
            pair = {"input": internal[0], "output": internal[1], "is_internal": 1}
            _insert(db, "ctx_item", {"meta_id": row, **pair})
        db.commit()


def _insert(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> int | None:
    marks = ", ".join("?" * len(values))
    return db.execute(
        f"INSERT INTO {table}({', '.join(values)}) VALUES({marks})", tuple(values.values())
    ).lastrowid
