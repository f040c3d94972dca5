"""The kinds of secrets: each has a name for placeholders and a name for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

from pygpt_lsp.core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind: TypeAlias = Literal[
    "ANTHROPIC",
    "AWS",
    "AZURE",
    "GITHUB",
    "GITLAB",
    "GOOGLE",
    "JWT",
    "KEY",
    "NPM",
    "OPENAI",
    "PASSWORD",
    "PRIVATE_KEY",
    "PYPI",
    "SECRET",
    "SLACK",
    "STRIPE",
    "TOKEN",
]

_LABELS: Final[dict[Kind, str]] = {
    "ANTHROPIC": "Anthropic key",
    "AWS": "AWS key",
    "AZURE": "Azure key",
    "GITHUB": "GitHub token",
    "GITLAB": "GitLab token",
    "GOOGLE": "Google key",
    "JWT": "JWT",
    "KEY": "API key",
    "NPM": "npm token",
    "OPENAI": "OpenAI key",
    "PASSWORD": "password",
    "PRIVATE_KEY": "private key",
    "PYPI": "PyPI token",
    "SECRET": "secret",
    "SLACK": "Slack token",
    "STRIPE": "Stripe key",
    "TOKEN": "token",
}


def label_of(kind: str) -> str:
    """The name for people; that of any secret where there is no such kind."""
    return _LABELS.get(cast("Kind", kind), _LABELS["SECRET"])


class Secret(NamedTuple):
    """A secret in a text, from character `start` up to, not including, `end`."""

    start: int
    end: int
    kind: Kind


def summary_of(masked: Sequence[tuple[str, int]]) -> str:
    """Kinds and numbers for people: "2 secrets masked: 1 AWS key, 1 password"; "" where there are none."""
    if not masked:
        return ""
    total = sum(number for _, number in masked)
    listed = ", ".join(counted(number, label) for label, number in masked)
    return f"{counted(total, 'secret')} masked: {listed}"
