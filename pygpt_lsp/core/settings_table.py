"""The table of all settings: the only place where a key exists.

`Settings` holds the values and their defaults, `TABLE` says of each what it may be and who may set it.
`docs/settings.md` and the VS Code manifest are generated from it. To add a setting: one field, one row.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.core.setting_values import (
    Kind,
    choice,
    command,
    flag,
    folders,
    integer,
    name,
    number,
    patterns,
    prices,
    subset,
    text,
    url,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pygpt_lsp.core.prices import Price


class Settings(NamedTuple):
    """The settings in force, each with its default; a key's dot is an underscore here.

    `base_url` and `updates_url` are empty where they were set to something that cannot be used: nothing is
    sent then, rather than to a place the user did not mean. Times are seconds, sizes tokens.
    """

    model: str = "gpt-5.5"
    api: Literal["auto", "responses", "chat"] = "auto"
    base_url: str = "https://api.openai.com/v1"
    api_key_command: str | tuple[str, ...] | None = None
    max_output_tokens: int | None = None
    max_input_tokens: int = 32_000
    prices: Mapping[str, Price] = MappingProxyType({})
    temperature: float | None = None
    reasoning_effort: str | None = None
    system_prompt: str = ""
    review: Literal["apply", "confirm", "propose"] = "apply"
    actions_enabled: tuple[str, ...] = ACTION_IDS
    prompts_paths: tuple[str, ...] = ()
    history_enabled: bool = True
    history_retention_days: int = 0
    privacy_ignore: tuple[str, ...] = ()
    privacy_redact_secrets: bool = True
    updates_check: bool = True
    updates_url: str = "https://pygpt.net/api/version"
    timeouts_connect: float = 10.0
    timeouts_idle: float = 120.0


def inside_workspace(path: str) -> bool:
    """Whether this setting's path is one below the workspace's root, wherever links may lead."""
    names = path.replace("\\", "/").split("/")
    return bool(names[0]) and not names[0].startswith("~") and ":" not in names[0] and ".." not in names


class WorkspaceRule(NamedTuple):
    """What a repository's own settings file may do to a key.

    `words` says it in the docs and in messages ("a workspace file may …"); `allows(value, current)` decides,
    `current` being the value before.
    """

    words: str
    allows: Callable[[Any, Any], bool]


REASONING_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_REVIEWS = ("apply", "confirm", "propose")  # each more careful than the one before


def _always(_value: Any, _current: Any) -> bool:
    return True


def _never(_value: Any, _current: Any) -> bool:
    return False


def _not_more(value: Any, current: Any) -> bool:
    return value <= current


def _not_less(value: Any, current: Any) -> bool:
    return value >= current


def _all_inside(value: Any, _current: Any) -> bool:
    return all(inside_workspace(path) for path in value)


def _only_adds(value: Any, _current: Any) -> bool:
    return not any(pattern.startswith("!") for pattern in value)


def _as_careful(value: Any, current: Any) -> bool:
    return _REVIEWS.index(value) >= _REVIEWS.index(current)


ANYTHING = WorkspaceRule("set it", _always)
NOTHING = WorkspaceRule("not set it", _never)
ONLY_LOWER = WorkspaceRule("only lower it", _not_more)
ONLY_OFF = WorkspaceRule("only turn it off", _not_more)  # False < True
ONLY_ON = WorkspaceRule("only turn it on", _not_less)
ONLY_MORE = WorkspaceRule("only add to it", _only_adds)
ONLY_INSIDE = WorkspaceRule("only name folders inside the workspace", _all_inside)
ONLY_MORE_CAREFUL = WorkspaceRule("only choose a more careful one", _as_careful)


class InsteadOf(NamedTuple):
    """What is used instead of a bad value where falling back to the value before would do harm."""

    value: object
    words: str


class Setting(NamedTuple):
    """One row of the table.

    `private`: the value is never shown. `if_bad`: None where the value before is used for a bad one.
    `adds`: what the layers say adds up, and none takes away what another one said.
    """

    key: str
    kind: Kind
    help: str
    workspace: WorkspaceRule = ANYTHING
    private: bool = False
    if_bad: InsteadOf | None = None
    adds: bool = False

    @property
    def attribute(self) -> str:
        """The name of the value in `Settings`."""
        return self.key.replace(".", "_")

    @property
    def default(self) -> object:
        """The built-in value; None where the key is simply not set."""
        return Settings._field_defaults[self.attribute]

    @property
    def workspace_safe(self) -> bool:
        """Whether a repository may set the key at all."""
        return self.workspace is not NOTHING

    @property
    def machine_scope(self) -> bool:
        """Whether an editor must keep the key out of its own workspace settings.

        An editor merges those before we see them, so that what a repository's `.pygpt/config.toml` may not
        do, its editor settings must not do either.
        """
        return self.workspace is not ANYTHING


TABLE: tuple[Setting, ...] = (
    Setting("model", name(200), "The model that answers."),
    Setting(
        "api", choice("auto", "responses", "chat"),
        "How to ask: the Responses API, Chat Completions, or (auto) Responses at OpenAI and Chat elsewhere.",
    ),
    Setting(
        "base_url", url(),
        "The address of the API. The variable OPENAI_BASE_URL changes the default.",
        NOTHING,
        if_bad=InsteadOf("", "nothing is sent to any model until it is corrected"),
    ),
    Setting(
        "api_key_command", command(),
        "A command that prints the API key; run where OPENAI_API_KEY is not set.",
        NOTHING, private=True,
    ),
    Setting(
        "max_output_tokens", integer(1, 10_000_000),
        "The longest answer, in tokens; not set: as long as the model likes.",
    ),
    Setting(
        "max_input_tokens", integer(256, 10_000_000),
        "The longest request that is sent without asking first, in tokens (estimated).",
        ONLY_LOWER,
    ),
    Setting(
        "prices", prices(),
        "What your models cost, to be shown with what is sent. There are no built-in prices.",
        NOTHING,
    ),
    Setting("temperature", number(0, 2), "Randomness of the answer; not set: the model's own."),
    Setting(
        "reasoning_effort", choice(*REASONING_EFFORTS),
        "How long a reasoning model thinks; not set: the model's own.",
    ),
    Setting(
        "system_prompt", text(20_000),
        "Your standing instructions, added to PyGPT's own in every request.",
        private=True,
    ),
    Setting(
        "review", choice(*_REVIEWS),
        "What happens to an edit: apply it, ask before applying it, or only propose it in the chat.",
        ONLY_MORE_CAREFUL,
    ),
    Setting("actions.enabled", subset("action", ACTION_IDS), "The code actions that are offered."),
    Setting(
        "prompts.paths", folders(20),
        "More folders with prompt files; a relative one starts at the workspace's root.",
        ONLY_INSIDE,
    ),
    Setting(
        "history.enabled", flag(),
        "Whether anything is kept: history, ledger, chats; if not, chats are files that go with the server.",
        ONLY_OFF,
    ),
    Setting(
        "history.retention_days", integer(0, 36_500),
        "Days after which a conversation is deleted for good; 0: never.",
        NOTHING,
    ),
    Setting(
        "privacy.ignore", patterns(100),
        "Files that are not sent, as patterns of a .gitignore at the workspace's root. All that any file or "
        "editor says counts together.",
        ONLY_MORE,
        if_bad=InsteadOf(("*",), "every file counts as excluded until it is corrected"),
        adds=True,
    ),
    Setting(
        "privacy.redact_secrets", flag(),
        "Whether keys, tokens and passwords in what is sent are replaced by placeholders.",
        ONLY_ON,
        if_bad=InsteadOf(True, "secrets are masked until it is corrected"),
    ),
    Setting(
        "updates.check", flag(),
        "Whether the newest version is asked for once at launch; only the version in use is sent.",
        NOTHING,
        if_bad=InsteadOf(False, "no version check is made until it is corrected"),
    ),
    Setting(
        "updates.url", url(),
        "The address of the version check. The variable PYGPT_UPDATE_URL changes the default.",
        NOTHING,
        if_bad=InsteadOf("", "no version check is made until it is corrected"),
    ),
    Setting("timeouts.connect", number(0.1, 600), "Seconds to wait for a connection."),
    Setting(
        "timeouts.idle", number(0.1, 86_400),
        "Seconds without a sign of life after which a request is given up; there is no limit on the whole.",
    ),
)  # fmt: skip
