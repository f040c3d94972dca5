"""What is generated from the table of settings is what the table says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from pygpt_lsp import __version__
from pygpt_lsp.core.settings_docs import settings_page, vscode_configuration
from pygpt_lsp.core.settings_table import TABLE, Setting

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"
MANIFEST = ROOT / "editors/vscode/package.json"
PROPERTIES = cast("dict[str, dict[str, Any]]", vscode_configuration()["properties"])
TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
    "array": list,
    "object": dict,
    "null": type(None),
}


def test_the_page_is_what_the_table_says():
    assert PAGE.read_bytes() == settings_page().encode(), "run `uv run python docs/generate.py`"


def test_the_page_has_one_row_for_each_key_with_its_help():
    rows = [line for line in settings_page().splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == [row.key for row in TABLE]
    for line, row in zip(rows, TABLE, strict=True):
        assert line.count("|") == 6
        assert f"| {row.help} |" in line
        assert line.startswith(f"| `{row.key}`*") == row.machine_scope


def test_the_manifest_holds_every_key_as_plain_json():
    assert list(PROPERTIES) == [f"pygpt.{row.key}" for row in TABLE]
    assert json.loads(json.dumps(PROPERTIES)) == PROPERTIES


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_a_property_says_type_default_help_and_scope(row: Setting):
    found = PROPERTIES[f"pygpt.{row.key}"]
    types = cast("list[str]", found["type"] if isinstance(found["type"], list) else [found["type"]])
    default = found["default"]
    assert any(isinstance(default, TYPES[name]) for name in types)
    assert default is None or row.kind.check(default) == row.default
    assert default in found.get("enum", [default])
    assert found["description"] == row.help
    assert found["scope"] == ("machine" if row.machine_scope else "window")


@pytest.mark.parametrize("key", ["base_url", "api_key_command", "updates.check", "updates.url"])
def test_a_repository_cannot_set_hosts_commands_or_the_version_check_in_vs_code(key: str):
    assert PROPERTIES[f"pygpt.{key}"]["scope"] == "machine"


def test_the_vs_code_manifest_is_what_the_table_says():
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    assert manifest["contributes"]["configuration"][0] == vscode_configuration(), "run `docs/generate.py`"


def test_a_folder_that_is_not_trusted_sets_nothing_in_vs_code():
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    keys = [key for part in manifest["contributes"]["configuration"] for key in part["properties"]]
    assert manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] == keys


def test_the_extension_for_vs_code_is_of_the_servers_version():
    assert json.loads(MANIFEST.read_text("utf-8"))["version"] == __version__
