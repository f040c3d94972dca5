"""Logging that a user may paste into a bug report: no prompt, no answer, no key.

Our own log lines hold identifiers, counts, times and sentences for the user. Libraries are silenced, because
they log whole messages and bodies, and an exception's text may quote a document: a crash is logged by its
type and the places in the code. Only the explicit level `trace` logs the messages themselves, and then
anything that looks like a key, or is the key in use, is masked.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import stat
import sys
import traceback
from pathlib import Path

TRACE = 5
LEVELS = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
}

_KEY_LIKE = re.compile(
    r"(?i)(bearer\s+|(?<![a-z0-9])sk-)[a-z0-9._~+/=-]{6,}"
    r'|("[\w.-]*api[_-]?key"\s*:\s*")(?:[^"\\]|\\.)+'  # a setting that nobody should have made
)
_known_keys: set[str] = set()


def remember_key(key: str) -> None:
    """Mask this key wherever it would appear in a log line from now on."""
    if len(key) >= 4:
        _known_keys.update((key, json.dumps(key)[1:-1]))  # messages are logged as JSON


def scrub(text: str) -> str:
    """The text with everything that is, or looks like, a key masked."""
    for key in _known_keys:
        text = text.replace(key, "***")
    return _KEY_LIKE.sub(lambda match: f"{match[1] or match[2]}***", text)


def crash_summary(error: BaseException) -> str:
    """Type and code places of an exception, innermost last, without its text or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {places or 'an unknown place'}"


class _ScrubbingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def _make_private(descriptor: int) -> None:
    """Close a file that was there already to others; a device is left as it is."""
    if os.name == "posix" and stat.S_ISREG(os.fstat(descriptor).st_mode):
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, 0o600)


def set_up_logging(level: str, file: Path | None) -> None:
    """Log to stderr, or to `file`, which is appended to and made readable by its owner alone.

    `level` is a key of LEVELS. Raises OSError where the file cannot be opened.
    """
    logging.addLevelName(TRACE, "TRACE")
    # A record that cannot be formatted would print its arguments to stderr.
    logging.raiseExceptions = False
    if file is None:
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
    else:
        file.touch(mode=0o600, exist_ok=True)
        with file.open("ab") as opened:
            _make_private(opened.fileno())
        handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    ours = logging.getLogger("pygpt_lsp")
    ours.handlers[:] = [handler]
    ours.propagate = False
    ours.setLevel(LEVELS[level])
    # Everyone else (pygls, the SDK with OPENAI_LOG=debug, asyncio in debug mode) stays silent.
    root = logging.getLogger()
    root.handlers[:] = [logging.NullHandler()]
    logging.lastResort = None
    for name in ("pygls", "openai", "httpx2", "httpcore2", "asyncio", "keyring"):
        library = logging.getLogger(name)
        library.handlers[:] = [logging.NullHandler()]
        library.propagate = False
        library.setLevel(logging.CRITICAL + 1)
