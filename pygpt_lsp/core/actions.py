"""The catalogue of built-in actions: which exist, when they are offered, and what they do.

`offers` decides what a code-action menu shows; it never runs anything and never reads a file. An action
that does not apply is left out: `disabled` is not used, since editors show it as noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.languages import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Outcome: TypeAlias = Literal["chat", "edit", "insert"]
"""chat: the answer streams into a chat document. edit: it replaces the region's lines. insert: it is put at
the cursor's line."""

Needs: TypeAlias = Literal["anything", "region", "cursor", "diagnostic", "instruction", "commit"]
"""What must be there for the action to be offered: `region` is a real selection or an enclosing definition,
`cursor` the absence of a selection, `commit` a document of the language gitcommit."""

# Kinds (LSP 3.17 § CodeActionKind). The chat kind is our own: an answer in a chat changes no code, so it
# belongs to none of the standard kinds, and a client that filters for refactorings must not get it.
KIND_CHAT = "pygpt.chat"
KIND_QUICKFIX = "quickfix"
# Helix sorts the menu by kind, quick fixes first, and Stop comes first.
KIND_STOP = KIND_QUICKFIX
KIND_REWRITE = "refactor.rewrite"
KIND_SOURCE = "source"

CODE_ACTION_KINDS = (KIND_QUICKFIX, KIND_REWRITE, KIND_SOURCE, KIND_CHAT)


class Action(NamedTuple):
    """One built-in action. `instruction` is what the model is asked to do, in a sentence or two."""

    id: str
    title: str
    kind: str
    outcome: Outcome
    needs: Needs
    instruction: str


ACTIONS: tuple[Action, ...] = (
    Action(
        "rewrite", "Do", KIND_REWRITE, "edit", "instruction",
        "Rewrite the region so that it does what the instruction says, and nothing else.",
    ),
    Action(
        "fix", "Fix", KIND_QUICKFIX, "edit", "diagnostic",
        "Fix the problem that the diagnostic reports, at its cause, with the smallest change that is right.",
    ),
    Action("ask", "Ask…", KIND_CHAT, "chat", "anything", ""),
    Action(
        "explain", "Explain", KIND_CHAT, "chat", "region",
        "Explain what this code does, why it is written this way, and what would surprise a reader.",
    ),
    Action(
        "document", "Document this", KIND_REWRITE, "edit", "region",
        "Document this code in the style its language and file use (docstring, doc comment). "
        "Describe purpose, parameters, results and errors as they are. Change nothing else.",
    ),
    Action(
        "simplify", "Simplify", KIND_REWRITE, "edit", "region",
        "Simplify this code: same behaviour, fewer parts, clearer names. Keep its public names.",
    ),
    Action(
        "optimize", "Optimize", KIND_REWRITE, "edit", "region",
        "Make this code faster or leaner where it matters, with the same behaviour.",
    ),
    Action(
        "tests", "Write tests", KIND_CHAT, "chat", "region",
        "Write tests for this code with the test framework its project would use. "
        "Cover the normal case, the edges and the failures. Say where the file belongs.",
    ),
    Action(
        "review", "Review", KIND_CHAT, "chat", "region",
        "Review this code as a careful colleague: first what is wrong or risky, with line numbers, "
        "then what could be clearer. Say so if nothing is wrong.",
    ),
    Action(
        "implement", "Implement here", KIND_REWRITE, "insert", "cursor",
        "Write the code that belongs at the cursor, as the surrounding code, names and comments suggest.",
    ),
    Action(
        "commit", "Write the commit message", KIND_SOURCE, "insert", "commit",
        "Write the commit message for this diff: a subject of at most 50 characters in the imperative, "
        "a blank line, then why the change was made, wrapped at 72 characters.",
    ),
)  # fmt: skip

ACTION_IDS: tuple[str, ...] = tuple(action.id for action in ACTIONS)
_BY_ID = {action.id: action for action in ACTIONS}


def action_by_id(action_id: str) -> Action | None:
    """The action with that id, or None."""
    return _BY_ID.get(action_id)


class Situation(NamedTuple):
    """What the menu was asked for.

    `diagnostics` are the messages of the diagnostics that overlap the range; `automatic` is true where the
    editor asked by itself (LSP 3.17 § CodeActionTriggerKind); `has_region` where there is a selection or
    the cursor lies in a definition; `running` where a job works on this document.
    """

    language_id: str
    has_selection: bool
    has_region: bool
    automatic: bool
    diagnostics: Sequence[str] = ()
    instruction: str | None = None
    running: bool = False


class Offer(NamedTuple):
    """One entry of the menu. `number` is the index of the situation's diagnostic, for a fix; `question` is
    sent at once, None where it is still to be written."""

    action_id: str
    title: str
    kind: str
    number: int | None = None
    question: str | None = None


def kind_wanted(kind: str, only: Collection[str] | None) -> bool:
    """Whether a menu that asks for the kinds `only` wants this kind.

    Kinds are hierarchical by dots: `refactor` wants `refactor.rewrite` (LSP 3.17 § CodeActionContext.only).
    An empty entry wants everything, and so does an empty list: some clients write that for no filter.
    """
    return not only or any(not want or kind == want or kind.startswith(want + ".") for want in only)


def offers(
    situation: Situation, *, enabled: Collection[str], only: Collection[str] | None = None
) -> list[Offer]:
    """The menu for a code document, in the order in which it is shown.

    Quiet lightbulbs: nothing is offered on an automatic request without a real selection.
    """
    if situation.automatic and not situation.has_selection:
        return []
    menu: list[Offer] = []
    if situation.running:
        menu.append(Offer("stop", "PyGPT: Stop", KIND_STOP))
    for action in ACTIONS:
        if action.id in enabled:
            menu.extend(_offers_of(action, situation))
    return [offer for offer in menu if kind_wanted(offer.kind, only)]


def _offers_of(action: Action, situation: Situation) -> list[Offer]:
    title = f"PyGPT: {action.title}"
    if canonical(situation.language_id) == "gitcommit":
        return [Offer(action.id, title, action.kind)] if action.needs == "commit" else []
    match action.needs:
        case "anything":
            question = situation.instruction
            if question is not None:
                asked = f'PyGPT: Ask "{shorten(question, 50)}"'
                return [
                    Offer(action.id, asked, action.kind, question=question),
                    Offer(action.id, title, action.kind),
                ]
            applies = True
        case "region":
            applies = situation.has_region
        case "cursor":
            applies = not situation.has_selection
        case "commit":
            applies = False
        case "instruction":
            if situation.instruction is None:
                return []
            return [Offer(action.id, f'PyGPT: Do "{shorten(situation.instruction, 50)}"', action.kind)]
        case "diagnostic":
            return [
                Offer(action.id, f"PyGPT: Fix: {shorten(message, 60)}", action.kind, index)
                for index, message in enumerate(situation.diagnostics)
            ]
    return [Offer(action.id, title, action.kind)] if applies else []


def shorten(text: str, limit: int) -> str:
    """`text` in one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
