"""Which prompts a code-action menu offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.actions import KIND_CHAT, KIND_REWRITE, Offer, kind_wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pygpt_lsp.core.actions import Situation
    from pygpt_lsp.core.user_prompts import UserPrompt

PROMPT_ID: Final = "user:"
"""What a prompt's id begins with where the ids of built-in actions stand too; its name follows."""

_LONGEST_TITLE: Final = 60


def prompt_offers(
    prompts: Iterable[UserPrompt], situation: Situation, only: Collection[str] | None
) -> list[Offer]:
    """The entries for users' prompts that fit, in their order; the built-in ones are actions already."""
    offers: list[Offer] = []
    for prompt in prompts:
        kind = KIND_CHAT if prompt.kind == "chat" else KIND_REWRITE
        applies = situation.has_region or not needs_code(prompt)
        if (
            prompt.path is not None
            and applies
            and prompt.fits(situation.language_id)
            and kind_wanted(kind, only)
        ):
            title = f"PyGPT: {prompt.title[:_LONGEST_TITLE]}"
            offers.append(Offer(f"{PROMPT_ID}{prompt.name}", title, kind))
    return offers


def needs_code(prompt: UserPrompt) -> bool:
    """Whether the prompt works on a selection or a definition."""
    return prompt.kind == "edit" or "selection" in prompt.variables
