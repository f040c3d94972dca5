"""The openai SDK's client, kept from taking anything from the environment.

The SDK reads a base URL, organization, project, admin key and arbitrary headers from OPENAI_* variables and
describes the machine in X-Stainless-* headers. Here everything is given, and the headers are exactly these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from pygpt_lsp.services.egress import Egress


class SdkClient(openai.AsyncOpenAI):
    """AsyncOpenAI over the door out, without retries of its own; the key comes with each request.

    Of `env` only the two variables are read that name who pays.
    """

    def __init__(
        self, egress: Egress, env: Mapping[str, str], http_client: httpx2.AsyncClient | None = None
    ) -> None:
        """`http_client`: another client of this egress's than the one that reaches the API."""
        http_client = http_client or egress.api_client()
        super().__init__(
            api_key="given with each request",
            admin_api_key="",
            webhook_secret="",
            organization=env.get("OPENAI_ORG_ID", ""),
            project=env.get("OPENAI_PROJECT_ID", ""),
            base_url=egress.api_base_url,
            max_retries=0,
            timeout=http_client.timeout,
            http_client=http_client,
        )
        # Never sent; without a value the SDK would find it out, by running a program.
        self._platform = "Unknown"

    @property
    def default_headers(self) -> dict[str, str | openai.Omit]:
        """Replaces the SDK's own, OPENAI_CUSTOM_HEADERS included."""
        headers: dict[str, str | openai.Omit] = {
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        if self.organization:
            headers["OpenAI-Organization"] = self.organization
        if self.project:
            headers["OpenAI-Project"] = self.project
        return headers
