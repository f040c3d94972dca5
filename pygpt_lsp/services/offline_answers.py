"""What the offline stand-in says: only what can be read off the code by rule, and that it is no model.

It exists so that a newcomer sees the whole way work without a key and without a network. It must never
pass for a model: each answer names itself.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from typing import NamedTuple, TypeAlias

from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.counting import counted
from pygpt_lsp.core.languages import comment_line, fence_tag
from pygpt_lsp.core.prompts import CURSOR_MARK, REGION_HEADING

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_WHO = "I am PyGPT's small offline stand-in, not a model"
_FENCED = re.compile(
    r"^(?P<fence>`{3,})(?P<tag>[^`\n]*)\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_DEFINITION = re.compile(
    r"^[ \t]*(?:[\w<>]+[ \t]+)*?(?P<kind>fn|func|function|fun|def|sub|class|struct|interface|trait|enum)"
    r"[ \t]+(?P<name>[\w.:]+)[ \t]*(?:\((?P<parameters>[^)]*)\))?",
    re.MULTILINE,
)
_IMPORT = re.compile(r"^[ \t]*(?:import|use|using|from|#include|require)\b.*$", re.MULTILINE)


class _Block(NamedTuple):
    language: str
    code: str


def offline_answer(question: str) -> str:
    """The answer to the last user message of a conversation, as Markdown."""
    if CURSOR_MARK in question:
        return _inserted(question)
    before, heading, after = question.partition(REGION_HEADING)
    if heading and (region := _first_block(after)):
        return _edited(region)
    block = _first_block(question if not heading else before)
    if block is not None and block.code.strip():
        return _explained(block)
    return (
        f"{_WHO}: I can explain a piece of code by its outline and add a description to it, but I cannot "
        "answer questions. Set `OPENAI_API_KEY` and ask again to hear a model."
    )


def _first_block(text: str) -> _Block | None:
    found = _FENCED.search(text)
    return _Block(found["tag"].strip(), found["code"]) if found else None


def _inserted(question: str) -> str:
    block = _first_block(question)
    language = block.language if block else ""
    line = comment_line(
        language, "The offline stand-in cannot write code; with OPENAI_API_KEY set, a model will."
    )
    return f"{_WHO}.\n\n{_fenced(language, line)}"


def _edited(region: _Block) -> str:
    text = (_documented_python(region.code) if region.language == "python" else None) or _commented(region)
    return f"{_WHO}: I only add a description.\n\n{_fenced(region.language, text)}"


def _fenced(language: str, code: str) -> str:
    fence = fence_for(code)
    return f"{fence}{fence_tag(language)}\n{code.rstrip(chr(10))}\n{fence}\n"


def _commented(region: _Block) -> str:
    """The region with one comment above its first line, indented like it."""
    names = [found["name"] for found in _DEFINITION.finditer(region.code)]
    what = f"Defines {_listed(names)}" if names else f"{_lines(region.code)} of code"
    first = next((line for line in region.code.split("\n") if line.strip()), "")
    comment = comment_line(region.language, f"{what} (noted by PyGPT's offline stand-in).")
    return f"{first[: len(first) - len(first.lstrip())]}{comment}\n{region.code}"


def _documented_python(code: str) -> str | None:
    """The code with a docstring for its first definition without one; None where none can get one."""
    lines = code.split("\n")
    for node in _definitions(code):
        first = node.body[0]
        at = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1
        body = lines[at]
        while at > node.lineno and lines[at - 1].strip()[:1] in ("", "#"):
            at -= 1  # above the comments, as everybody writes it
        if ast.get_docstring(node) is None and at >= node.lineno:
            indent = body[: len(body) - len(body.lstrip())]
            docstring = [f"{indent}{line}".rstrip() for line in _docstring(node)]
            return "\n".join([*lines[:at], *docstring, *lines[at:]])
    return None


def _docstring(node: _Function | ast.ClassDef) -> list[str]:
    words = node.name.strip("_").replace("_", " ").capitalize() or "Unnamed"
    facts = _facts(node)
    note = "(Described by PyGPT's offline stand-in from the code's outline.)"
    return [f'"""{words}.', "", *(f"{fact}." for fact in facts), note, '"""']


def _explained(block: _Block) -> str:
    parts = [f"{_WHO}: what follows is read off the code by rule."]
    nodes = _definitions(block.code) if block.language == "python" else []
    if nodes:
        for node in nodes:
            kind = "Class" if isinstance(node, ast.ClassDef) else "Function"
            about = (ast.get_docstring(node) or "").split("\n")[0]
            facts = [fact for fact in [about.rstrip("."), *_facts(node)] if fact]
            parts.append(f"**{kind} `{node.name}`** (line {node.lineno})")
            parts.append("\n".join(f"- {fact}" for fact in facts) or "- It holds nothing else to tell.")
    else:
        found = list(_DEFINITION.finditer(block.code))
        parts += [f"- **`{d['name']}`** ({d['kind']}){_with(d['parameters'])}" for d in found]
        parts += [f"- {_lines(block.code)} of code without a definition I know."] if not found else []
    if imports := [line.strip() for line in _IMPORT.findall(block.code)]:
        parts.append("It uses:\n\n" + "\n".join(f"- `{line}`" for line in imports))
    return "\n\n".join(parts) + "\n\nWith `OPENAI_API_KEY` set, a model explains it properly.\n"


def _definitions(code: str) -> list[_Function | ast.ClassDef]:
    """The functions and classes of Python code, in its order; none where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code, which nobody asked to check
            tree = ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError, RecursionError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return sorted((n for n in ast.walk(tree) if isinstance(n, kinds)), key=lambda node: node.lineno)


def _facts(node: _Function | ast.ClassDef) -> list[str]:
    """What can be said for sure about a definition, one sentence each, without the full stop."""
    if isinstance(node, ast.ClassDef):
        methods = [n.name for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        return [f"Has the methods {_listed(methods)}"] if methods else []
    arguments = node.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = [argument.arg for argument in given if argument.arg not in ("self", "cls")]
    inside = list(ast.walk(node))
    called = {name for n in inside if isinstance(n, ast.Call) and (name := _called(n.func))}
    raised = {name for n in inside if isinstance(n, ast.Raise) and (name := _called(n.exc))}
    facts = [f"Takes {_listed(names)}" if names else "Takes no arguments"]
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in inside):
        facts.append("Yields its results one by one")
    elif any(isinstance(n, ast.Return) and n.value is not None for n in inside):
        facts.append("Returns a value")
    if any(isinstance(n, ast.For | ast.AsyncFor | ast.While | ast.comprehension) for n in inside):
        facts.append("Repeats work in a loop")
    if called - raised:
        facts.append(f"Calls {_listed(sorted(called - raised))}")
    if raised:
        facts.append(f"Raises {_listed(sorted(raised))}")
    return facts


def _called(target: ast.expr | None) -> str:
    target = target.func if isinstance(target, ast.Call) else target
    return ast.unparse(target) if isinstance(target, ast.Name | ast.Attribute) else ""


def _with(parameters: str | None) -> str:
    return f": takes `{parameters.strip()}`" if parameters and parameters.strip() else ""


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def _lines(code: str) -> str:
    return counted(len(code.rstrip("\n").split("\n")), "line")
