"""Clients: whose request it is, and how much one of them gets while another asks."""

import asyncio
import contextlib

import httpx
import pytest

from explorer.web import clients, guard
from explorer.web.clients import (
    MOST_CLIENTS,
    PLACES,
    RATES,
    Clients,
    address_of,
)
from explorer.web.guard import Guard
from tests.awaiting import awaited


def scope(peer="9.9.9.9", *forwarded):
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("proxies", "asked", "address"),
    [
        (0, scope("1.2.3.4"), "1.2.3.4"),
        (0, scope("1.2.3.4", "5.5.5.5"), "1.2.3.4"),  # anybody can write that
        (1, scope("10.0.0.1", "5.5.5.5"), "5.5.5.5"),
        (1, scope("10.0.0.1", "6.6.6.6, 5.5.5.5"), "5.5.5.5"),
        (2, scope("10.0.0.1", "7.7.7.7,6.6.6.6, 5.5.5.5"), "6.6.6.6"),
        (2, scope("10.0.0.1", "7.7.7.7", "6.6.6.6, 5.5.5.5"), "6.6.6.6"),
        (2, scope("10.0.0.1", "5.5.5.5"), None),
        (1, scope("10.0.0.1"), None),
        (1, scope("10.0.0.1", "someone"), None),
        (0, {"client": None, "headers": []}, None),
        (0, scope("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
        (0, scope("::ffff:1.2.3.4"), "1.2.3.4"),
    ],
)
def test_the_address_is_the_peers_or_what_the_first_trusted_proxy_wrote(
    proxies, asked, address
):
    assert address_of(asked, proxies) == address


def test_a_bucket_empties_and_fills_again(stopped_clock):
    clock, some = stopped_clock(clients), Clients()
    rate = RATES["laboratory"]
    taken = [some.take("a", "laboratory") for _ in range(int(rate.burst))]
    assert taken == [0] * int(rate.burst)
    assert some.take("a", "laboratory") == pytest.approx(1 / rate.refill)
    assert some.take("b", "laboratory") == some.take("a", "question") == 0
    clock.now += 1 / rate.refill
    assert some.take("a", "laboratory") == 0 < some.take("a", "laboratory")
    clock.now += 1e6
    assert not any(some.take("a", "laboratory") for _ in range(int(rate.burst)))
    assert some.take("a", "laboratory")


def test_no_crowd_of_addresses_takes_more_memory():
    some = Clients()
    for number in range(MOST_CLIENTS + 50):
        some.take(str(number), "page")
    assert len(some._clients) == MOST_CLIENTS


async def slow(scope, receive, send):
    """App that computes for a while, one request at a time."""
    async with slow.core:
        await asyncio.sleep(0.002)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"read"})


QUESTION = {"fn_name": "ask", "data": {"digit": 3}}


def served(address: str, guarded: Guard) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=guarded, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://explorer")


def test_a_greedy_client_delays_another_by_its_own_slots_only():
    async def crowd() -> tuple[list, int, int]:
        slow.core = asyncio.Semaphore(1)
        guarded, order = Guard(slow), []

        async def ask(client: httpx.AsyncClient, name: str):
            answer = await client.post("/gradio_api/component_server", json=QUESTION)
            order.append(name)
            return answer.status_code

        async with served("1.1.1.1", guarded) as greedy, served("2.2.2.2", guarded) as other:  # fmt: skip
            many = [asyncio.create_task(ask(greedy, "greedy")) for _ in range(1000)]
            await asyncio.sleep(0)
            single = await ask(other, "other")
            at = order.count("greedy")
            return await asyncio.gather(*many), single, at

    statuses, single, before = awaited(crowd())
    assert single == 200
    refused = 1000 - statuses.count(200)
    assert refused >= 1000 - PLACES["answers"].at_once - PLACES["answers"].waiting - 100
    assert before - refused <= 3 * PLACES["answers"].at_once


def test_one_view_of_the_laboratory_is_computed_at_a_time():
    running, most = 0, 0

    async def app(scope, receive, send):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await slow(scope, receive, send)
        running -= 1

    async def crowd() -> list:
        slow.core, guarded = asyncio.Semaphore(9), Guard(app)
        body = {"fn_name": "ask", "data": {"view": "laboratory"}}

        async def ask(number: int) -> int:
            async with served(f"1.1.1.{number}", guarded) as client:
                answer = await client.post("/gradio_api/component_server", json=body)
            return answer.status_code

        return await asyncio.gather(*map(ask, range(5)))

    assert awaited(crowd()) == [200] * 5
    assert most == 1


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/", "page"),
        ("GET", "/assets/x.js", "file"),
        ("GET", "/gradio_api/queue/data", "file"),
        ("GET", "/there-is-none", "file"),
        ("POST", "/gradio_api/run/predict", "event"),
        ("GET", "/config", "call"),
        ("GET", "/gradio_api/info/", "call"),
        ("GET", "/networks/BN.pt", "laboratory"),
        ("POST", "/visit", "question"),
        ("POST", "/gradio_api/queue/join", "call"),
        ("POST", "/gradio_api/call/trials", "call"),
        ("POST", "/gradio_api/mcp/", "tool"),
        ("POST", "/gradio_api/component_server", "question"),
        ("POST", "/gradio_api/component_server/", "question"),
        ("POST", "/gradio_api/reset", "file"),
    ],
)
def test_requests_are_counted_by_kind(method, path, kind):
    assert guard._kind({"method": method}, path) == kind
    assert kind in RATES


@pytest.mark.parametrize(
    ("path", "body", "is_long", "is_waiting"),
    [
        ("component_server", b'{"data": {"view": "l\\u0061boratory"}}', True, False),
        ("component_server", b'{"data": {"view": "batches"}}', True, False),
        ("component_server", b'{"data": {"view": []}}', False, False),
        ("component_server", b'{"fn_name": "follow", "data": {}}', False, True),
        ("component_server", b"[" * 100_000, False, False),
        ("component_server", b"\xff", False, False),
        ("component_server", b"3", False, False),
        ("mcp/", b'{"params": {"name": "retrain"}}', False, True),
        ("mcp/", b'{"params": {"name": "compare"}}', False, False),
        ("mcp/", b'{"params": 5}', False, False),
        ("call/compare", b"{}", False, False),
    ],
)
def test_what_a_request_wants_is_read_from_its_body(path, body, is_long, is_waiting):
    asked = guard._asked(f"/gradio_api/{path}", body)
    assert guard._is_long(asked) == is_long
    post = {"method": "POST"}
    assert guard._is_waiting(post, f"/gradio_api/{path}", asked) == is_waiting


def test_streams_wait_and_take_no_place():
    for path in ("queue/data", "heartbeat/x", "call/compare/1", "call/v2/compare/1", "mcp/"):  # fmt: skip
        assert guard._is_waiting({"method": "GET"}, f"/gradio_api/{path}", {}), path
    assert not guard._is_waiting({"method": "GET"}, "/RESULTS.md", {})


def test_a_client_that_does_not_read_its_answer_keeps_no_place():
    """Nor those of the laboratory, of which there is one for all."""
    body = b'{"fn_name": "ask", "data": {"view": "laboratory"}}'
    scope = {
        "type": "http",
        "path": "/gradio_api/component_server",
        "method": "POST",
        "headers": [],
        "client": ("1.1.1.1", 1),
    }

    async def receive():
        return {"type": "http.request", "body": body}

    async def crowd() -> int:
        slow.core, guarded = asyncio.Semaphore(9), Guard(slow)

        async def never(message):
            await asyncio.sleep(3600)

        deaf = [asyncio.create_task(guarded(dict(scope), receive, never)) for _ in range(9)]  # fmt: skip
        async with served("2.2.2.2", guarded) as client:
            answer = await asyncio.wait_for(
                client.post("/gradio_api/component_server", content=body), 20
            )
        for task in deaf:
            task.cancel()
        return answer.status_code

    assert awaited(crowd()) == 200


def test_unfinished_bodies_of_a_client_and_of_all_have_a_limit():
    some = Clients()
    with some.reading("a") as may_keep, some.reading("a") as more, some.reading("b") as other:  # fmt: skip
        assert may_keep(clients.MOST_READ - 10)
        assert not more(20) and other(20)
    with some.reading("a") as may_keep:
        assert may_keep(clients.MOST_READ)
    count = clients.MOST_READ_OF_ALL // clients.MOST_READ
    with contextlib.ExitStack() as stack:
        for number in range(count):
            assert stack.enter_context(some.reading(str(number)))(clients.MOST_READ)
        assert not stack.enter_context(some.reading(None))(1)


def test_a_refused_page_comes_again_by_itself_and_a_program_is_told_when(stopped_clock):
    stopped_clock(clients)

    async def ask():
        slow.core = asyncio.Semaphore(9)
        async with served("3.3.3.3", Guard(slow)) as client:
            count = int(RATES["page"].burst)
            pages = [await client.get("/") for _ in range(count + 1)]
            calls = [
                await client.post("/gradio_api/call/trials", json={})
                for _ in range(int(RATES["call"].burst) + 1)
            ]
            return pages, calls

    pages, calls = awaited(ask())
    assert {page.status_code for page in pages[:-1]} == {200}
    last = pages[-1]
    assert last.status_code == 429 and int(last.headers["retry-after"]) >= 1
    assert 'http-equiv="refresh"' in last.text and "by itself" in last.text
    refused = calls[-1]
    assert refused.status_code == 429 and refused.headers["retry-after"]
    assert refused.json()["error"] == refused.json()["detail"] == guard.BUSY
