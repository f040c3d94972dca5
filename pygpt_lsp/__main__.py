"""`python -m pygpt_lsp` is `pygpt-lsp`.

With `-m`, Python looks for every module in the current folder first, which for a language server is the
folder of whoever wrote the code that is looked at. From here on it does not; only `python -P -m pygpt_lsp`
keeps it from looking there for what was imported before.
"""

import sys

if not sys.flags.safe_path:
    sys.path.pop(0)

from pygpt_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
