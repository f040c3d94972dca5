"""The frame of a request's body: the body without the messages, from which they give it back byte for byte.

So the history's messages are the body that was sent, and its SHA-256 can be found again from them. The frame
holds no text of the user's: what is not made of the messages makes a body that has no frame.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygpt_lsp.core.messages import Message

_SAID = "\0said"
"""The key of an object that stands for messages, by number; NUL, since no body has such a key."""

_TEXTS = frozenset({"content", "instructions"})
_JOINT = "\n\n"


def shape_of(body: bytes, messages: Sequence[Message]) -> str:
    """The frame of the body around the messages' texts; "" where it cannot be told exactly."""
    texts = [message.content for message in messages]
    leading = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    # What the system says first may be joined to one text.
    places = {_JOINT.join(texts[:leading]): list(range(leading))}
    places |= {text: [number] for number, text in enumerate(texts)}
    try:
        said: object = json.loads(body)
        shape = json.dumps(_framed(said, places), separators=(",", ":"))
        return shape if body_from(shape, texts) == body else ""
    except (ValueError, LookupError):
        return ""


def body_from(shape: str, texts: Sequence[str]) -> bytes:
    """The body that `shape` and the messages' texts make, as the SDK writes JSON.

    Raises ValueError or LookupError where they do not belong together.
    """
    said = _filled(json.loads(shape), texts)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def hash_of(body: bytes) -> str:
    """The body's SHA-256 in hexadecimal; "" for no body."""
    return hashlib.sha256(body).hexdigest() if body else ""


def _framed(value: object, places: Mapping[str, list[int]], key: str = "") -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _framed(inner, places, name) for name, inner in fields.items()}
    if isinstance(value, list):
        return [_framed(inner, places, key) for inner in cast("list[Any]", value)]
    return {_SAID: places[value]} if isinstance(value, str) and key in _TEXTS else value


def _filled(value: object, texts: Sequence[str]) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if _SAID in fields:
            return _JOINT.join(texts[number] for number in cast("list[int]", fields[_SAID]))
        return {name: _filled(inner, texts) for name, inner in fields.items()}
    if isinstance(value, list):
        return [_filled(inner, texts) for inner in cast("list[Any]", value)]
    return value
