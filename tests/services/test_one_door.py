"""Invariant 1: nothing but the door opens a connection to anybody."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pygpt_lsp

ROOT = Path(pygpt_lsp.__file__).parent
DOOR = "services/egress.py"

CONNECTS = {
    "AsyncClient", "Client", "AsyncHTTPTransport", "HTTPTransport", "OpenAI", "AsyncOpenAI",
    "urlopen", "urlretrieve", "HTTPConnection", "HTTPSConnection", "FTP", "SMTP",
    "open_connection", "create_connection", "sock_connect", "connect_ex",
}  # fmt: skip
"""Names that, called or inherited from, lead out of the process."""

ALLOWED = {
    DOOR: {"AsyncClient", "AsyncHTTPTransport"},
    # The SDK's client is given the door's client; `test_requests.py` shows that it uses no other.
    "services/sdk_client.py": {"AsyncOpenAI"},
}
FOREIGN = {
    "requests",
    "aiohttp",
    "urllib3",
    "httpx",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
    "http.client",
}

SOURCES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_other_module_can_open_a_connection(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    name = source.relative_to(ROOT).as_posix()
    used = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    used |= {_name(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases}
    assert (used & CONNECTS) == ALLOWED.get(name, set())
    assert not _imports(tree) & FOREIGN


def _name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.partition(".")[0] for name in found}
