"""How to attach each editor: what `pygpt-lsp doctor` shows."""

from __future__ import annotations

from typing import NamedTuple


class Editor(NamedTuple):
    """`brief` is one line, `steps` the whole of it: where to write what."""

    name: str
    brief: str
    steps: str


EDITORS: tuple[Editor, ...] = (
    Editor(
        "Helix",
        "languages.toml: define the server, and name it for each language",
        """\
In ~/.config/helix/languages.toml (on Windows %AppData%\\helix\\languages.toml). Helix must be told for each
language which servers to start; `hx --health python` shows the ones it starts now.

    [language-server.pygpt]
    command = "pygpt-lsp"

    [[language]]
    name = "python"
    language-servers = ["ty", "ruff", "jedi", "pylsp", "pygpt"]

    [[language]]                       # the chats
    name = "pygpt-chat"
    scope = "text.markdown.chat"
    language-id = "markdown"
    grammar = "markdown"
    file-types = [{ glob = "*.chat.md" }]
    language-servers = ["pygpt"]

The code actions are under Space a. Settings: [language-server.pygpt.config]. Keys, one to type a question
among them, are in editors/helix/config.toml of the checkout.
""",
    ),
    Editor(
        "Neovim",
        "the plugin in editors/neovim; or three calls in init.lua, without it",
        """\
In ~/.config/nvim/init.lua, with the plugin of the checkout (Neovim 0.11 or newer; :help pygpt has the rest):

    vim.opt.rtp:append("/path/to/pygpt-lsp/editors/neovim")
    vim.lsp.enable("pygpt")

Without the plugin (Neovim 0.11.3 or newer) there is no :PyGPT. Without `filetypes` the server attaches to
every file that Neovim knows the type of.

    vim.filetype.add({ pattern = { [".*%.chat%.md"] = { "markdown", { priority = 10 } } } })
    vim.lsp.config("pygpt", {
      cmd = { "pygpt-lsp" },
      root_markers = { { ".pygpt", ".git" } },
      flags = { debounce_text_changes = 0 },
    })
    vim.lsp.enable("pygpt")

The code actions are under gra. Settings: `settings = { pygpt = { model = "…" } }` beside `cmd`. Where there
is no git, a folder `.pygpt` makes a workspace.
""",
    ),
    Editor(
        "VS Code",
        'the extension in editors/vscode; or "Generic LSP Client (v2)", without its comfort',
        """\
With the extension of the checkout, in its folder editors/vscode (Node 22 or newer):

    npm ci && npm run package
    code --install-extension dist/pygpt-lsp.vsix

Or with the extension "Generic LSP Client (v2)" (zsol.vscode-glspc), in your user settings.json:

    "glspc.server.command": "pygpt-lsp",
    "glspc.server.languageId": ["python", "javascript", "typescript", "markdown"]

The code actions are under Ctrl+. (on macOS Cmd+.). Settings: "glspc.server.initializationOptions".
""",
    ),
    Editor(
        "Emacs",
        "editors/emacs/pygpt.el, beside the language's own server in Eglot; or lsp-mode: an add-on",
        """\
With Eglot (Emacs 30): put editors/emacs/pygpt.el of the checkout into ~/.emacs.d/lisp/, and this into
~/.emacs.d/init.el. PyGPT works beside the language's own server; C-c g a shows what it can do.

    (add-to-list 'load-path (locate-user-emacs-file "lisp"))
    (require 'pygpt)
    (keymap-global-set "C-c g" pygpt-map)

With lsp-mode, beside the language's own server, too; the code actions are under M-x lsp-execute-code-action:

    (with-eval-after-load 'lsp-mode
      (lsp-register-client
       (make-lsp-client :new-connection (lsp-stdio-connection '("pygpt-lsp"))
                        :activation-fn (lambda (&rest _) t)
                        :add-on? t
                        :priority -1
                        :server-id 'pygpt)))
""",
    ),
)
