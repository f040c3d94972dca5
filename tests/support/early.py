"""Loaded by `-p` before any other plugin: the SDK speaks httpx2, respx patches httpx, so one stands for both."""

import httpx2

httpx2.alias_httpx()
