"""Who plays: the recorded editors, and how one says in each what the story says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.support.editor_profiles import EGLOT, HELIX_25_01, HELIX_25_07, NEOVIM_0_10, NEOVIM_0_12, VSCODE

if TYPE_CHECKING:
    from tests.support.editor_profiles import Profile


class Cast(NamedTuple):
    """An editor and its keys."""

    profile: Profile
    title: str
    menu: str
    """How one opens the code-action menu."""
    hover: str
    definition: str
    outline: str

    @property
    def file_name(self) -> str:
        """Of its page."""
        return f"{self.profile.name.replace(' ', '-')}.md"


_HELIX = ("`Space` `a`", "`Space` `k`", "`g` `d`", "`Space` `s`")
CASTS = (
    Cast(HELIX_25_07, "Helix 25.07", *_HELIX),
    Cast(HELIX_25_01, "Helix 25.01", *_HELIX),
    Cast(NEOVIM_0_12, "Neovim 0.12", "`gra`", "`K`", "`Ctrl-]`", "`gO`"),
    Cast(
        NEOVIM_0_10,
        "Neovim 0.10",
        "`:lua vim.lsp.buf.code_action()`",
        "`K`",
        "`Ctrl-]`",
        "`:lua vim.lsp.buf.document_symbol()`",
    ),
    Cast(VSCODE, "VS Code", "`Ctrl+.`", "with the mouse", "`F12`", "`Ctrl+Shift+O`"),
    Cast(EGLOT, "Emacs with eglot", "`M-x eglot-code-actions`", "`C-h .`", "`M-.`", "`M-x imenu`"),
)
