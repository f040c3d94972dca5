"""What keeps an open document from being sent: a private file never goes out, and for one that another rule
excludes the user is asked, once for each file and rule while a server runs.

A no is not remembered: whoever sends again is asked again.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from pygpt_lsp.core.errors import PygptError

if TYPE_CHECKING:
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.lsp.targets import Target
    from pygpt_lsp.services.ignore_rules import IgnoreRule

_YES: Final = "Send it"


def ruled_path(server: PygptServer, uri: str) -> Path | None:
    """The path that the rules about an open document go by: its file's, or the one that a document which was
    never saved is to have. None for a document that is not open."""
    workspace = server.session.workspace
    path = workspace.path_of(uri)
    if path is not None or workspace.documents.get(uri) is None:
        return path
    return Path(os.path.normpath(f"{os.sep}{unquote(uri.partition(':')[2])}"))


def agreed(server: PygptServer, path: Path, rule: IgnoreRule) -> bool:
    """Whether the user has said that this file, which `rule` excludes, may be sent."""
    return rule.kind != "private" and (path, rule) in server.session.files.agreed


async def may_be_sent(server: PygptServer, path: Path, shown: str, rule: IgnoreRule) -> bool:
    """Whether the user lets an open file be sent which `rule` excludes; `shown` is its name for them."""
    if rule.kind == "private":
        return False
    if agreed(server, path, rule):
        return True
    choice = await server.editor.ask(
        f"PyGPT: {shown} is excluded by {rule.words}. Send what is asked for of it all the same?",
        [_YES, "Don't send"],
    )
    if choice == _YES:
        server.session.files.agreed.add((path, rule))
        server.watch.touched()
    return choice == _YES


async def rule_of(server: PygptServer, uri: str) -> IgnoreRule | None:
    """The rule that excludes an open document, None where none does. Looks at the disk, in a thread."""
    path = ruled_path(server, uri)
    return await asyncio.to_thread(server.session.files.excluded, path) if path else None


async def see_that_it_may_go(server: PygptServer, target: Target, *, asking: bool = True) -> str:
    """See that what an action is about may be sent. With `asking` the user is asked where a rule excludes it;
    else the sentence is returned that says so, "" where nobody is to be asked.

    Raises PygptError where it may not be sent.
    """
    uri = target.snapshot.uri
    path, rule = ruled_path(server, uri), await rule_of(server, uri)
    if path is None or rule is None:
        return ""
    shown = target.shown_path
    if rule.kind == "private":
        raise PygptError(f"{shown} is excluded by {rule.words}, so nothing is done with it.")
    if not asking:
        ask = f"you would be asked about {shown}, which is excluded by {rule.words}"
        return "" if agreed(server, path, rule) else ask
    if not await may_be_sent(server, path, shown, rule):
        raise PygptError(f"{shown} is excluded by {rule.words}: you chose not to send it.")
    return ""
