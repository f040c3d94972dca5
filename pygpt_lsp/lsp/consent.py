"""Files that a rule keeps back and that the user has open: they are asked, once for each while a server runs.

A no is not remembered: whoever sends again is asked again. Private files are never asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.ignore_rules import IgnoreRule

_YES: Final = "Send it"


def agreed(server: PygptServer, path: Path) -> bool:
    """Whether the user has said that this file may be sent."""
    return path in server.session.agreed_files


async def may_be_sent(server: PygptServer, path: Path, shown: str, rule: IgnoreRule) -> bool:
    """Whether the user lets an open file be sent which `rule` excludes; `shown` is its name for them."""
    if agreed(server, path):
        return True
    choice = await server.editor.ask(
        f"PyGPT: {shown} is excluded by {rule.words}. Send what is asked for of it all the same?",
        [_YES, "Don't send"],
    )
    if choice == _YES:
        server.session.agreed_files.add(path)
        server.watch.touched()
    return choice == _YES
