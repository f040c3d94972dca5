"""Between LSP's types and ours, at the edge: positions in the client's units, URIs, ranges, diagnostics."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lsprotocol import types
from pygls import uris

from pygpt_lsp.core.context import Diagnostic
from pygpt_lsp.core.text import Position, PositionEncoding, Range, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.context import Severity

_SEVERITIES: dict[types.DiagnosticSeverity, Severity] = {
    types.DiagnosticSeverity.Error: "error",
    types.DiagnosticSeverity.Warning: "warning",
    types.DiagnosticSeverity.Information: "information",
    types.DiagnosticSeverity.Hint: "hint",
}


def path_of_uri(uri: str) -> Path | None:
    """The file a URI names; None for every scheme but `file` and for what is no URI."""
    if not uri.lower().startswith("file:"):
        return None
    path = uris.to_fs_path(uri)
    return Path(path) if path else None


def uri_of_path(path: Path) -> str:
    """The file URI of a path."""
    uri = uris.from_fs_path(os.fspath(path))
    if uri is None:
        raise ValueError("an empty path has no URI")
    return uri


def position_encoding(capabilities: types.ServerCapabilities) -> PositionEncoding:
    """The units in which the client counts characters, as negotiated (LSP 3.17 § PositionEncodingKind)."""
    chosen = capabilities.position_encoding or types.PositionEncodingKind.Utf16
    return cast(
        "PositionEncoding", chosen.value if isinstance(chosen, types.PositionEncodingKind) else chosen
    )


def range_from_lsp(text: TextSnapshot, span: types.Range, encoding: PositionEncoding) -> Range:
    """A client's range in code points, clamped to the text, start first."""
    start = text.from_units(span.start.line, span.start.character, encoding)
    end = text.from_units(span.end.line, span.end.character, encoding)
    return Range(start, end) if start <= end else Range(end, start)


def range_to_lsp(text: TextSnapshot, span: Range, encoding: PositionEncoding) -> types.Range:
    """A range of the text in the client's units."""
    return types.Range(_to_lsp(text, span.start, encoding), _to_lsp(text, span.end, encoding))


def _to_lsp(text: TextSnapshot, position: Position, encoding: PositionEncoding) -> types.Position:
    return types.Position(position.line, text.to_units(position, encoding))


def diagnostics_from_lsp(
    text: TextSnapshot, diagnostics: Sequence[types.Diagnostic], encoding: PositionEncoding
) -> tuple[Diagnostic, ...]:
    """The client's diagnostics in code points."""
    found: list[Diagnostic] = []
    for item in diagnostics:
        span = range_from_lsp(text, item.range, encoding)
        severity: Severity = _SEVERITIES[item.severity] if item.severity else "error"
        code = "" if item.code is None else str(item.code)
        found.append(Diagnostic(span.start, span.end, severity, item.message, item.source or "", code))
    return tuple(found)
