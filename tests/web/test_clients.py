"""Clients: whose request it is, and how much one of them gets while another asks."""

import asyncio

import httpx
import pytest

from explorer.web import clients, guard
from explorer.web.clients import AT_ONCE, MOST_CLIENTS, RATES, Clients, address_of
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
    assert refused >= 1000 - AT_ONCE - clients.MOST_WAITING - 100
    assert before - refused <= 3 * AT_ONCE


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
    ("method", "path", "body", "kind"),
    [
        ("GET", "/", b"", "page"),
        ("GET", "/assets/x.js", b"", None),
        ("GET", "/gradio_api/queue/data", b"", None),
        ("POST", "/gradio_api/run/predict", b"{}", "event"),
        ("GET", "/config", b"", "call"),
        ("GET", "/gradio_api/info/", b"", "call"),
        ("POST", "/visit", b"{}", "question"),
        ("POST", "/gradio_api/queue/join", b"{}", "call"),
        ("POST", "/gradio_api/call/trials", b"{}", "call"),
        ("POST", "/gradio_api/component_server", b'{"fn_name": "ask", "data": {}}', "question"),
        ("POST", "/gradio_api/component_server/", b'{"fn_name": "ask", "data": {"view": "l\\u0061boratory"}}', "laboratory"),
        ("POST", "/gradio_api/component_server", b'{"fn_name": "follow", "data": {}}', None),
        ("POST", "/gradio_api/component_server", b"[" * 100_000, "question"),
        ("POST", "/gradio_api/component_server", b"\xff", "question"),
        ("POST", "/gradio_api/component_server", b"3", "question"),
    ],
)  # fmt: skip
def test_requests_are_counted_by_kind(method, path, body, kind):
    assert guard._kind({"method": method}, path, body) == kind


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
