"""A terminal's screen as a picture for the docs: what tmux captured with its styles, drawn by Chromium.

    editor.resize(100, 30)
    screenshot(editor.screen(styled=True), tmp_path / "pictures/helix-menu")
    keep_pictures(tmp_path / "pictures", PICTURES)

A picture is drawn only when `nox -s pictures` asks for it; the text that tells whether it is still true is
written each time.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.editors.install_vscode import CHROMIUM
from tests.editors.pictures import MAKE

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES = Path(__file__).parents[2] / "docs/pictures"
"""Where the docs' pictures of terminals are kept."""

_SGR = re.compile(r"\x1b\[([\d;:]*)m")
_LINK = re.compile(r"\x1b\]8;[^\x1b\x07]*(?:\x07|\x1b\\)")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d[-T ]?(\d{2}[-:]?\d\d([-:]?\d\d)?)?")
"""The time in a chat's name; a picture shows always the same one."""
_FOREGROUND, _BACKGROUND = "#e0e2ea", "#14161b"
_LINE, _FONT = 20, 15
"""Pixels."""
# xterm's sixteen, a little softer than pure ones.
_SIXTEEN = (
    "#14161b", "#e06c75", "#98c379", "#d7b26d", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
    "#5c6370", "#ff8b92", "#b3f6c0", "#fce094", "#a6dbff", "#ffcaff", "#8cf8f7", "#ffffff",
)  # fmt: skip
_STEPS = (0, 95, 135, 175, 215, 255)


def screenshot(styled: str, name: Path) -> None:
    """Write `name`.txt with the words on a screen (`Terminal.screen(styled=True)`) and, where pictures are
    being made, `name`.png. Times in the names of chats are replaced, since they would differ each time."""
    styled = _WHEN.sub(lambda found: re.sub(r"\d", "0", found[0]), _LINK.sub("", styled)).rstrip("\n")
    lines = styled.split("\n")
    words = [_SGR.sub("", line).rstrip() for line in lines]
    name.parent.mkdir(parents=True, exist_ok=True)
    name.with_suffix(".txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    if os.environ.get(MAKE):
        columns = max(map(_cells, words))
        _draw(page_of(lines, columns), columns, len(lines), name.with_suffix(".png"))


def page_of(lines: list[str], columns: int) -> str:
    """The screen as a web page without scripts, links or fonts from elsewhere."""
    style, rows = Style(), list[str]()
    for line in lines:
        runs = list(_runs(line, style))
        style = runs[-1][0]  # goes on in the next line
        pieces = [f'<i style="{run.css()}">{"".join(map(_cell, text))}</i>' for run, text in runs if text]
        rows.append(f"<div>{''.join(pieces)}</div>")
    return (
        f'<!doctype html><meta charset="utf-8"><style>html {{ background: {_BACKGROUND} }}'
        f" body {{ margin: {_LINE}px; width: {columns}ch; font: {_FONT}px/{_LINE}px 'DejaVu Sans Mono';"
        f" color: {_FOREGROUND} }} div {{ white-space: pre; height: {_LINE}px }}"
        " i, b { display: inline-block; vertical-align: top; height: 100% } i { font-style: normal }"
        " b { font-weight: inherit; width: 1ch } b.w { width: 2ch }</style>" + "".join(rows)
    )


class Style(NamedTuple):
    """How text looks, as the escape sequences before it have set it (ECMA-48 8.3.117, ISO 8613-6)."""

    foreground: str = ""
    background: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underlined: bool = False
    reverse: bool = False

    def css(self) -> str:
        """Inline CSS."""
        colour, ground = self.foreground or _FOREGROUND, self.background or _BACKGROUND
        if self.reverse:
            colour, ground = ground, colour
        extras = {
            "font-weight:bold": self.bold,
            "font-style:italic": self.italic,
            "text-decoration:underline": self.underlined,
            "opacity:0.7": self.dim,
        }
        wanted = [css for css, on in extras.items() if on]
        return ";".join([f"color:{colour}", f"background:{ground}", *wanted])

    def after(self, parameters: str) -> Style:
        """The style after one escape sequence."""
        style, codes = self, iter((parameters or "0").split(";"))
        for code in codes:
            number, *rest = code.split(":")
            if number in {"38", "48", "58"}:
                colour = _colour_of(iter([part for part in rest if part])) if rest else _colour_of(codes)
                if number != "58":
                    style = style._replace(**{"foreground" if number == "38" else "background": colour})
            elif number == "4":
                style = style._replace(underlined=rest != ["0"])
            else:
                style = style._after_one(int(number or 0))
        return style

    def _after_one(self, code: int) -> Style:
        switched = {
            1: {"bold": True}, 2: {"dim": True}, 3: {"italic": True}, 7: {"reverse": True},
            22: {"bold": False, "dim": False}, 23: {"italic": False}, 24: {"underlined": False},
            27: {"reverse": False}, 39: {"foreground": ""}, 49: {"background": ""},
        }  # fmt: skip
        if code == 0:
            return Style()
        for first, bright, field in ((30, 0, "foreground"), (90, 8, "foreground"), (40, 0, "background"),
                                     (100, 8, "background")):  # fmt: skip
            if first <= code < first + 8:
                return self._replace(**{field: _SIXTEEN[bright + code - first]})
        return self._replace(**switched.get(code, {}))


def _colour_of(parts: Iterator[str]) -> str:
    """The colour that `5;N` or `2;R;G;B` name."""
    if next(parts) == "2":
        red, green, blue = (int(next(parts)) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    number = int(next(parts))
    if number < 16:
        return _SIXTEEN[number]
    if number >= 232:
        return f"#{8 + 10 * (number - 232):02x}" + f"{8 + 10 * (number - 232):02x}" * 2
    number -= 16
    return "#" + "".join(f"{_STEPS[index]:02x}" for index in (number // 36, number // 6 % 6, number % 6))


def _runs(line: str, style: Style) -> Iterator[tuple[Style, str]]:
    """The pieces of a line with one style each; the last one may be empty, and has the style that goes on."""
    pieces = _SGR.split(line)
    yield style, pieces[0]
    for parameters, text in zip(pieces[1::2], pieces[2::2], strict=True):
        style = style.after(parameters)
        yield style, text


def _cell(character: str) -> str:
    """A character in its cells; one that the font may not have gets a box as wide as they are."""
    if character.isascii():
        return html.escape(character)
    return f"<b{' class=w' if _cells(character) > 1 else ''}>{character}</b>"


def _cells(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _draw(page: str, columns: int, rows: int, picture: Path) -> None:
    """Have Chromium draw a page of so many cells."""
    width, height = round(columns * _FONT * 0.6021) + 2 * _LINE, (rows + 2) * _LINE
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
            f"--screenshot={picture}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=60)
