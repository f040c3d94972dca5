"""What the rules need to know of a language: its one name, and how it writes comments and strings.

Editors name the same language differently (`shellscript`, `bash`, `sh`, `sh-mode`); `canonical` is the one
place that knows. The syntax is good enough to find a comment in one line of text. It is no parser and must
never grow into one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ALIASES = {
    "bash": "shellscript", "sh": "shellscript", "zsh": "shellscript", "ksh": "shellscript",
    "bash-ts": "shellscript", "py": "python", "python3": "python", "python-ts": "python",
    "js": "javascript", "js-ts": "javascript", "jsx": "javascriptreact", "javascript.jsx": "javascriptreact",
    "tsx": "typescriptreact", "ts": "typescript", "typescript.tsx": "typescriptreact",
    "typescript-ts": "typescript", "tsx-ts": "typescriptreact",
    "c++": "cpp", "c++-ts": "cpp", "c-ts": "c", "cuda": "cpp", "cuda-cpp": "cpp", "objc": "objective-c",
    "objcpp": "objective-cpp", "cs": "csharp", "c-sharp": "csharp", "c#": "csharp", "f-sharp": "fsharp",
    "golang": "go", "go-ts": "go", "rs": "rust", "rust-ts": "rust", "rustic": "rust", "java-ts": "java",
    "ruby-ts": "ruby", "emacs-lisp": "elisp", "lisp-interaction": "elisp", "common-lisp": "lisp",
    "commonlisp": "lisp", "viml": "vim", "make": "makefile", "gnumakefile": "makefile", "cmake-ts": "cmake",
    "yaml-ts": "yaml", "yml": "yaml", "json-ts": "json", "dosini": "ini", "conf": "properties",
    "jproperties": "properties", "tex": "latex", "plaintex": "latex", "git-commit": "gitcommit",
    "git-rebase": "gitrebase", "terraform": "hcl", "tf": "hcl", "terraform-vars": "hcl", "opentofu": "hcl",
    "markdown.mdx": "mdx", "md": "markdown", "gfm": "markdown", "text": "plaintext", "txt": "plaintext",
    "visual-basic": "vb", "ps1": "powershell", "dockerfile-ts": "dockerfile", "bazel": "starlark",
    "literate-haskell": "haskell", "proto": "protobuf", "heex": "html", "htmldjango": "jinja",
    "jinja2": "jinja", "jinja-html": "jinja", "django-html": "jinja", "standard-ml": "sml",
}  # fmt: skip

_FENCE_TAGS = {
    "javascriptreact": "jsx",
    "typescriptreact": "tsx",
    "shellscript": "bash",
    "plaintext": "text",
    "gitcommit": "text",
    "elisp": "elisp",
}


def canonical(language_id: str) -> str:
    """The one name of a language: the identifier of LSP 3.17 § TextDocumentItem where it has one.

    An unknown identifier is its own name, in lower case.
    """
    name = language_id.lower().removesuffix("-mode")
    return _ALIASES.get(name, name)


def fence_tag(language_id: str) -> str:
    """The info string of a Markdown code fence for that language; safe to write after any fence."""
    name = canonical(language_id)
    return re.sub(r"[^\w+#.-]", "", _FENCE_TAGS.get(name, name))


class CommentSyntax(NamedTuple):
    """How a language writes comments.

    `line` are the leaders of comments that end with the line, `block` the openers and closers of the
    others, longest first. `strings` is a regular expression for what hides a leader: string and character
    literals, which run to the end of the line where they are not closed. `long_strings` are the delimiters
    of strings that may hold line breaks.
    """

    line: tuple[str, ...]
    block: tuple[tuple[str, str], ...]
    strings: str
    long_strings: tuple[str, ...] = ()


_DOUBLE = r'"(?:\\.?|[^"\\])*+(?:"|$)'
_SINGLE = r"'(?:\\.?|[^'\\])*+(?:'|$)"
_RAW_SINGLE = r"'[^']*+(?:'|$)"
# After a word `'` is an apostrophe or a transposition.
_LOOSE_SINGLE = r"(?<![\w)\]}.'])'[^']*+(?:'|$)"
# A lone `'` is a lifetime, a digit separator or a quoted symbol.
_CHARACTER = r"'(?:\\[^']{1,10}|[^'\\])'"
_BACKTICK = r"`(?:\\.?|[^`\\])*+(?:`|$)"
_TRIPLE = r'"""(?:\\.?|(?!""")[^\\])*+(?:"""|$)'
_TRIPLE_SINGLE = r"'''(?:\\.?|(?!''')[^\\])*+(?:'''|$)"
# After an operator or a bracket `/` cannot divide.
_REGEX_LITERAL = r"(?:^|[(,=:\[!&|?{};])\s*+/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\]){0,99}+\]|[^/\\\[]){1,199}+/"
# `"` also begins a comment there, so only a closed string is one.
_CLOSED_DOUBLE = r'"(?:\\.|[^"\\])*+"'

_NOTHING = "(?!)"

_SLASHES = ("//",)
_HASH = ("#",)
_C_BLOCK = (("/*", "*/"),)
_TAG_BLOCK = (("<!--", "-->"),)
_C_STRINGS = f"{_TRIPLE}|{_DOUBLE}|{_CHARACTER}"
_JS_STRINGS = f"{_DOUBLE}|{_SINGLE}|{_BACKTICK}|{_REGEX_LITERAL}"
_SCRIPT_STRINGS = f"{_TRIPLE}|{_TRIPLE_SINGLE}|{_DOUBLE}|{_SINGLE}"

_C = CommentSyntax(_SLASHES, _C_BLOCK, _C_STRINGS)
_C_TEXT = CommentSyntax(_SLASHES, _C_BLOCK, _C_STRINGS, ('"""',))
_JS = CommentSyntax(_SLASHES, _C_BLOCK, _JS_STRINGS, ("`",))
_GO = CommentSyntax(_SLASHES, _C_BLOCK, f"{_DOUBLE}|{_CHARACTER}|{_BACKTICK}", ("`",))
_JSX = CommentSyntax(_SLASHES, (("{/*", "*/}"), *_C_BLOCK), _JS_STRINGS, ("`",))
_SCRIPT = CommentSyntax(_HASH, (), _SCRIPT_STRINGS)
_SHELL = CommentSyntax(_HASH, (), f"{_DOUBLE}|{_RAW_SINGLE}")
_CONFIG = CommentSyntax(_HASH, (), f"{_DOUBLE}|{_LOOSE_SINGLE}")
_ML_BLOCK = (("(*", "*)"),)

# Languages that share a syntax, by their canonical names.
_GROUPS: dict[str, CommentSyntax] = {
    "c cpp objective-c objective-cpp rust zig d protobuf solidity verilog systemverilog glsl wgsl hlsl vala "
    "json jsonc json5 odin v gleam typst": _C,
    "java csharp kotlin swift scala dart groovy": _C_TEXT,
    "javascript typescript": _JS,
    "javascriptreact typescriptreact mdx": _JSX,
    "go": _GO,
    "python starlark gdscript": CommentSyntax(_HASH, (), _SCRIPT_STRINGS, ('"""', "'''")),
    "elixir": CommentSyntax(_HASH, (), _SCRIPT_STRINGS, ('"""',)),
    "ruby perl r crystal coffeescript tcl": _SCRIPT,
    "shellscript fish awk makefile dockerfile just elvish nu": _SHELL,
    "yaml toml cmake graphql gitcommit gitrebase gitignore properties meson ninja": _CONFIG,
    "lisp elisp clojure scheme racket fennel janet": CommentSyntax((";",), (("#|", "|#"),), _DOUBLE),
    "haskell elm purescript idris agda": CommentSyntax(("--",), (("{-", "-}"),), f"{_DOUBLE}|{_CHARACTER}"),
    "latex bibtex erlang matlab octave prolog": CommentSyntax(("%",), (), f"{_DOUBLE}|{_LOOSE_SINGLE}"),
    "html xml xsl svg": CommentSyntax((), _TAG_BLOCK, _NOTHING),
    "jinja twig tera": CommentSyntax((), (("{#", "#}"), *_TAG_BLOCK), _NOTHING),
    "blade": CommentSyntax((), (("{{--", "--}}"), *_TAG_BLOCK), _NOTHING),
    "handlebars": CommentSyntax((), (("{{!--", "--}}"), ("{{!", "}}"), *_TAG_BLOCK), _NOTHING),
    "erb ejs eex": CommentSyntax((), (("<%#", "%>"), *_TAG_BLOCK), _NOTHING),
    "wat wast": CommentSyntax((";;",), (("(;", ";)"),), _DOUBLE),
    "markdown": CommentSyntax((), _TAG_BLOCK, r"`[^`]*`"),
    "vue svelte astro": CommentSyntax(_SLASHES, (*_TAG_BLOCK, *_C_BLOCK), _JS_STRINGS),
    "ocaml sml coq": CommentSyntax((), _ML_BLOCK, f"{_DOUBLE}|{_CHARACTER}"),
    "fsharp": CommentSyntax(_SLASHES, _ML_BLOCK, _C_STRINGS),
    "pascal": CommentSyntax(_SLASHES, (*_ML_BLOCK, ("{", "}")), _SINGLE),
    "php": CommentSyntax(("//", "#"), _C_BLOCK, f"{_DOUBLE}|{_SINGLE}"),
    "hcl": CommentSyntax(("#", "//"), _C_BLOCK, _DOUBLE),
    "nix": CommentSyntax(_HASH, _C_BLOCK, f"{_DOUBLE}|{_LOOSE_SINGLE}"),
    "julia": CommentSyntax(_HASH, (("#=", "=#"),), f"{_TRIPLE}|{_DOUBLE}|{_CHARACTER}", ('"""',)),
    "nim": CommentSyntax(_HASH, (("#[", "]#"),), f"{_TRIPLE}|{_DOUBLE}|{_CHARACTER}", ('"""',)),
    "powershell": CommentSyntax(_HASH, (("<#", "#>"),), f"{_DOUBLE}|{_RAW_SINGLE}"),
    "lua": CommentSyntax(("--",), (("--[[", "]]"),), f"{_DOUBLE}|{_SINGLE}"),
    "sql": CommentSyntax(("--",), _C_BLOCK, f"{_DOUBLE}|{_RAW_SINGLE}|{_BACKTICK}"),
    "ada vhdl": CommentSyntax(("--",), (), f"{_DOUBLE}|{_CHARACTER}"),
    "vim": CommentSyntax(('"', "#"), (), f"{_CLOSED_DOUBLE}|{_LOOSE_SINGLE}"),
    "vb": CommentSyntax(("'", "REM "), (), _DOUBLE),
    "bat": CommentSyntax(("::", "REM ", "rem "), (), _CLOSED_DOUBLE),
    "fortran": CommentSyntax(("!",), (), f"{_DOUBLE}|{_LOOSE_SINGLE}"),
    "asm": CommentSyntax((";", "#", "//"), _C_BLOCK, f"{_DOUBLE}|{_CHARACTER}"),
    "ini": CommentSyntax((";", "#"), (), _NOTHING),
    "css": CommentSyntax((), _C_BLOCK, f"{_DOUBLE}|{_SINGLE}"),
    "scss less": CommentSyntax(_SLASHES, _C_BLOCK, f"{_DOUBLE}|{_SINGLE}"),
}
_SYNTAX_OF = {name: syntax for names, syntax in _GROUPS.items() for name in names.split()}
_ANY = CommentSyntax(
    ("//", "#", "--", ";", "%"), (*_TAG_BLOCK, *_C_BLOCK), f"{_DOUBLE}|{_LOOSE_SINGLE}|{_BACKTICK}"
)


def comment_syntax(language_id: str) -> CommentSyntax:
    """How that language writes comments; for an unknown language every common way."""
    return _SYNTAX_OF.get(canonical(language_id), _ANY)


def comment_line(language_id: str, text: str) -> str:
    """`text` as one line of comment in that language, without a line ending.

    Line breaks in `text` become spaces, and what would close the comment early is broken up.
    """
    text = " ".join(text.split())
    syntax = comment_syntax(language_id)
    if syntax.line:
        return f"{syntax.line[0].strip()} {text}"
    opener, closer = syntax.block[0]
    return f"{opener} {text.replace(closer, ' '.join(closer))} {closer}"
