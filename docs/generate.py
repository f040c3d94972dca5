"""Write the pages that are generated from the code: `uv run python docs/generate.py`."""

from pathlib import Path

from pygpt_lsp.core.settings_docs import settings_page

PAGES = {"settings.md": settings_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        Path(__file__).with_name(name).write_text(page(), encoding="utf-8", newline="\n")
