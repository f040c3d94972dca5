"""The door out: what may pass, and that everything else is stopped before a socket opens."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from pygpt_lsp.core.errors import ErrorKind, RequestRefused
from pygpt_lsp.services.egress import Egress
from tests.support.api_failures import redirect
from tests.support.api_server import ScriptedApi

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.example.com/v1"
UPDATE = "https://pygpt.net/api/version"


def egress(
    api: str = API,
    update: str = UPDATE,
    env: Mapping[str, str] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Egress:
    return Egress(
        api_base_url=api,
        update_url=update,
        connect_timeout=5,
        idle_timeout=5,
        env=env or {},
        transport=transport,
    )


class Recorder(httpx2.AsyncBaseTransport):
    """Stands in for the network and keeps what came through the door."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, headers=[("Set-Cookie", "id=1"), ("Set-Cookie", "b=2")])


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every attempt to look up a name or to connect, none of which succeeds."""
    seen: list[Any] = []

    def refuse(*args: Any, **_: Any) -> Any:
        seen.append(args)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr("asyncio.selector_events.BaseSelectorEventLoop.sock_connect", refuse)
    return seen


ELSEWHERE = [
    "https://evil.example.com/v1/responses",
    "https://api.example.com.evil.com/v1/responses",
    "https://api.example.com:8443/v1/responses",
    "http://api.example.com/v1/responses",
    "https://api.example.com/v2/responses",
    "https://api.example.com/v1evil/responses",
    "https://api.example.com/v1",
    "https://api.example.com/v1/../admin",
    "https://api.example.com/v1/%2e%2e/admin",
    "https://api.example.com/v1/%2E./admin",
    "https://api.example.com/v1/..%2fadmin",
    "https://api.example.com/v1/..\\admin",
    "https://user:password@api.example.com/v1/responses",
    "http://127.0.0.1:1/v1/responses",
    "https://pygpt.net/api/version?v=1",
]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_the_api_client_reaches_no_other_address_and_opens_no_socket_for_it(
    url: str, sockets: list[Any]
) -> None:
    async with egress().api_client() as client:
        with pytest.raises(RequestRefused) as refused:
            await client.post(url, json={"secret": "prompt"})
    assert refused.value.kind is ErrorKind.NOT_ALLOWED
    assert "password" not in refused.value.sentence
    assert sockets == []


async def test_the_way_to_the_api_itself_does_open_a_socket(sockets: list[Any]) -> None:
    """Shows that the test above would notice one."""
    async with egress().api_client() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.post(f"{API}/responses", json={})
    assert sockets


@pytest.mark.parametrize(
    "url",
    [
        f"{UPDATE}?v=1&platform=linux",
        f"{UPDATE}?platform=linux",
        f"{UPDATE}?v=1&v=2",
        f"{UPDATE}/more?v=1",
        UPDATE,
        "https://pygpt.net/?v=1",
        "https://www.pygpt.net/api/version?v=1",
        f"{API}/responses",
    ],
)
async def test_the_update_client_can_send_nothing_but_the_version_to_its_address(
    url: str, sockets: list[Any]
) -> None:
    async with egress().update_client() as client:
        with pytest.raises(RequestRefused):
            await client.get(url)
        with pytest.raises(RequestRefused):
            await client.post(f"{UPDATE}?v=1", content=b"data")
    assert sockets == []


async def test_nothing_is_looked_up_or_connected_before_a_request(sockets: list[Any]) -> None:
    door = egress()
    door.warm_up()
    async with door.api_client(), door.update_client():
        pass
    assert sockets == []


async def test_a_request_carries_the_allowed_headers_and_no_others() -> None:
    network = Recorder()
    async with egress(transport=network).api_client() as client:
        await client.post(
            f"{API}/responses",
            json={"a": "ö"},
            headers={
                "Authorization": "Bearer k",
                "OpenAI-Organization": "org",
                "OpenAI-Project": "proj",
                "X-Stainless-OS": "Linux",
                "User-Agent": "AsyncOpenAI/Python 3.54 (Linux)",
                "Host": "evil.example.com",
                "Accept-Language": "de",
                "Cookie": "id=1",
                "Idempotency-Key": "1",
            },
        )
    sent = network.requests[0]
    assert sorted(sent.headers.items()) == [
        ("accept", "*/*"),
        ("authorization", "Bearer k"),
        ("content-length", str(len(await sent.aread()))),
        ("content-type", "application/json"),
        ("host", "api.example.com"),
        ("openai-organization", "org"),
        ("openai-project", "proj"),
        ("user-agent", "pygpt-lsp"),
    ]


async def test_no_cookie_is_kept() -> None:
    network = Recorder()
    async with egress(transport=network).api_client() as client:
        response = await client.get(f"{API}/models")
        await client.get(f"{API}/models")
        assert list(client.cookies) == []
    assert "set-cookie" not in response.headers
    assert "cookie" not in network.requests[1].headers


async def test_a_redirect_is_not_followed_even_by_a_library_that_wants_to(api: ScriptedApi) -> None:
    with ScriptedApi() as other:
        api.fail(redirect(f"{other.base_url}/responses"))
        api.fail(redirect(f"{other.base_url}/responses"))
        async with egress(api.base_url).api_client() as client:
            response = await client.post(f"{api.base_url}/responses", json={})
            assert response.status_code == 307
            with pytest.raises(RequestRefused):
                await client.post(f"{api.base_url}/responses", json={}, follow_redirects=True)
        assert other.connections == 0


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://api.example.com/v1", ErrorKind.INSECURE),
        ("http://127.0.0.1.example.com/v1", ErrorKind.INSECURE),
        ("http://localhost.example.com/v1", ErrorKind.INSECURE),
        ("http://128.0.0.1/v1", ErrorKind.INSECURE),
        ("https://user:hunter2@api.example.com/v1", ErrorKind.NOT_ALLOWED),
        ("https://api.example.com/v1?key=hunter2", ErrorKind.NOT_ALLOWED),
        ("ftp://api.example.com/v1", ErrorKind.NOT_ALLOWED),
        ("api.example.com/v1", ErrorKind.NOT_ALLOWED),
        ("", ErrorKind.NOT_ALLOWED),
    ],
)
def test_an_address_that_is_not_safe_is_refused_with_a_reason(url: str, kind: ErrorKind) -> None:
    for make in (egress(api=url).api_client, egress(update=url).update_client):
        with pytest.raises(RequestRefused) as refused:
            make()
        assert refused.value.kind is kind
        assert "hunter2" not in refused.value.sentence


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v1", "http://127.9.9.9/v1", "http://[::1]:1/v1", "http://localhost/v1"]
)
async def test_plain_http_is_fine_on_this_machine(url: str) -> None:
    network = Recorder()
    async with egress(url, transport=network).api_client() as client:
        await client.get(f"{url}/models")
    assert len(network.requests) == 1


async def test_a_prefix_is_enough_with_or_without_a_final_slash() -> None:
    network = Recorder()
    async with egress(f"{API}/", transport=network).api_client() as client:
        await client.get(f"{API}/models")
    assert network.requests[0].url == f"{API}/models"


async def test_the_servers_certificate_is_trusted_by_ssl_cert_file_and_not_without() -> None:
    with ScriptedApi(tls=True) as server:
        async with egress(server.base_url, env={"SSL_CERT_FILE": str(server.ca_pem)}).api_client() as client:
            assert (await client.get(f"{server.base_url}/models")).status_code == 200
        async with egress(server.base_url).api_client() as client:
            with pytest.raises(httpx2.ConnectError):
                await client.get(f"{server.base_url}/models")


def test_certificates_are_taken_from_no_place_that_a_workspace_can_hold() -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        with pytest.raises(RequestRefused, match="whole paths"):
            egress(env={name: "certs"}).api_client()


def test_certificates_that_cannot_be_read_are_said_to_be_so() -> None:
    with pytest.raises(RequestRefused) as refused:
        egress(env={"SSL_CERT_FILE": "/nowhere.pem"}).api_client()
    assert refused.value.kind is ErrorKind.TLS
    assert "SSL_CERT_FILE" in refused.value.sentence


async def test_a_proxy_of_the_environment_is_connected_to_instead_of_the_host() -> None:
    asked: list[bytes] = []
    with ProxyServer(asked) as proxy:
        door = egress(env={"HTTPS_PROXY": f"http://user:hunter2@127.0.0.1:{proxy.port}"})
        async with door.api_client() as client:
            with pytest.raises(httpx2.ProxyError):
                await client.get(f"{API}/models")
        assert door.api_peer == f"the proxy 127.0.0.1:{proxy.port}"
    assert asked[0].startswith(b"CONNECT api.example.com:443 HTTP/1.1\r\n")
    assert b"Bearer" not in asked[0]


async def test_what_goes_to_this_machine_never_goes_through_a_proxy(api: ScriptedApi) -> None:
    proxy = "http://127.0.0.1:1"
    env = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "ALL_PROXY": proxy}
    async with egress(api.base_url, env=env).api_client() as client:
        assert (await client.get(f"{api.base_url}/models")).status_code == 200


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://", "http://proxy:port"])
def test_a_proxy_address_that_cannot_be_used_is_named_by_its_variable(proxy: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        egress(env={"HTTPS_PROXY": proxy}).api_client()
    assert "HTTPS_PROXY" in refused.value.sentence


def test_a_socks_proxy_without_its_library_is_refused_with_what_to_do() -> None:
    with pytest.raises(RequestRefused, match="socksio"):
        egress(env={"ALL_PROXY": "socks5://127.0.0.1:1"}).api_client()


async def test_the_libraries_log_no_request_whatever_the_log_level(
    api: ScriptedApi, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("httpx2", "httpcore2", "openai"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    async with egress(api.base_url).api_client() as client:
        await client.post(f"{api.base_url}/responses", json={})
    assert not [record for record in caplog.records if record.name.split(".")[0] in ("httpx2", "httpcore2")]


class ProxyServer:
    """Takes one request, keeps its head, and refuses it."""

    def __init__(self, asked: list[bytes]) -> None:
        import threading

        self._asked = asked
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            self._asked.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def __enter__(self) -> ProxyServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(5)
