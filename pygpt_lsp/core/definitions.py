"""What a function, class or import looks like in each language: patterns for `outline`, and no parser.

A pattern is tried at the first character of a line that is not white space. It says that a definition may
begin there; whether one does is decided by the lines below, in `outline`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pygpt_lsp.core.languages import canonical


class Family(NamedTuple):
    """How definitions look in one or several languages.

    `definition` is the regular expression of a line that begins one. With `callables`, `name(…) {` does so
    too. `above` is how a decorator or an attribute begins. `equations`: definitions are the top-level
    lines that begin with one name, as in Haskell. `ends`: they are closed by a word such as `end`.
    `labels`: lines such as `again:` and `#if` may stand further left than the code around them.
    """

    definition: str
    callables: bool = False
    above: tuple[str, ...] = ("@",)
    equations: bool = False
    ends: bool = False
    labels: bool = False


_PYTHON = Family(r"(?:async\s+)?def\s+\w+|(?:cdef\s+|cpdef\s+)?class\s+\w+\s*[:(\[]|c(?:p)?def\s+.*:\s*$")
_JS_FUNCTION = r"(?:async\s+)?(?:function\b|\([^()]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>|(?:<[^>]*>\s*)?\(\s*$)"
_JS = Family(
    r"(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?"
    r"(?:(?:async\s+)?function\b|(?:class|interface|enum|namespace|module)\s+[\w$]|type\s+[\w$]+[^=]*=)"
    r"|(?:export\s+)?(?:default\s+)?(?:(?:const|let|var|static|readonly|public|private|protected)\s+)*"
    rf"[\w$#.]+(?:\s*:[^=]+)?\s*[=:]\s*{_JS_FUNCTION}"
    r"|(?:export\s+)?const\s+[\w$]+[^=]*=\s*(?:[\w$]+\.)?(?:memo|forwardRef|observer|useCallback|debounce"
    r"|throttle|(?:create|define|with|async)\w*)\(.*[{(]\s*$"
    r"|(?:describe|context|suite|it|test|(?:before|after)(?:Each|All)?)\b[^;]*(?:=>|function\b[^{]*)\s*\{\s*$",
    callables=True,
)
_GO = Family(r"func\b|type\s+\w+(?:\[.*\])?\s+(?:struct|interface)\b", above=(), labels=True)
_RUST = Family(
    r"(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+)?(?:async\s+)?(?:unsafe\s+)?"
    r"(?:extern(?:\s+\"[^\"]*\")?\s+)?(?:(?:fn|struct|enum|union|trait|mod)\s+\w|impl\b|macro_rules!)",
    above=("#[", "#!["),
)
_C = Family(
    r"(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum(?:\s+class)?)\b[^;=()]*$"
    r"|[-+]\s*\([^)]*\)\s*\w+",
    callables=True,
    above=("template", "[[", "__attribute__", "extern "),
    labels=True,
)
_MODIFIED = r"(?:@\w+(?:\([^)]*\))?\s+)*(?:[a-z]+(?:\([\w:]+\))?\s+){0,6}"
_JAVA = Family(rf"{_MODIFIED}(?:class|@?interface|enum|record)\s+\w", callables=True)
_CSHARP = Family(
    r"(?:[a-z]+\s+){0,6}(?:class|interface|enum|record|struct)\s+\w",
    callables=True,
    above=("[",),
    labels=True,
)
_MODERN = Family(
    rf"{_MODIFIED}(?:(?:class|interface|enum|struct|trait|object|protocol|extension|actor|given)\s+[\w`(]"
    r"|(?:fun|func|def)\s|(?:init|constructor|subscript)\b\s*[?(<{]|deinit\b|companion object\b)"
)
_DART = Family(
    r"(?:[a-z]+\s+){0,4}(?:class|mixin|enum|extension)\s+\w|(?:external\s+)?factory\s", callables=True
)
_PHP = Family(
    r"(?:(?:abstract|final|public|private|protected|static|readonly)\s+)*"
    r"(?:function|class|interface|trait|enum)\b",
    above=("#[",),
)
_RUBY = Family(
    r"(?:(?:private|protected|public|private_class_method|memoize)\s+)?(?:def|class|module)\s"
    r"|(?:RSpec\.)?(?:describe|context|it|specify|namespace|task)\b.*\bdo\b(?:\s*\|.*\|)?\s*$",
    above=("sig ",),
    ends=True,
)
_LUA = Family(
    r"(?:local\s+)?(?:function\b|[\w.:\[\]\"]+\s*=\s*function\b)|return\s+function\b", above=(), ends=True
)
_SHELL = Family(r"function\s+[\w:.-]+|[\w:.-]+\s*\(\s*\)", above=(), ends=True)
_ELIXIR = Family(
    r"(?:def(?:p|macrop?|guardp?|module|impl|protocol|delegate|struct|exception)?|test|describe|setup)\s",
    ends=True,
)
_JULIA = Family(
    r"(?:@\w+\s+)*(?:function|macro|(?:mutable\s+)?struct|module)\s|[\w.!]+\([^=]*\)\s*=(?!=)", ends=True
)
_VIM = Family(r"(?:export\s+)?(?:fu(?:nc(?:tion)?)?!?|def!?)\s", above=(), ends=True)
_ZIG = Family(
    r"(?:(?:pub|export|inline|extern)\s+)*(?:fn\s|test\b"
    r"|const\s+\w+\s*=\s*(?:packed\s+|extern\s+)?(?:struct|enum|union)\b)",
    above=(),
)
_LISP = Family(r"\((?:cl-)?def[\w*!+/-]*\s", above=(";;;###",))
_ML = Family(
    r"let\s+(?:rec\s+|inline\s+|private\s+|mutable\s+)*[\w']+\s+[^=:\s]|and\s+[\w']+\s"
    r"|(?:static\s+|override\s+|abstract\s+)?member\s|(?:type|module|class|exception)\s",
    above=("[<", "[@"),
)
_NIM = Family(r"(?:proc|func|method|iterator|template|macro|converter)\s", above=())
_EQUATIONS = Family(r"", above=("{-#", "-spec", "-doc"), equations=True)
_BLOCKS = Family(
    r"(?:resource|data|module|variable|output|provider|locals|terraform|message|service|enum|type|input"
    r"|interface|query|mutation|fragment|contract|library|event|struct|function|modifier|constructor)\b.*\{\s*$",
    above=(),
)
_ANY = Family(
    r"(?:[a-z]+\s+){0,4}(?:function|func|fn|fun|def|sub|proc|procedure|method|class|struct|interface|trait"
    r"|enum|impl|module|type|contract|record|object)!?\s+[\w(]",
    callables=True,
    above=("@", "#["),
    ends=True,
)

# By the canonical names of `languages`; None where there are no definitions to find.
_GROUPS: dict[str, Family | None] = {
    "python starlark": _PYTHON,
    "gdscript": Family(r"(?:static\s+)?func\s+\w|class\s+\w"),
    "javascript typescript javascriptreact typescriptreact vue svelte astro html jinja mdx": _JS,
    "go": _GO,
    "rust": _RUST,
    "c cpp objective-c objective-cpp glsl hlsl": _C,
    "java groovy": _JAVA,
    "csharp": _CSHARP,
    "kotlin swift scala": _MODERN,
    "dart": _DART,
    "php": _PHP,
    "ruby crystal": _RUBY,
    "lua": _LUA,
    "shellscript fish": _SHELL,
    "elixir": _ELIXIR,
    "julia": _JULIA,
    "vim": _VIM,
    "zig": _ZIG,
    "perl powershell": Family(r"(?:sub|method|function|filter|class)\s+[\w:-]+", above=()),
    "r": Family(r"[\w.]+\s*(?:<-|=)\s*function\b", above=()),
    "nim": _NIM,
    "lisp elisp clojure scheme racket fennel janet": _LISP,
    "ocaml fsharp": _ML,
    "haskell elm purescript idris agda erlang": _EQUATIONS,
    "hcl protobuf graphql solidity": _BLOCKS,
    "json jsonc json5 yaml toml ini properties markdown plaintext latex bibtex xml xsl svg css scss less "
    "gitcommit gitrebase gitignore diff csv dockerfile makefile sql asm": None,
}
_FAMILY_OF = {name: family for names, family in _GROUPS.items() for name in names.split()}


def family_of(language_id: str) -> Family | None:
    """How definitions look in that language, by common habits where it is unknown.

    None where there are none, as in data or prose.
    """
    return _FAMILY_OF.get(canonical(language_id), _ANY)


@cache
def definition_pattern(family: Family) -> re.Pattern[str]:
    """Matches a line, from its start, that may begin a definition; group `callable` one that needs a body."""
    callables = (
        r"|(?!(?:if|for|while|switch|catch|return|else|do|try|throw|new|await|yield|case|default|delete|using"
        r"|lock|foreach|goto|super|this|with|match|when|sizeof|elif|until|unless|import|assert)\b)"
        r"(?P<callable>(?:[\w<>\[\],.?&:*~@$]+\s+)*[*&]*(?:operator\s*[^\s(]+|[~#*]?[\w$:~]+(?:<[^()<>]*>::[\w~]+)*)"
        r"(?:\s*<[^()]*>)?\s*\()"
        if family.callables
        else "|(?P<callable>(?!))"
    )
    return re.compile(rf"\s*+(?:{family.definition}{callables})")


@cache
def body_pattern() -> re.Pattern[str]:
    """Matches what stands between the `)` of a callable and its body."""
    return re.compile(
        r"\s*(?:(?:->|:|&&?|(?:const|noexcept|override|final|throws|rethrows|where|requires|volatile|mutable"
        r"|async|sync|try)\b)[^;{]*)?(?:\{|=>)"
    )


@cache
def import_pattern() -> re.Pattern[str]:
    """Matches a line that belongs to the head of a file: its package or module, an import, an include."""
    return re.compile(
        r"\s*(?:(?:import|package|namespace|using|use|require|require_relative|include|alias|defmodule|module"
        r"|open|source|library|option|extern\s+crate|load|ns|load_dotenv)\b[\s(\"'{<]"
        r"|from\s+\S+\s+import\b|#\s*(?:include|import|pragma|if|ifdef|ifndef|define|endif|else)\b"
        r"|export\s.*\bfrom\b|(?:local|const|let|var)\s.*\brequire\b|(?:pub\s+)?mod\s+\w+;|\((?:ns|require|use)\b"
        r"|-(?:module|include|include_lib|export|behaviour|import)\(|<\?php\b|declare\(|['\"]use \w+['\"]"
        r"|syntax\s*=|@(?:import|use|forward)\b|\.\s+\S)"
    )
