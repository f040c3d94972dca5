"""Loaded by `-p` before any other plugin.

The SDK speaks httpx2 and respx patches httpx: one has to stand for both before either is imported.
"""

import httpx2

httpx2.alias_httpx()
