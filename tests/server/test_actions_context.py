"""What goes along with an edit: what a good colleague would want to see, and as much of it as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.tokens import TokenEstimator
from tests.support.actions_kit import choose, diagnostic, fenced
from tests.support.editor_profiles import VSCODE
from tests.support.server_kit import answered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_server import ScriptedApi
    from tests.support.editors import Editors

IMPORTS = "import sys\nfrom ö import 😀\n"
STEP = "        step = n  # ö 😀\n"
METHOD = f"    def add(self, n):\n        old = self.count\n{STEP}        return old + step\n"
SOURCE = f'''\
"""Zähler."""

{IMPORTS}

def before():
    return "not needed"


class Counter:
{METHOD}

def after():
    return "not needed either"
'''


async def test_an_edit_is_asked_for_with_everything_around_it_and_the_task_last(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    options = {"model": "gpt-ö", "system_prompt": "Say ö.", "temperature": 0.5, "max_output_tokens": 999}
    client = await editor(VSCODE, options=options)
    doc = client.open_text((workspace / "src/zähler.py").as_uri(), "python", SOURCE)
    here = doc.range_of("step = n")
    problems = [
        diagnostic(here, "n may be None ö", source="lint", code="X1"),
        diagnostic(doc.range_of('"not needed"'), "elsewhere"),
    ]
    api.default = fenced(STEP)
    await choose(client, doc, doc.range_of(STEP), "Simplify", diagnostics=problems)
    await answered(client)
    asked = api.requests[0].text
    in_order = [
        "Say ö.",
        "Diagnostics: src/zähler.py, line 14",
        "14:9 error: n may be None ö [lint X1]",
        "Enclosing definition: src/zähler.py, lines 12-15",
        "    def add(self, n):\n        old = self.count\n",
        "        return old + step",
        "Head of the file: src/zähler.py, lines 3-4",
        IMPORTS,
        "File `src/zähler.py`, language python. The region starts at line 14.",
        f"Region to replace:\n\n```python\n{STEP}```",
        "Task: Simplify this code",
    ]
    places = [asked.find(part) for part in in_order]
    assert places == sorted(places), asked
    assert min(places) >= 0, asked
    assert "not needed" not in asked
    assert "elsewhere" not in asked
    assert asked.count("step = n") == 1, "no line is sent twice"
    body = api.requests[0].json
    assert (body["model"], body["temperature"]) == ("gpt-ö", 0.5)
    assert 999 in body.values()


async def test_a_fix_may_change_the_whole_definition_around_the_problem(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor()
    doc = client.open_text((workspace / "src/count.py").as_uri(), "python", SOURCE)
    problem = diagnostic(doc.range_of("old + step"), "step may be None ö")
    api.default = fenced(METHOD.replace("step = n ", "step = n or 0 "))
    await choose(client, doc, doc.cursor(doc.find("old + step")), "Fix: step may be", diagnostics=[problem])
    await answered(client)
    assert doc.text == SOURCE.replace("step = n ", "step = n or 0 ")
    asked = api.requests[0].text
    assert f"Region to replace:\n\n```python\n{METHOD}```" in asked
    assert "15:16 error: step may be None ö" in asked
    assert asked.endswith("Diagnostic: step may be None ö")


async def test_a_document_without_a_file_is_called_by_its_name(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(VSCODE)
    doc = client.open_text("untitled:Untitled-1", "python", "x = 'ö'\n")
    api.reply(fenced("x = '😀'"))
    await choose(client, doc, doc.range_of("x = 'ö'"), "Simplify")
    await answered(client)
    assert doc.text == "x = '😀'\n"
    assert "File `Untitled-1`, language python." in api.requests[0].text


def big(ceiling: int) -> str:
    """A file with far more around the region than `ceiling` tokens."""
    imports = "".join(f"import module_{n}  # import\n" for n in range(ceiling // 8))
    body = "".join(f"    value_{n} = {n} * other_{n}\n" for n in range(150))
    return f"{imports}\n\ndef huge(argument):\n{body}    return argument  # ö 😀\n"


async def test_what_does_not_fit_is_left_out_the_least_important_first_and_nobody_is_asked(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    ceiling = 1000
    client = await editor(options={"max_input_tokens": ceiling})
    doc = client.open_text((workspace / "src/big.py").as_uri(), "python", big(ceiling))
    last = "    return argument  # ö 😀\n"
    problem = diagnostic(doc.range_of("return argument"), "the argument is unused")
    api.default = fenced(last)
    await choose(client, doc, doc.range_of(last), "Simplify", diagnostics=[problem])
    await answered(client)
    assert client.questions == []
    asked = api.requests[0].text
    assert ceiling * 0.7 < TokenEstimator().estimate(asked, "gpt-5.5") <= ceiling
    assert f"Region to replace:\n\n```python\n{last}```" in asked, "never shortened"
    assert "the argument is unused" in asked
    assert "def huge(argument):\n" in asked, "the line that names the definition stays"
    assert "value_149" in asked, "the lines next to the region stay longest"
    assert "value_75 " not in asked
    assert "# … lines left out …" in asked
    assert "# import" not in asked, "the head goes first"


async def test_what_does_not_fit_around_a_cursor_is_left_out_too(
    editor: Editors, api: ScriptedApi, workspace: Path
) -> None:
    client = await editor(options={"max_input_tokens": 1000})
    text = "".join(f"import module_{n}  # import\n" for n in range(200))
    doc = client.open_text((workspace / "src/big.py").as_uri(), "python", f"{text}\n\n# answer ö\n")
    api.default = fenced("x = 1")
    await choose(client, doc, doc.cursor(doc.find("# answer ö")), "Implement here")
    await answered(client)
    assert client.questions == []
    assert "# answer ö⟦cursor⟧" in api.requests[0].text
    asked = api.requests[0].text
    assert TokenEstimator().estimate(asked, "gpt-5.5") <= 1000
    assert "import module_199 " in asked
    assert "import module_100 " not in asked
