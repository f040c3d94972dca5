"""The command line: `pygpt-lsp` serves; the other commands are for people.

Serving is what start-up time is about, so nothing is imported here that it does not need.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pygpt_lsp import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="pygpt-lsp",
        description="OpenAI models in any LSP editor. Without a command it serves LSP on stdio.",
    )
    parser.add_argument("--version", action="version", version=f"pygpt-lsp {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="serve LSP (the default)"))
    if not words or (words[0].startswith("-") and words[0] not in {"-h", "--help", "--version"}):
        words.insert(0, "serve")
    # The tools import what they need; a server that starts must not pay for them.
    if words[0] not in {"serve", "--version"}:
        from pygpt_lsp.cli import demo, doctor, history, import_pygpt, privacy

        demo.add_parser(commands)
        doctor.add_parser(commands)
        history.add_parser(commands)
        import_pygpt.add_parser(commands)
        privacy.add_parser(commands)
    options = parser.parse_args(words)
    if not hasattr(options, "run"):
        parser.print_help(sys.stderr)
        return 2
    return options.run(options) if words[0] == "serve" else _printed(options)


def _printed(options: argparse.Namespace) -> int:
    """The exit code of a tool, once all that it prints has been taken."""
    try:
        code = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        from pygpt_lsp.cli.screen import print_nowhere

        print_nowhere()
        return 1
    return code


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "A server that listens serves its first client, without a password. It refuses web pages and, on "
        "Linux, other users of the machine; it cannot tell your own programs apart and encrypts nothing: use "
        "stdio where you can. docs/protocol.md says more."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="serve on stdin and stdout (the default)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="listen for one client; loopback unless --expose")
    where.add_argument("--ws", metavar="HOST:PORT", help="the same over WebSocket (extra: pygpt-lsp[ws])")
    parser.add_argument("--expose", action="store_true", help="let --tcp and --ws listen beyond loopback")
    parser.add_argument(
        "--log-level", default="warning", choices=("error", "warning", "info", "debug", "trace"),
        help="trace alone logs messages with their texts; keys are masked at every level",
    )  # fmt: skip
    parser.add_argument("--log-file", metavar="FILE", help="log here instead of to stderr")
    parser.add_argument(
        "--offline", action="store_true",
        help="answer with the small embedded model of the demo; nothing is sent",
    )  # fmt: skip
    parser.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from pygpt_lsp.lsp.serve import serve

    return serve(options)
