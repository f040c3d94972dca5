"""What is offered for what is being typed in a chat: the entries of the list, in their order.

An editor compares what is typed with each entry's `filter_text` in its own way, and orders what is left in
its own way too, unless all fit equally well. So where the order is ours, `filter_text` begins with just what
has been typed, and goes on with the letters of the entry, which keep it there until the next answer comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

from pygpt_lsp.core.chat_context import format_context_ref, format_symbol_ref
from pygpt_lsp.core.chat_writing import yaml_scalar
from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.fuzzy import fold, rank
from pygpt_lsp.core.pages import prose
from pygpt_lsp.core.settings_table import REASONING_EFFORTS
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pygpt_lsp.core.chat_completion import Wanted
    from pygpt_lsp.core.chat_context import ContextKind
    from pygpt_lsp.core.presets import Preset
    from pygpt_lsp.core.user_prompts import UserPrompt

Sort: TypeAlias = Literal["context", "file", "symbol", "prompt", "preset", "key", "value"]

_SHOWN: Final = 1_500  # characters of a prompt
_KINDS: Final = {
    "file": ("#file:", "a file, or lines of it: #file:PATH:10-40"),
    "selection": ("#selection", "what was selected last"),
    "buffer": ("#buffer", "the document of the last selection"),
    "diagnostics": ("#diagnostics", "what was reported on the selection; also #diagnostics:PATH"),
    "diff": ("#diff", "what has changed since the last commit"),
    "symbol": ("#symbol:", "a definition: #symbol:NAME, #symbol:PATH:NAME"),
    "rules": ("#rules:", "rules of the project, given once"),
}
_WITH_COLON: Final = frozenset({"file", "symbol", "rules"})
KEYS: Final = {
    "model": "the model that answers",
    "preset": "who answers, by the name of a preset",
    "temperature": "randomness, from 0 to 2",
    "reasoning_effort": "how long a reasoning model thinks",
    "system": "instructions for this chat",
}
"""What a chat's front matter may say."""


class Item(NamedTuple):
    """One entry. `insert` replaces what was typed; `detail` is a line beside the label, `about` is more to
    say and `text` what it stands for; all three may be ""."""

    sort: Sort
    label: str
    insert: str
    filter_text: str
    detail: str = ""
    about: str = ""
    text: str = ""

    def documentation(self, *, markdown: bool) -> str:
        """What is to be said of it. A repository may have written it: nothing in it is rendered."""
        shown = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN].rstrip() + "…"
        if not markdown:
            return "\n\n".join(filter(None, (visible(self.about), visible(shown, keep="\n\t"))))
        fence = fence_for(shown)
        quoted = f"{fence}\n{shown}\n{fence}" if shown else ""
        return "\n\n".join(filter(None, (prose(self.about), quoted)))


def context_items(wanted: Wanted) -> list[Item]:
    """The kinds of context that begin as typed."""
    mark = "" if wanted.quoted or wanted.bare else "> "
    return [
        Item("context", label, mark + label, _ours(wanted, label), detail)
        for kind, (label, detail) in _KINDS.items()
        if kind.startswith(wanted.query.lower()) and not (wanted.bare and kind in _WITH_COLON)
    ]


def file_items(wanted: Wanted, files: Iterable[tuple[str, str]]) -> list[Item]:
    """Files by their names in context lines, each with a detail; in this order."""
    items: list[Item] = []
    for name, detail in files:
        line = _file_line(wanted, name)
        insert = line.removeprefix("> ") if wanted.quoted else line
        items.append(Item("file", visible(name), insert, _ours(wanted, name), visible(detail)))
    return items


def symbol_items(wanted: Wanted, symbols: Iterable[tuple[str, str, int]], limit: int) -> list[Item]:
    """The best of some definitions: each a name, the file it is in, and its line (0-based)."""
    ranked = [
        (found, path, line, name)
        for name, path, line in symbols
        if (found := rank(wanted.query, name)) is not None
    ]
    items: dict[tuple[str, str], Item] = {}
    for _, path, line, name in sorted(ranked):
        if (name, path) in items:
            continue
        try:
            whole = format_symbol_ref(name, path)
        except ValueError:  # `operator ""_x`
            continue
        insert = whole.removeprefix("> ") if wanted.quoted else whole
        detail = f"{visible(path)}:{line + 1}"
        items[name, path] = Item("symbol", visible(name), insert, _ours(wanted, name), detail)
        if len(items) == limit:
            break
    return list(items.values())


def prompt_items(prompts: Sequence[UserPrompt]) -> list[Item]:
    """All prompts; the editor chooses among them."""
    return [
        Item(
            "prompt", f"/{prompt.name}", f"/{prompt.name}", f"/{prompt.name}", visible(prompt.title),
            prompt.description, prompt.text,
        )
        for prompt in prompts
    ]  # fmt: skip


def preset_items(presets: Sequence[Preset]) -> list[Item]:
    """All presets; the editor chooses among them."""
    return [
        Item("preset", f"@{preset.name}", f"@{preset.name}", f"@{preset.name}", *_about(preset))
        for preset in presets
    ]


def key_items(present: Collection[str]) -> list[Item]:
    """The keys of the front matter that no other line has."""
    return [Item("key", key, f"{key}: ", key, detail) for key, detail in KEYS.items() if key not in present]


def value_items(wanted: Wanted, models: Sequence[str], presets: Sequence[Preset]) -> list[Item]:
    """The values that the key can have, where they can be told."""
    given: list[tuple[str, str, str, str]] = []
    if wanted.about == "model":
        given = [(model, "", "", "") for model in models]
    elif wanted.about == "preset":
        given = [(preset.name, *_about(preset)) for preset in presets]
    elif wanted.about == "reasoning_effort":
        given = [(effort, "", "", "") for effort in REASONING_EFFORTS]
    space = " " if wanted.glued else ""
    # `@` is how a question names a preset; here it would be no YAML.
    quote = wanted.typed[:1] if wanted.typed[:1] in {'"', "'", "@"} else ""
    return [
        Item("value", visible(value), space + yaml_scalar(value), quote + value, *about)
        for value, *about in given
    ]


def _file_line(wanted: Wanted, name: str) -> str:
    """The line that names a file in the way that was begun."""
    if wanted.wish == "symbol":
        return format_symbol_ref("x", name)[:-1]
    return format_context_ref(cast("ContextKind", wanted.about or "file"), name)


def _ours(wanted: Wanted, label: str) -> str:
    """A text that fits what is typed as well as any other one, whatever way an editor compares them."""
    letters = "".join(letter for letter in fold(label) if letter.isalnum())
    return wanted.typed + letters


def _about(preset: Preset) -> tuple[str, str, str]:
    """The detail of a preset, what is said of it, and what it tells the model."""
    says = (
        preset.model or "",
        "" if preset.temperature is None else f"temperature {preset.temperature:g}",
        "" if preset.reasoning_effort is None else f"{preset.reasoning_effort} reasoning effort",
    )
    return visible(", ".join(filter(None, says))), preset.description, preset.system or ""
