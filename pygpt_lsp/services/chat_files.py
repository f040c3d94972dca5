"""Reading and writing chat documents that no editor has open."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.unicode import well_formed
from pygpt_lsp.services.cache_folder import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 32 << 20


def leads_out(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a chat that lies in one of the workspace's folders by its name is a link to somewhere else."""
    if not any(path.is_relative_to(root) for root in roots):
        return False
    real = os.path.realpath(path)
    return not any(Path(real).is_relative_to(os.path.realpath(root)) for root in roots)


def read_chat(path: Path) -> str:
    """The file's text with its line endings as they are. Raises PygptError with a sentence."""
    try:
        # Asked before it is opened: a named pipe would keep us waiting, and a device has no end.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PygptError(f"{path} is not an ordinary file, so it is no chat.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else None
        if data is None or len(data) > MAX_BYTES:
            raise PygptError(f"{path} is larger than {MAX_BYTES >> 20} MiB, which is no chat.")
        return data.decode("utf-8", "replace")
    except OSError as error:
        raise PygptError(f"{path} cannot be read: {error.strerror}.") from error


def write_chat(path: Path, text: str) -> None:
    """Replace the file's text at once: a reader sees the old text or the new one, never a part.

    The file keeps its mode; a new one is 0600. A link is followed, as an editor would. Raises PygptError.
    """
    target = Path(os.path.realpath(path))  # unlike `resolve` it does not raise on a link to itself
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=UNFINISHED, dir=target.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(well_formed(text).encode())
        with contextlib.suppress(OSError):
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise PygptError(f"{path} cannot be written: {error.strerror}.") from error
