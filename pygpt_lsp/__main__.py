"""`python -m pygpt_lsp` is `pygpt-lsp`."""

import sys

from pygpt_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
