"""`order-console receive`: the public front that takes webhooks for counters behind NAT (see app/relay/README.md)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from app import logs
from app.platforms.registry import platforms
from app.relay.connection import RelayError, Server
from app.relay.front import Front, read_shops
from app.relay.publisher import Publisher
from app.texts import tr


def run(arguments: Namespace) -> int:
    """Print one JSON line with the address once JetStream is there, and serve until SIGINT or SIGTERM.

    1 when the relay would lose orders.
    """
    logs.setup()
    try:
        server = Server(arguments.nats, arguments.credentials, "order-console receive", "_INBOX_front")
        shops = read_shops(arguments.shops) if arguments.shops else None
        if shops is None:
            print(
                tr("Without --shops anyone who finds this address can make mailboxes until the disk is full."),
                file=sys.stderr,
            )
        if arguments.credentials and _shared(arguments.credentials):
            path = arguments.credentials
            warning = tr("Others on this computer can read the credentials file {path}. Type: chmod 600 {path}", path=path)
            print(warning, file=sys.stderr)
        publisher = Publisher(server, arguments.monitor, shops or ())
        asyncio.run(_serve(publisher, Front(publisher, platforms(), shops), server.url, _listening(arguments.listen)))
    except RelayError as error:
        print(f"order-console: {error}", file=sys.stderr)
        return 1
    return 0


def _shared(file: Path) -> bool:
    """Whether anybody but its owner may open it. Windows has no such bits, so nothing is claimed there."""
    return os.name == "posix" and file.exists() and bool(file.stat().st_mode & 0o077)


async def _serve(publisher: Publisher, front: Front, nats: str, listen: tuple[str, int]) -> None:
    host, port = listen
    publishing = asyncio.create_task(publisher.run())
    stopping = asyncio.create_task(_told_to_stop())
    telling = asyncio.create_task(publisher.until_ready())
    server = front.server()
    try:
        address = await server.listen(host, port)
        waiting = tr(
            "Waiting for NATS at {url}. Until then {address} answers every push with 503.", url=nats, address=address
        )
        print(waiting, file=sys.stderr, flush=True)
        await asyncio.wait({publishing, stopping, telling}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            print(tr("Ready: what is pushed is kept."), file=sys.stderr, flush=True)
            print(json.dumps({"receiver": f"{address}/hooks/SHOP/PLATFORM/TOKEN"}), flush=True)
        await asyncio.wait({publishing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await server.close()  # answers what JetStream has already
        if publishing.done():
            await publishing
    finally:
        for task in (publishing, stopping, telling):
            task.cancel()
            with suppress(asyncio.CancelledError, RelayError):
                await task


def _listening(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not host or not colon or not port.isdecimal() or int(port) > 65535:
        raise RelayError(tr("Expected HOST:PORT such as 127.0.0.1:8080, not {text}", text=text))
    return host.strip("[]"), int(port)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(told.set))
    await told.wait()
