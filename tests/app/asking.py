"""Questions of pages to a served explorer."""

from types import SimpleNamespace

import gradio as gr
import httpx


def client_at(address: str | None = None) -> SimpleNamespace:
    """Request of a client at an address, as Gradio gives it to handlers."""
    inner = SimpleNamespace(scope={"state": {"address": address}})
    return SimpleNamespace(session_hash="s", request=inner)


def ask(explorer, name: str, question, function: str = "ask"):
    """Answer of the server to a question of the page `name`."""
    blocks = explorer.blocks.values()
    pages = (block for block in blocks if isinstance(block, gr.HTML))
    page = next(page for page in pages if page.elem_id == name)
    data = {"data": question, "component_id": page._id, "session_hash": "s"}
    response = httpx.post(
        f"{explorer.local_url}gradio_api/component_server",
        json={**data, "fn_name": function},
        timeout=60,  # `follow` answers with the first news
    )
    assert response.status_code == 200, response.text
    return response.json()


def tell(explorer, question: dict) -> dict:
    """Answer of the server to a page's question about its visit."""
    return httpx.post(f"{explorer.local_url}visit", json=question, timeout=60).json()
