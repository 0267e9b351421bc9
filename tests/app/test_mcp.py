"""Endpoints as tools of an MCP server: names, descriptions, JSON, and refusals."""

import inspect
import json

import pytest

pytest.importorskip("mcp")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from explorer.runs import results
from explorer.tabs import table
from tests.awaiting import awaited


def used(explorer, *calls) -> tuple[dict, list]:
    """Tools of the server by name, and results of calls of them."""

    async def use():
        address = f"{explorer.local_url}gradio_api/mcp/"
        async with (
            streamable_http_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            answers = [await session.call_tool(name, values) for name, values in calls]
            return {tool.name: tool for tool in tools}, answers

    return awaited(use())


def test_endpoints_are_tools_that_answer_json(explorer, folder, client):
    calls = ("trials", {}), ("history", {"trial": "none"}), ("retrain", {"epochs": 26})
    tools, (trials, history, refused) = used(explorer, *calls)
    described = client.view_api(return_format="dict")["named_endpoints"]
    assert {f"/{name}" for name in tools} == set(described)
    said = inspect.cleandoc(table.trials.__doc__).split("\n\n")[0]
    assert said in tools["trials"].description
    (content,) = trials.content
    assert json.loads(content.text) == {"trials": results.load(folder).records()}
    assert "no trial named" in json.loads(history.content[0].text)["error"]
    assert refused.isError
    assert "Epochs must be a whole number from 1 to 25" in refused.content[0].text
