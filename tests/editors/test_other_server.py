"""An OpenAI-compatible server that nobody here wrote, behind a real editor."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.helix import Helix
from tests.editors.install_aimock import program
from tests.editors.install_vscode import VsCode
from tests.editors.terminal import wait_until
from tests.editors.workspace import DOCUMENT_REPLY, DOCUMENTED, GREET_LINES, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.editors.install import Editors
    from tests.editors.workspace import Workspace

pytestmark = pytest.mark.editor

TOOLS = Path(__file__).parents[2] / ".tools/editors"
EXPLANATION = "It greets with an ö and a 😀, " + "as one does, " * 40 + "and that is the end."
FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "Explain what this code does"}, "response": {"content": EXPLANATION}},
        {"match": {"userMessage": "parameters, results and errors"}, "response": {"content": DOCUMENT_REPLY}},
    ]
}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the server listens."""
    script, fixtures, log = program(TOOLS), tmp_path / "fixtures.json", tmp_path / "aimock.log"
    if not script.exists():
        pytest.fail("aimock is not installed: run `uv run nox -s editors`.")
    fixtures.write_text(json.dumps(FIXTURES))
    command = [VsCode(TOOLS / "vscode").node, script, "-p", "0", "-f", fixtures, "--strict", "--latency", "5"]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            found = wait_until(
                lambda: re.findall(r"listening on (http://127\.0\.0\.1:\d+)", log.read_text()),
                "the server to listen", log.read_text,
            )  # fmt: skip
            yield found[0]
        finally:
            server.terminate()


@pytest.mark.parametrize(("api", "path"), [("auto", "/v1/chat/completions"), ("responses", "/v1/responses")])
def test_a_server_not_written_here_explains_and_edits(
    api: str, path: str, editors: Editors, workspace: Workspace, address: str
) -> None:
    mine = workspace.home / ".config/pygpt-lsp/config.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text(f'api = "{api}"\n')
    env = {
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_API_KEY": "sk-test-not-a-real-key",
        "PYGPT_UPDATE_URL": f"{address}/update",
    }
    with Helix(editors, workspace.source, cwd=workspace.root, env=workspace.env() | env) as helix:
        helix.attached()
        helix.select_lines("def greet", GREET_LINES)
        helix.choose("PyGPT: Document this")
        helix.wait_for("Greet `name` with")
        assert helix.save(workspace.source) == DOCUMENTED
        helix.type("u")
        assert helix.save(workspace.source) == SOURCE

        helix.select_lines("def greet", GREET_LINES)
        helix.choose("PyGPT: Explain")
        helix.wait_for("and that is the end.")
        helix.wait_until(lambda: workspace.answers()[-1].status == "done", "the end in the history")

    assert workspace.answers() == [("done", DOCUMENT_REPLY), ("done", EXPLANATION)]
    with urllib.request.urlopen(f"{address}/v1/_requests") as journal:
        seen: list[Any] = json.load(journal)
    assert [request["path"] for request in seen if request["method"] == "POST"] == [path, path]
