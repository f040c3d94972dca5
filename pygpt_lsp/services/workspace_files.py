"""Reading files that a chat names: inside the workspace's folders alone, wherever links lead."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_BYTES = 4 << 20


def read_workspace_file(path: Path, roots: Sequence[Path]) -> str | None:
    """The text of a file; None where there is none of that name.

    Raises PygptError with a sentence for a file outside the folders (links resolved), a folder, a device, a
    binary or a huge file.
    """
    try:
        real = path.resolve(strict=True)
        inside = any(real.is_relative_to(root.resolve()) for root in roots)
        if not inside:
            raise PygptError(
                f"{path} lies outside the workspace, so it is not sent: open it in the editor first."
            )
        status = real.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PygptError(f"{path} is not a file that can be sent.")
        if status.st_size > MAX_BYTES:
            raise PygptError(f"{path} is larger than {MAX_BYTES >> 20} MiB: name the lines after opening it.")
        data = real.read_bytes()
    except (FileNotFoundError, NotADirectoryError, RuntimeError, ValueError):
        return None  # a loop of links is a RuntimeError before Python 3.13, a NUL in the name a ValueError
    except OSError as error:
        raise PygptError(f"{path} cannot be read: {error.strerror}.") from error
    if b"\0" in data[:8192]:
        raise PygptError(f"{path} is not a text file, so it is not sent.")
    return data.decode("utf-8", "replace")
