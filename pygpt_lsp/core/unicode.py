"""Two rules about text that came from elsewhere: what can be encoded, and what may reach a terminal.

JSON can carry half of a surrogate pair and a stored title can carry an escape sequence. Neither may
crash the server or play with the user's terminal.
"""

from __future__ import annotations

import unicodedata


def well_formed(text: str) -> str:
    """`text` with each lone surrogate replaced by U+FFFD, so that it can be encoded as UTF-8.

    Two surrogates that make a pair become the character they stand for (Unicode 15, section 3.9, D91).
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def visible(text: str, keep: str = "") -> str:
    """`text` with every character that could steer a terminal or reorder a line made visible.

    Control characters, line and paragraph separators, lone surrogates and the bidirectional controls
    (Unicode Annex 9, section 2) become U+FFFD; the characters in `keep` stay.
    """
    return "".join(
        "\ufffd" if _steers(character) and character not in keep else character for character in text
    )


def _steers(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(
        character
    ) in {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }


def plain_message(text: str) -> str:
    """`text` as a message of ours: whatever of a repository stands in it, nothing in it steers or is a link.

    VS Code makes a link of `[x](command:y)` in a message, and a file can have that name.
    """
    return visible(text, keep="\n").replace("](", "] (")
