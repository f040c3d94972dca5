"""One small question to the API, for `doctor`: can it be reached, does it take the key, has it the model?

It sends a GET for the list of models and nothing else: no file, no prompt, no setting. `request_lines` tells
the user beforehand, word for word, what that is.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import httpx2

from pygpt_lsp.core.errors import RequestRefused
from pygpt_lsp.services.egress import USER_AGENT

if TYPE_CHECKING:
    from pygpt_lsp.services.api_key import ApiKey
    from pygpt_lsp.services.egress import Egress

Verdict: TypeAlias = Literal["ok", "note", "fail"]
"""Fine; works, but something is worth a look; an answer cannot be expected."""

PATIENCE = 30.0
"""Seconds for the whole question; an answer to it is short."""

_LARGEST = 4_000_000  # bytes of a list of models
_HIDDEN = "(your key)"


class Probed(NamedTuple):
    """What came of the question, as a sentence for the user."""

    verdict: Verdict
    sentence: str


def request_lines(egress: Egress) -> list[str]:
    """The request as it would be sent, line by line, with the key left out.

    Raises RequestRefused where the address cannot be used.
    """
    url = httpx2.URL(_models_url(egress))
    headers = {"Host": egress.api_host, "User-Agent": USER_AGENT, **_headers(_HIDDEN)}
    path = url.raw_path.decode("ascii")
    return [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]


async def probe(egress: Egress, key: ApiKey, model: str) -> Probed:
    """Ask for the list of models and judge the answer.

    Raises RequestRefused where nothing was sent, and nothing else.
    """
    host = egress.api_host
    async with egress.api_client() as client:
        try:
            async with asyncio.timeout(PATIENCE):
                status, body = await _get(client, _models_url(egress), key)
        except RequestRefused:
            raise
        except (TimeoutError, httpx2.TimeoutException):
            return Probed("fail", f"{egress.api_peer} did not answer in time; check the network, or a proxy.")
        except httpx2.ConnectError as error:
            return Probed(
                "fail", f"{egress.api_peer} cannot be reached ({error}); check the network, or a proxy."
            )
        except httpx2.HTTPError as error:
            return Probed("fail", f"The connection to {egress.api_peer} broke ({type(error).__name__}).")
    return _judged(host, status, body, model)


async def _get(client: httpx2.AsyncClient, url: str, key: ApiKey) -> tuple[int, bytes]:
    body = b""
    async with client.stream("GET", url, headers=_headers(key.reveal())) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST:
                break
    return response.status_code, body


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Accept": "application/json"}


def _models_url(egress: Egress) -> str:
    return egress.api_base_url.rstrip("/") + "/models"


def _judged(host: str, status: int, body: bytes, model: str) -> Probed:
    if status == HTTPStatus.OK:
        names = _names(body)
        if names is None:
            return Probed("note", f"{host} answers, but not with a list of models; check base_url.")
        if model not in names:
            return Probed("note", f"{host} answers and takes the key, but does not list the model {model}.")
        return Probed("ok", f"{host} answers, takes the key and has the model {model}.")
    if status == HTTPStatus.UNAUTHORIZED:
        return Probed("fail", f"{host} refuses the key; make a new one, or correct it where it was found.")
    if status == HTTPStatus.FORBIDDEN:
        return Probed("note", f"{host} answers, but this key may not list the models; it may still answer.")
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return Probed("note", f"{host} answers, but lists no models; if nothing else works, check base_url.")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Probed("note", f"{host} answers, but has too many requests with this key just now.")
    return Probed("fail", f"{host} answers with the status {status}; try again later, or check base_url.")


def _names(body: bytes) -> set[str] | None:
    """The ids in a list of models, None where it is something else."""
    try:
        listed: Any = json.loads(body)
        return {str(model["id"]) for model in listed["data"]}
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
