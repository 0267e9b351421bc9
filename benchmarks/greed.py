"""A greedy client, as a process of its own: asks what its first line of input says as often as that says, once a second line came."""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.wire import Client, Lost

ADDRESS = "127.0.0.2"
AT_ONCE = 400  # connections


async def main(url: str, path: str, questions: list, number: int, headers: dict):
    client, places = Client(url, ADDRESS, keeps=False), asyncio.Semaphore(AT_ONCE)

    async def want(question) -> int | str:
        async with places:
            try:
                method = "GET" if question is None else "POST"
                answer = await client.ask(method, path, question, headers)
                if "/call/" in path and answer.status == 200:  # the result comes later
                    result = f"{path}/{answer.json()['event_id']}"
                    async with client.stream(result) as messages:
                        async for _ in messages:
                            pass
                return answer.status
            except (Lost, OSError):
                return "none"

    wanted = (want(questions[each % len(questions)]) for each in range(number))
    counted = Counter(await asyncio.gather(*wanted))
    print(", ".join(f"{count} of status {name}" for name, count in counted.items()))


if __name__ == "__main__":
    os.nice(19)  # a client of the public computes elsewhere
    asked = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    asyncio.run(main(**asked))
