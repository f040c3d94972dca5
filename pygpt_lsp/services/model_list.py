"""Which models an API offers, for the user to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import openai

from pygpt_lsp.core.errors import ErrorKind
from pygpt_lsp.services.error_sentences import Facts
from pygpt_lsp.services.model_errors import StreamFault

if TYPE_CHECKING:
    from collections.abc import Mapping


async def list_models(client: openai.AsyncOpenAI, headers: Mapping[str, str]) -> list[str]:
    """The names of the models, the newest first; those whose age is not told come last, by name.

    Raises what the SDK raises, or `StreamFault` where the answer is no list of models.
    """
    try:
        # Not by the SDK's own method, which does not check what it reads.
        reply = await client.get("/models", cast_to=cast("Any", object), options={"headers": dict(headers)})
    except openai.NotFoundError as error:
        # No model was asked for, so none is missing, whatever the words of the message.
        raise StreamFault(ErrorKind.BAD_REQUEST, Facts(status=error.status_code)) from None
    data = cast("dict[str, object]", reply).get("data") if isinstance(reply, dict) else None
    if not isinstance(data, list):
        raise StreamFault(ErrorKind.MALFORMED)
    models = [
        cast("dict[str, object]", model) for model in cast("list[object]", data) if isinstance(model, dict)
    ]
    ages = [(model.get("created"), model.get("id")) for model in models]
    named = [(-age if isinstance(age, int) else 0, name) for age, name in ages if isinstance(name, str)]
    return [name for _, name in sorted(named)]
