"""Talks to `leakstop serve --lsp` as an editor does, and prints the diagnostics.

In: the program, a folder, a text that holds a secret. Out: one JSON object.
"""

import asyncio
import json
import pathlib
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient


async def main():
    program, folder, text = sys.argv[1:]
    client = LanguageClient("test", "1")
    published = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def take(params):
        published.put_nowait(params)

    async def next_one():
        params = await asyncio.wait_for(published.get(), 60)
        ranges = [
            [d.range.start.line, d.range.start.character, d.range.end.line, d.range.end.character]
            for d in params.diagnostics
        ]
        return {
            "version": params.version,
            "ranges": ranges,
            "messages": [d.message for d in params.diagnostics],
            "codes": [d.code for d in params.diagnostics],
        }

    await client.start_io(program, "serve", "--lsp")
    root = pathlib.Path(folder).as_uri()
    result = await client.initialize_async(
        types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=root)
    )
    told = {"sync": result.capabilities.text_document_sync.change, "server": result.server_info.name}
    client.initialized(types.InitializedParams())
    uri = root + "/src/a.py"
    document = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(document))
    told["opened"] = await next_one()
    change = types.TextDocumentContentChangeWholeDocument(text="a = 1\n")
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version=2, uri=uri), [change])
    )
    told["changed"] = await next_one()
    client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri=uri))
    )
    told["closed"] = await next_one()
    await client.shutdown_async(None)
    client.exit(None)
    told["exit"] = await asyncio.wait_for(client._server.wait(), 60)
    print(json.dumps(told))


asyncio.run(main())
