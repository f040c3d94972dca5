"""What pygls costs by itself: the smallest server with one code action. Run as a script."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "0")


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_action(_params: types.CodeActionParams) -> list[types.CodeAction]:
    return [types.CodeAction("Nothing", command=types.Command("Nothing", "nothing"))]


server.start_io()
