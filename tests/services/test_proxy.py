"""Which proxy applies to which host."""

from __future__ import annotations

import pytest

from pygpt_lsp.services.proxy import proxy_for

PROXY = "http://proxy.corp:3128"


def test_the_https_proxy_wins_over_the_general_one_and_lower_case_over_upper() -> None:
    env = {"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "http://upper:2", "https_proxy": "http://lower:3"}
    assert proxy_for("api.openai.com", 443, env) == "http://lower:3"
    del env["https_proxy"]
    assert proxy_for("api.openai.com", 443, env) == "http://upper:2"
    del env["HTTPS_PROXY"]
    assert proxy_for("api.openai.com", 443, env) == "http://all:1"


def test_without_a_variable_or_with_an_empty_one_the_connection_is_direct() -> None:
    assert proxy_for("api.openai.com", 443, {}) is None
    assert proxy_for("api.openai.com", 443, {"HTTPS_PROXY": " ", "HTTP_PROXY": PROXY}) is None


def test_an_address_without_a_scheme_is_an_http_proxy() -> None:
    assert proxy_for("api.openai.com", 443, {"HTTPS_PROXY": "proxy.corp:3128"}) == PROXY


@pytest.mark.parametrize(
    ("host", "port", "no_proxy"),
    [
        ("api.openai.com", 443, "*"),
        ("api.openai.com", 443, "example.com, api.openai.com"),
        ("api.openai.com", 443, "openai.com"),
        ("api.openai.com", 443, ".openai.com"),
        ("api.openai.com", 443, "*.OpenAI.com"),
        ("api.openai.com", 443, "openai.com:443"),
        ("10.1.2.3", 443, "10.0.0.0/8"),
        ("10.1.2.3", 443, "10.1.2.3"),
        ("fd00::1", 8443, "[fd00::1]:8443"),
        ("fd00::1", 443, "fd00::/8"),
        ("localhost", 443, ""),
        ("127.0.0.1", 443, ""),
        ("::1", 443, ""),
    ],
)
def test_hosts_that_no_proxy_names_and_this_machine_are_reached_directly(
    host: str, port: int, no_proxy: str
) -> None:
    assert proxy_for(host, port, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) is None


@pytest.mark.parametrize(
    ("host", "no_proxy"),
    [
        ("api.openai.com", ""),
        ("api.openai.com", "notopenai.com,penai.com,openai.com:8443,."),
        ("notopenai.com", "openai.com"),
        ("11.1.2.3", "10.0.0.0/8"),
    ],
)
def test_other_hosts_go_through_the_proxy(host: str, no_proxy: str) -> None:
    assert proxy_for(host, 443, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) == PROXY
