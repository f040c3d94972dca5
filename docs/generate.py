"""Write what is generated from the code: `uv run python docs/generate.py`."""

import json
from pathlib import Path

from pygpt_lsp.core.settings_docs import settings_page, vscode_configuration

DOCS = Path(__file__).parent
MANIFEST = DOCS.parent / "editors/vscode/package.json"
PAGES = {"settings.md": settings_page}


def vscode_manifest(text: str) -> str:
    """The manifest of the VS Code extension with the settings as the table has them.

    A folder that is not trusted sets none of them, nor what the extension adds.
    """
    manifest = json.loads(text)
    parts = manifest["contributes"]["configuration"]
    parts[0] = vscode_configuration()
    restricted = [key for part in parts for key in part["properties"]]
    manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = restricted
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8", newline="\n")
    MANIFEST.write_text(vscode_manifest(MANIFEST.read_text("utf-8")), encoding="utf-8", newline="\n")
