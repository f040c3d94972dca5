"""One prompt or preset file: from bytes that anybody may have written to its front matter and its text.

Must never open a device, follow a link where that is not wanted, or take long, whatever the file holds.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any, Final

from pygpt_lsp.core.prompt_fields import BadPrompt, Field, PromptFile

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

LARGEST: Final = 64 * 1024
"""Bytes a file may have."""
_LONGEST_FRONT: Final = 4_000  # characters; the parser is slow

_FRONT: Final = re.compile(r"---[ \t]*\n(?P<raw>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def read_prompt_file(path: Path, *, follow: bool) -> PromptFile:
    """Read and take apart a file. A link is followed only with `follow`.

    Raises BadPrompt for what cannot be used; OSError where it cannot be read.
    """
    # Asked before it is opened: opening a named pipe would wait for somebody to write.
    status = path.stat() if follow else path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise BadPrompt(0, "it is a link, and no link in a workspace is followed")
    if not stat.S_ISREG(status.st_mode):
        raise BadPrompt(0, "it is not an ordinary file")
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(os.open(path, flags), "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BadPrompt(0, f"it is larger than {LARGEST // 1024} KiB")
    if b"\0" in content:
        raise BadPrompt(content[: content.index(b"\0")].count(b"\n") + 1, "this is not text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPrompt(content[: error.start].count(b"\n") + 1, "this is not UTF-8 text") from error
    return take_apart(text.replace("\r\n", "\n").replace("\r", "\n"))


def take_apart(text: str) -> PromptFile:
    """The front matter and the text below it; without one all is text. Raises BadPrompt."""
    if not re.match(r"---[ \t]*\n", text):
        return PromptFile((), text, 1)
    front = _FRONT.match(text)
    if front is None:
        raise BadPrompt(1, "no line `---` ends the front matter that begins here")
    if len(front["raw"]) > _LONGEST_FRONT:
        raise BadPrompt(1, f"the front matter is longer than {_LONGEST_FRONT} characters")
    return PromptFile(_fields(front["raw"]), text[front.end() :], front[0].count("\n") + 1)


def _fields(raw: str) -> tuple[Field, ...]:
    """The keys with their values, which are scalars or lists of scalars; line 1 of the file is the `---`."""
    import yaml

    try:
        node = yaml.compose(raw, Loader=yaml.SafeLoader)
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            raise BadPrompt(2, "the front matter must be lines like `kind: edit`")
        return tuple(_field(key, value) for key, value in node.value)
    except BadPrompt:
        raise
    except Exception as error:  # the loader lets errors of many kinds out
        mark = getattr(error, "problem_mark", None)
        raise BadPrompt(2 + (mark.line if mark is not None else 0), "this is not valid YAML") from error


def _field(key: yaml.Node, value: yaml.Node) -> Field:
    """Built node by node: a loader would also build what is nested, merged or repeated beyond any measure."""
    import yaml

    line = key.start_mark.line + 2
    entries = value.value if isinstance(value, yaml.SequenceNode) else [value]
    if not isinstance(key, yaml.ScalarNode) or not all(
        isinstance(entry, yaml.ScalarNode) for entry in entries
    ):
        raise BadPrompt(line, "a value must be a text, a number or a list of texts")
    loader: Any = yaml.SafeLoader("")
    found = [loader.construct_object(entry) for entry in entries]
    return Field(key.value, found if isinstance(value, yaml.SequenceNode) else found[0], line)
