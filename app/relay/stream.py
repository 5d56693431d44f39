"""A shop's mailbox, the stream between front and counter: how it must be set up, whether it is, and how full it is.

What a stream promises depends on its server too: JetStream acknowledges a publish before the disk has it and flushes every
two minutes, unless its configuration says `sync_interval: always`. A client cannot ask for that (INFO and the stream's own
description are silent, `$SYS` answers the system account only); the monitoring endpoint tells it as `sync_always` in `/jsz`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from app.relay.connection import RelayError
from app.relay.envelope import MOST_BYTES, mailbox
from app.texts import tr

DAY = 86_400.0
KEPT_SECONDS = 30 * DAY  # of a counter that was away; personal data should not lie on a public machine for ever
REPEAT_SECONDS = 600.0  # within which the same bytes are one message; later repeats are the inbox's business
MOST_WAITING = 10_000  # a shop and platform; further pushes are refused, and the platform keeps them
MOST_ROOM = 64 * 1024  # bytes that a full mailbox may have left: a message too large for them is refused
MAILBOX_BYTES = 128 * 1024**2  # a shop; the server sets this space aside and makes no mailbox that it has no room for
ACK_SECONDS = 30.0  # a counter that takes longer to store a message gets it again
SUBJECTS_OVERLAP = 10065  # JetStream's own code


def wanted(shop: str) -> StreamConfig:
    """The mailbox as we make it."""
    return StreamConfig(
        name=mailbox(shop),
        subjects=[f"orders.{shop}.*"],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,  # a full mailbox refuses, it does not forget what was acknowledged
        discard_new_per_subject=True,
        max_msgs_per_subject=MOST_WAITING,
        max_bytes=MAILBOX_BYTES,
        max_msg_size=MOST_BYTES,
        max_age=KEPT_SECONDS,
        duplicate_window=REPEAT_SECONDS,
    )


async def ensure_mailbox(js: JetStreamContext, shop: str) -> list[str]:
    """Make the shop's mailbox if there is none; answers what is odd about the one there is.

    RelayError when it would lose orders; nats-py's errors, such as one of a server without room for it.
    """
    name = mailbox(shop)
    try:
        found = (await js.stream_info(name)).config
    except NotFoundError:
        found = await _made(js, shop)
    if losses := [words for words, wrong in _losses(found, shop).items() if wrong]:
        raise RelayError(tr("The stream {name} would lose orders: {reasons}", name=name, reasons="; ".join(losses)))
    return [words for words, odd in _oddities(found).items() if odd]


async def _made(js: JetStreamContext, shop: str) -> StreamConfig:
    try:
        return (await js.add_stream(wanted(shop))).config
    except BadRequestError as error:
        if error.err_code != SUBJECTS_OVERLAP:
            raise
        raise RelayError(
            tr("Another stream of the NATS server takes the subjects of shop {shop} (see app/relay/README.md).", shop=shop)
        ) from error


def _losses(found: StreamConfig, shop: str) -> dict[str, bool]:
    subjects = f"orders.{shop}.*"
    return {
        "storage is not file": found.storage != StorageType.FILE,
        "discard is not new": found.discard != DiscardPolicy.NEW,
        "retention is not workqueue": found.retention != RetentionPolicy.WORK_QUEUE,
        f"subjects are not {subjects}": found.subjects != [subjects],
        "persist_mode is async": str(found.persist_mode or "default") == "async",
        "no_ack is set": found.no_ack,
        "max_age is under a day": 0 < (found.max_age or 0) < DAY,
    }


def _oddities(found: StreamConfig) -> dict[str, bool]:
    size = found.max_msg_size or -1
    return {
        f"duplicate_window is {found.duplicate_window} s, not {REPEAT_SECONDS}": found.duplicate_window != REPEAT_SECONDS,
        f"max_age is {found.max_age} s, not {KEPT_SECONDS}": (found.max_age or 0) != KEPT_SECONDS,
        f"max_msg_size is {size}, under {MOST_BYTES}": 0 < size < MOST_BYTES,
        "one platform can keep out the shop's others (discard_new_per_subject)": not found.discard_new_per_subject,
        "it may fill the disk that all shops share (max_bytes)": (found.max_bytes or -1) < 0,
    }


async def flushes_always(monitor: str) -> bool | None:
    """Whether the server at this monitoring address flushes before it acknowledges; None when it does not say."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{monitor.rstrip('/')}/jsz?config=1") as answer,
        ):
            told: Any = await answer.json(content_type=None)
        return bool(told["config"].get("sync_always"))
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError):
        return None


async def require_flushes(monitor: str) -> str:
    """What must be said about flushing, "" when all is well. RelayError when the server is known to answer too early."""
    told = await flushes_always(monitor) if monitor else None
    if told is None:
        return tr(
            "It could not be checked that the NATS server flushes each message to disk. Set sync_interval: always in its "
            "jetstream block, and pass --monitor URL; otherwise a power cut loses up to two minutes of acknowledged orders."
        )
    if not told:
        raise RelayError(
            tr("The NATS server acknowledges before it flushes: set sync_interval: always in its jetstream block.")
        )
    return ""


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a mailbox is. `share` 1.0: no more is taken, be it of one platform; `fullest`: the platform with most."""

    messages: int
    share: float
    fullest: str = ""


async def fill(js: JetStreamContext, shop: str) -> Fill:
    """Look at the shop's mailbox. NotFoundError when there is none yet."""
    found = await js.stream_info(mailbox(shop), subjects_filter=">")
    state, most_bytes, most = found.state, found.config.max_bytes or -1, found.config.max_msgs_per_subject or -1
    waiting = state.subjects or {}
    subject = max(waiting, key=waiting.__getitem__, default="")
    taken = (state.bytes + MOST_ROOM) / most_bytes if most_bytes > MOST_ROOM and state.bytes else 0.0
    crowded = waiting[subject] / most if subject and most > 0 else 0.0
    return Fill(state.messages, min(1.0, max(taken, crowded)), subject.rpartition(".")[2])


async def ensure_consumer(js: JetStreamContext, shop: str) -> None:
    """The shop's durable consumer, named after it and limited to its own subjects. Unlimited acks pending and redeliveries:
    a message that waits for a closed account must hold up no other, and is never given up."""
    try:
        await js.consumer_info(mailbox(shop), shop)
    except NotFoundError:
        place = ConsumerConfig(
            name=shop,
            durable_name=shop,
            filter_subject=f"orders.{shop}.>",  # named in the request's subject too, where the server can permit it alone
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=ACK_SECONDS,
            max_ack_pending=-1,
            max_deliver=-1,
        )
        await js.add_consumer(mailbox(shop), place)
