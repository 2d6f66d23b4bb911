"""Talks to `leakstop serve --stdio` as an agent does, with the official client, and prints what it is told.

In: the program, a mode of the client (`legacy` or a revision), the folder to start in, a text that holds a secret.
Out: one JSON object.
"""

import asyncio
import json
import sys

from mcp import Client, MCPError, StdioServerParameters


async def main():
    program, mode, folder, text = sys.argv[1:]
    server = StdioServerParameters(command=program, args=["serve", "--stdio"], cwd=folder)
    async with Client(server, mode=mode) as client:
        told = {"version": client.protocol_version, "server": client.server_info.name}
        told["tools"] = [tool.name for tool in (await client.list_tools()).tools]

        async def call(name, **arguments):
            result = await client.call_tool(name, arguments)
            return {"error": result.is_error, "text": result.content[0].text, "data": result.structured_content}

        told["text"] = await call("scan_text", text=text, path="src/a.py")
        told["clean"] = await call("scan_text", text="a = 1\n")
        told["path"] = await call("scan_path", path=".")
        told["outside"] = await call("scan_path", path="../../..")
        told["staged"] = await call("scan_staged")
        told["rule"] = await call("explain", what="github-pat-classic")
        told["line"] = await call("explain", what="leak.py:2")
        told["wrong"] = await call("scan_text", txt="a")
        try:
            await call("scan_all")
        except MCPError as fault:
            told["unknown"] = fault.code
        print(json.dumps(told))


asyncio.run(main())
