"""Questions that the pages of a served explorer ask."""

import gradio as gr
import httpx


def ask(explorer, name: str, question, function: str = "ask"):
    """Answer of the server to a page of our own."""
    pages = (each for each in explorer.blocks.values() if isinstance(each, gr.HTML))
    page = next(each for each in pages if each.elem_id == name)
    data = {"data": question, "component_id": page._id, "session_hash": "s"}
    response = httpx.post(
        f"{explorer.local_url}gradio_api/component_server",
        json={**data, "fn_name": function},
        timeout=60,  # a page that watches a training waits for news
    )
    assert response.status_code == 200, response.text
    return response.json()
