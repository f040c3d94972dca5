"""Settings for tests: layers, and for each key a value that can be used and values that cannot."""

from __future__ import annotations

import math
from typing import Any

from pygpt_lsp.core.settings import Layer, Resolved
from pygpt_lsp.core.settings_table import TABLE, Setting

BY_KEY = {row.key: row for row in TABLE}
KEY = "sk-proj-abcDEF0123456789abcDEF"  # a made-up key, as a user might paste it into the wrong place


def user(**values: object) -> Layer:
    """The user's own file."""
    return Layer("config.toml", values, trusted=True)


def editor(values: object) -> Layer:
    """What an editor sends."""
    return Layer("initializationOptions", values, trusted=True)


def workspace(values: object) -> Layer:
    """The file of a repository."""
    return Layer(".pygpt/config.toml", values, trusted=False)


def sentences(resolved: Resolved) -> list[str]:
    """What the user is told."""
    return [problem.sentence for problem in resolved.problems]


def in_force(resolved: Resolved, row: Setting) -> object:
    """The value that counts."""
    return getattr(resolved.settings, row.attribute)


# One usable value for each key, all different from the default.
USABLE: dict[str, Any] = {
    "model": "gpt-6",
    "api": "chat",
    "base_url": "http://127.0.0.1:8080/v1",
    "api_key_command": "pass show openai",
    "max_output_tokens": 100,
    "max_input_tokens": 1000,
    "temperature": 0.5,
    "prices": {"gpt-6": [1.25, 10], "ö😀": [0, 0.5]},
    "reasoning_effort": "high",
    "system_prompt": "Schreib schön 😀.",
    "review": "propose",
    "actions.enabled": ["explain"],
    "prompts.paths": ["team/prompts"],
    "history.enabled": False,
    "history.retention_days": 30,
    "privacy.ignore": ["/secret ö/", "*.csv"],
    "privacy.redact_secrets": False,
    "updates.check": False,
    "updates.url": "https://example.org/version",
    "timeouts.connect": 5,
    "timeouts.idle": 600,
}

# For each key, values that cannot be used.
UNUSABLE: dict[str, list[object]] = {
    "model": [5, "", "gpt 5", "gpt\n5", "\ud800", "x" * 201, True, ["gpt-5.5"], KEY],
    "api": ["Chat", 1, ["chat"]],
    "base_url": [
        "api.openai.com", "ftp://example.org", "http://example.org/v1", "https://", "https://[::1", "https://u:p@x.org",
        "https://x.org?a=b", "https://x.org#a", "https://x.org:99999", "https://x .org", "https:\\\\x.org", 1,
        "http://127.0.0.1.example.org", "http://localhost.example.org", "http://2130706433", "https://x.org:0",
    ],
    "api_key_command": ["", "  ", [], [""], ["a", 1], "a\nb", 7, {"command": "x"}, KEY, ["echo", KEY]],
    "max_output_tokens": [0, -1, 1.5, "100", True, math.nan, math.inf, 10**400],
    "max_input_tokens": [0, "32000", False, -math.inf, 1e300],
    "temperature": [-0.1, 2.1, "0.5", True, math.nan, math.inf, 10**400, [1]],
    "prices": [
        1, "1", [1, 2], {"m": 1}, {"m": [1]}, {"m": [1, 2, 3]}, {"m": [1, "2"]}, {"m": [-1, 2]}, {"": [1, 2]},
        {"a b": [1, 2]}, {"m": [1, True]}, {"m": [math.nan, 1]}, {"m": None}, {1: [1, 2]},
        {"m": {"in": 1, "out": 2}},
    ],
    "reasoning_effort": ["HIGH", "very", 3],
    "system_prompt": [1, "x" * 20_001, "\0"],
    "review": ["never", True],
    "actions.enabled": ["explain", ["explian"], [1], [["explain"]], {"explain": True}],
    "prompts.paths": ["team", [""], ["a\nb"], [1], [None], {"a": 1}, ["\0"], [KEY], [*map(str, range(21))]],
    "history.enabled": ["false", 0, 1],
    "history.retention_days": [-1, 0.5, "30", 40_000],
    "privacy.ignore": ["*.csv", [1], {"a": 1}, ["a\nb"], ["\0"], ["x" * 1001], [*map(str, range(101))]],
    "privacy.redact_secrets": ["false", 0],
    "updates.check": ["false", 0],
    "updates.url": ["http://example.org/version", "pygpt.net", False],
    "timeouts.connect": [0, -1, "10", True, math.nan, 1e9],
    "timeouts.idle": [0, "120", math.inf],
}  # fmt: skip
