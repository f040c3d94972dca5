"""What a test needs of the operating system."""

from __future__ import annotations

import sys

import pytest

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing on Windows")
needs_pipes = pytest.mark.skipif(sys.platform == "win32", reason="named pipes are elsewhere on Windows")
