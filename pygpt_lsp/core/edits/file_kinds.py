"""What a file's name tells of the language in it, as far as answers need it.

A name before a code block may be the file that the block is, or the file that some output is about. Where
name and language contradict each other, it is not the file. Must never take a word of prose with a dot or a
slash in it for a file.
"""

from __future__ import annotations

import re

from pygpt_lsp.core.languages import canonical


def words(text: str) -> frozenset[str]:
    """The words of a table that is too long to quote each."""
    return frozenset(text.split())


WELL_KNOWN = words(
    """Brewfile CODEOWNERS COPYING Caddyfile Containerfile Dockerfile GNUmakefile Gemfile Jenkinsfile Justfile
    LICENCE LICENSE Makefile Pipfile Procfile Rakefile Vagrantfile justfile makefile"""
)
"""Names of files without an extension."""

SPOKEN = words("AUTHORS BUILD CHANGELOG CONTRIBUTING INSTALL NOTICE README TODO VERSION WORKSPACE")
"""Such names that may as well be a word of a heading."""

_EXTENSIONS = words(
    """adoc asm astro awk bash bat bib c cc cfg cjs clj cljs cmake cmd coffee conf cpp cs csproj css csv
    cts cu cxx d dart diff dockerfile edn el elm erb erl ex exs f90 fish fs fsx gd glsl go gql gradle
    graphql groovy h haml handlebars hbs hcl heex hh hpp hrl hs htm html hxx ini ino ipynb jade java
    jinja jinja2 jl js json json5 jsonc jsonl jsx kt kts less lisp lock lua m mak markdown md mdx mjs ml
    mli mm mod mts mustache nim nix patch php pl pm po prisma properties proto ps1 psm1 pug py pyi pyw
    pyx r rb rego rkt rs rst s sass sbt scala scm scss sh sln sol sql styl sum sv svelte svg swift t tcl
    tex tf tfvars toml ts tsv tsx twig txt v vb vhd vim vue webmanifest wgsl xaml xhtml xml yaml yml zig
    zsh"""
)
_DOT_FILE = re.compile(
    r"\.(?:env|git|docker|npm|editor|[a-z]+(?:rc|ignore|config|attributes|version))[\w.-]*"
)
_NO_FILES = words(
    """asp.net backbone.js chart.js d3.js ember.js express.js next.js node.js nuxt.js p5.js react.js
    solid.js three.js vb.net vue.js"""
)
_PROSE = frozenset(["adoc", "markdown", "md", "mdx", "rst", "txt"])

_NEVER_FILES = words("console console-session log output shell-session stderr stdout terminal")
_SHELL = frozenset(["", "bash", "fish", "ksh", "sh", "zsh"])
_SCRIPTS = {
    "shellscript": _SHELL,
    "shell": _SHELL,
    "fish": _SHELL,
    "powershell": frozenset(["ps1", "psd1", "psm1"]),
    "bat": frozenset(["bat", "cmd"]),
    "batch": frozenset(["bat", "cmd"]),
    "cmd": frozenset(["bat", "cmd"]),
}
_BY_EXTENSION = {
    "pyi": "python", "pyw": "python", "pyx": "python", "mjs": "javascript", "cjs": "javascript",
    "mts": "typescript", "cts": "typescript", "h": "c", "hh": "cpp", "hpp": "cpp", "hxx": "cpp", "cc": "cpp",
    "cxx": "cpp", "cu": "cpp", "ino": "cpp", "m": "objective-c", "mm": "objective-cpp", "htm": "html",
    "xhtml": "html", "svg": "xml", "xaml": "xml", "csproj": "xml", "kt": "kotlin", "kts": "kotlin",
    "rb": "ruby", "gradle": "groovy", "pl": "perl", "pm": "perl", "ex": "elixir", "exs": "elixir",
    "hs": "haskell",
    "jsonc": "json", "json5": "json", "webmanifest": "json", "cfg": "ini", "gql": "graphql", "tfvars": "hcl",
    "bat": "bat", "cmd": "bat",
}  # fmt: skip
# Languages whose files carry each other's extensions, or which are shown as each other.
_RELATED = (
    words("astro javascript javascriptreact svelte typescript typescriptreact vue"),
    frozenset(["c", "cpp", "objective-c", "objective-cpp"]),
    words("astro elixir html php ruby svelte vue xml"),
    frozenset(["css", "scss", "sass", "less"]),
    frozenset(["ini", "toml", "properties"]),
    frozenset(["kotlin", "groovy", "java"]),
    frozenset(["python", "starlark"]),
    frozenset(["makefile", "shellscript"]),
)
_LANGUAGES = frozenset(name for group in _RELATED for name in group) | words(
    """bat csharp dart dockerfile go graphql haskell hcl json latex lua markdown perl powershell protobuf
    rust scala sql swift yaml"""
)


def extension(path: str) -> str:
    """The extension in lower case, "" where the name has none."""
    stem, _, after = path.rpartition("/")[2].rpartition(".")
    return after.lower() if stem else ""


def is_prose(path: str) -> bool:
    """Whether the file is a text for people, in which code fences are nothing strange."""
    return extension(path) in _PROSE


def is_known_name(name: str) -> bool:
    """Whether `name`, without a folder, is a file's and not a word with a dot in it."""
    low = name.lower()
    if low in _NO_FILES:
        return False
    return name in WELL_KNOWN or extension(low) in _EXTENSIONS or _DOT_FILE.fullmatch(low) is not None


def fits(language: str, path: str) -> bool:
    """Whether a code block in `language` (any of its names, "" for none) may be the file at `path`."""
    wanted, has = canonical(language), extension(path)
    if wanted in _NEVER_FILES:
        return False
    if wanted in _SCRIPTS:
        return has in _SCRIPTS[wanted] and path.rpartition("/")[2] not in WELL_KNOWN
    known = _BY_EXTENSION.get(has) or canonical(has)
    if known not in _LANGUAGES:
        return True
    if wanted == "plaintext":
        return known == "markdown"
    related = any({wanted, known} <= group for group in _RELATED)
    return wanted not in _LANGUAGES or wanted == known or related
