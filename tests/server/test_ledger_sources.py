"""The ledger names the documents and lines that went along, whatever road they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.ledger import Contribution
from tests.support.actions_kit import fenced
from tests.support.chat_kit import ended, open_chat, send
from tests.support.editor_profiles import VSCODE
from tests.support.git_kit import run
from tests.support.server_kit import ledger_rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

RULES, STAGED = Contribution("AGENTS.md"), Contribution("größe.txt")
CHAT = """\
## User

> #file:src/app.py:1-3
> #symbol:src/app.py:greet
> #rules:AGENTS.md
> #diff

Why?
"""


async def test_each_document_that_goes_along_is_named_with_its_lines(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    (workspace / "AGENTS.md").write_text("Be brief.\n", "utf-8")
    run(workspace, "init")
    run(workspace, "add", "src")
    run(workspace, "-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-m", "x")
    (workspace / "größe.txt").write_text("1\n", "utf-8")
    run(workspace, "add", "größe.txt")
    client = await editor(VSCODE)
    code = client.open(workspace / "src/app.py")
    message = workspace / ".git/COMMIT_EDITMSG"
    message.touch()
    commit = client.open(message, "gitcommit")
    chat = open_chat(client, workspace, CHAT, "mine.chat.md")
    asked = ((code, "implement", fenced("import os\n")), (commit, "commit", "Say the size"))
    for job, (document, action, answer) in enumerate(asked, 1):
        api.reply(answer)
        argument = {"id": action, "uri": document.uri, "range": document.cursor(0), "instruction": "x"}
        await client.execute("pygpt.action", argument)
        await ended(client, job)
    await client.wait_for(lambda: "import os" in code.text, "the insertion")
    await send(client, chat)
    await ended(client, 3)
    assert await client.close() == 0
    rows = {row.purpose: row.sources for row in ledger_rows(workspace / ".pygpt/cache")}
    app = "src/app.py"
    assert rows["implement"] == (Contribution(app, 1, 23), Contribution(app, 3, 3), RULES)
    assert rows["commit"] == (STAGED, RULES)
    # The inserted line has moved the definition down.
    assert rows["chat"] == (Contribution(app, 1, 3), Contribution(app, 7, 10), RULES, STAGED)
