"""A client of its own process: so many POSTs over so many connections at a time; prints the rate."""

from __future__ import annotations

import asyncio
import sys
import time


async def main(port: int, path: str, requests: int, at_a_time: int) -> None:
    waiting = iter(range(requests))
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, path, waiting) for _ in range(at_a_time)))
    print(requests / (time.perf_counter() - started))


async def _client(port: int, path: str, waiting: object) -> None:
    for number in waiting:  # type: ignore[attr-defined]  # one iterator that all clients share
        body = b'{"id":"%d","pad":"%s"}' % (number, b"x" * 1900)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + body)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200"), answer[:100]
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
