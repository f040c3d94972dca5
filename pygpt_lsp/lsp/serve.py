"""`pygpt-lsp serve`: set up logging and the transport, run the server, give the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygpt_lsp.core.urls import is_loopback
from pygpt_lsp.lsp import transport
from pygpt_lsp.services.logs import remember_key, set_up_logging

if TYPE_CHECKING:
    import argparse

    from pygpt_lsp.lsp.server import PygptServer


def serve(options: argparse.Namespace) -> int:
    """Serve one client as the command line says.

    Exit code: 0 after `shutdown` and `exit`, 1 where the client left otherwise, 2 for an address or a log
    file that cannot be used.
    """
    listens = options.tcp is not None or options.ws is not None
    address = str(options.tcp if options.tcp is not None else options.ws)
    problem = _address_problem(address, options.expose) if listens else None
    if problem:
        print(problem, file=sys.stderr)
        return 2
    out = None if listens else transport.guard_stdout()
    try:
        set_up_logging(options.log_level, Path(options.log_file) if options.log_file else None)
    except OSError as error:
        print(f"The log file {options.log_file} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    # At `trace` the key may go by before it is used: in a document, say.
    remember_key(os.environ.get("OPENAI_API_KEY", ""))
    # Some 700 classes are made at import. Collecting garbage after each 700 objects costs a tenth of the
    # time, not collecting any costs 9 MB.
    thresholds = gc.get_threshold()
    gc.set_threshold(10_000)
    from pygpt_lsp.lsp.server import PygptServer

    gc.freeze()
    gc.set_threshold(*thresholds)
    server = PygptServer(offline=options.offline)

    async def run() -> None:
        _stop_on_signals(server)
        if out is not None:
            await transport.serve_stdio(server, out)
            return
        from pygpt_lsp.lsp.gate import Gate

        host, port = _split(address)
        listen = transport.serve_tcp if options.tcp is not None else transport.serve_websocket
        gate = Gate(lambda said: print(f"pygpt-lsp: {said}", file=sys.stderr), exposed=not is_loopback(host))
        await listen(server, host, port, gate)

    try:
        asyncio.run(_and_leave(run(), server))
    except OSError as error:
        print(f"{address} cannot be used: {error.strerror}.", file=sys.stderr)
        return 2
    except ImportError:
        print("--ws needs the package websockets: install pygpt-lsp[ws].", file=sys.stderr)
        return 2
    return server.exit_code


async def _and_leave(work: object, server: PygptServer) -> None:
    await work  # type: ignore[misc]
    sys.stderr.flush()
    # A worker thread may hang in a name look-up or a slow disk for half a minute. Everything of ours is
    # closed by now, and an editor that quits must not wait for the rest.
    os._exit(server.exit_code)


def _stop_on_signals(server: PygptServer) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        # Windows has no signal handlers on the event loop; there the end of stdin does the same.
        with contextlib.suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), server.stop)


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _address_problem(address: str, expose: bool) -> str | None:
    try:
        host, port = _split(address)
    except ValueError:
        host, port = "", 0
    if not host or not 0 <= port <= 65535:
        return f"{address!r} is not HOST:PORT, for example 127.0.0.1:2087."
    if is_loopback(host):
        return None
    if not expose:
        return f"{host} is not a loopback address: whoever reaches it could read your files. Use 127.0.0.1."
    print(f"Warning: anyone who can reach {host} can use this server and read your files.", file=sys.stderr)
    return None
