"""Which language a file is in, by its name: for files that no editor has told the language of.

Here are those whose definitions can be found (see `definitions`), and what is known to have none.
"""

from __future__ import annotations

from pygpt_lsp.core.languages import canonical

_ENDINGS = {
    "py pyi pyw": "python", "pyx pxd": "python", "bzl star": "starlark", "gd": "gdscript",
    "js mjs cjs": "javascript", "ts mts cts": "typescript", "jsx": "javascriptreact",
    "tsx": "typescriptreact", "vue": "vue", "svelte": "svelte", "astro": "astro", "html htm": "html",
    "mdx": "mdx", "go": "go", "rs": "rust", "c h": "c", "cc cpp cxx c++ hh hpp hxx h++ ipp cu cuh": "cpp",
    "m": "objective-c", "mm": "objective-cpp", "glsl vert frag": "glsl", "hlsl": "hlsl", "java": "java",
    "groovy gradle": "groovy", "cs": "csharp", "kt kts": "kotlin", "swift": "swift", "scala sc": "scala",
    "dart": "dart", "php": "php", "rb rake": "ruby", "cr": "crystal", "lua": "lua",
    "sh bash zsh ksh bats": "shellscript", "fish": "fish", "ex exs": "elixir", "jl": "julia", "vim": "vim",
    "zig": "zig", "pl pm t": "perl", "ps1 psm1": "powershell", "r": "r", "nim": "nim",
    "lisp lsp cl": "lisp", "el": "elisp", "clj cljs cljc": "clojure", "scm ss": "scheme", "rkt": "racket",
    "fnl": "fennel", "ml mli": "ocaml", "fs fsi fsx": "fsharp", "hs": "haskell", "elm": "elm",
    "purs": "purescript", "erl hrl": "erlang", "tf hcl": "hcl", "proto": "protobuf", "graphql gql": "graphql",
    "sol": "solidity",
    "json jsonc": "json", "yaml yml": "yaml", "toml": "toml", "md markdown": "markdown", "txt": "plaintext",
    "css": "css", "scss": "scss", "xml": "xml", "svg": "svg", "sql": "sql", "csv": "csv", "tex": "latex",
}  # fmt: skip
_LANGUAGES = {ending: language for endings, language in _ENDINGS.items() for ending in endings.split()}


def language_of(path: str) -> str:
    """The identifier of the language of a file, by the ending of its name; "" where that does not tell."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return _LANGUAGES.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def ending_of(language: str) -> str:
    """How the names of files in a language usually end, without the dot; `txt` where that is not known.

    `language` is any of its names, or such an ending itself: code blocks have either.
    """
    if language in _LANGUAGES and language.isalnum():
        return language
    wanted = canonical(language)
    return next((ending for ending, known in _LANGUAGES.items() if known == wanted), "txt")
