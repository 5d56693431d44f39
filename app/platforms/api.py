"""The connector contract: all that the engine knows of a platform, and nothing else.

A platform is one folder with one exported `Platform`, found by entry point (group `order_console.platforms`) and proved by
`app.platforms.conformance`. Everything a platform tells us travels as a raw `Message`: the engine commits it to the inbox
first, and only then acknowledges it; `Connector.read` maps it afterwards, as a pure function, so that a stored message can
be read again by a later release.

Errors say who must act:

    PlatformError
    ├── TemporaryError    us: try again, not before `retry_after` seconds
    ├── RejectedError     the platform said no, in its own words; do not repeat, re-read the order
    ├── AuthError         a person: sign in again
    └── ProtocolError     nobody can use the answer (HTML for JSON, missing fields): kept and shown
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol, runtime_checkable

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, RejectReason


class PlatformError(Exception):
    """Anything that went wrong at a platform; the text is fit for staff to read."""


class TemporaryError(PlatformError):
    """Network, time-out, throttling or a platform fault: worth trying again after `retry_after` seconds."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class RejectedError(PlatformError):
    """The platform refused; `code` and `text` are its own."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class AuthError(PlatformError):
    """The sign-in is dead: a person must sign in again."""


class ProtocolError(PlatformError):
    """An answer or a message that does not have the documented form."""


class UnknownMessageError(PlatformError):
    """A well-formed message of a kind this connector does not use: acknowledged, kept, ignored."""


class FieldKind(StrEnum):
    """How the account form draws a field."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind of field; goes to the sealed secrets, never to a log or the command line
    NUMBER = "number"
    CODE = "code"  # a one-time code the person pastes; consumed by `Platform.sign_in`, never stored
    CHOICE = "choice"
    CERTIFICATE = "certificate"  # PEM of an authority that this account's client trusts besides the public ones


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field of the account form. `label` and `help` are English, marked with `N_` for the catalogue."""

    name: str
    label: str
    help: str = ""
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a connector is opened with.

    `address` overrides the platform's own base URL (a sandbox, a simulator); `values` holds the fields by name, secrets
    included; `save` stores changed values durably before it returns (refreshed tokens). `zone` is the shop's: a day that
    the engine asks about is one of its days, for a platform that tells no zone of its own.
    """

    account_id: int
    values: Mapping[str, str] = field(repr=False)
    save: Callable[[Mapping[str, str]], Awaitable[None]] = field(repr=False)
    address: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class ShopInfo:
    """What `verify` learned: who we are signed in as. `values` are settings to keep (such as a shop id)."""

    title: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One raw thing a platform told us.

    `key` makes it unique per account for ever (the platform's message id, or "order:<id>:<hash of the content>" for a polled
    order, so that an unchanged order is not stored again). `kind` is the connector's own word for `read`;
    "order", which every connector knows, means that the body is one order in the platform's form. `version` is the
    platform's clock in milliseconds when the content was certainly true.
    """

    key: str
    kind: str
    body: bytes = field(repr=False)
    version: int
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a poll, oldest first; it may repeat and must never skip. `more`: ask again at once from `cursor`."""

    messages: tuple[Message, ...]
    cursor: str
    more: bool = False


@runtime_checkable
class Connector(Protocol):
    """One open account. Never sees the database, the screen, the retry policy or the clock."""

    async def verify(self) -> ShopInfo:
        """Prove that the settings work, with one harmless call. Raises AuthError, RejectedError or TemporaryError."""

    async def fetch_orders(self, cursor: str) -> Page:
        """What is new since `cursor` ("" the first time)."""

    async def fetch_order(self, order_id: str) -> Message:
        """The platform's present view of one order. RejectedError when it does not know the order."""

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Map a stored message; pure. Raises ProtocolError (parked and shown) or UnknownMessageError (kept, ignored)."""

    async def send(self, command: Command) -> OrderUpdate | None:
        """Ask for `command`. Returns what the platform's yes proves by itself, or None when only a re-read can tell.

        An order already in the wanted state is success. After a time-out the connector asks the platform first and sends
        again only what the platform lacks.
        """

    async def aclose(self) -> None:
        """Let go of everything; idempotent."""


@runtime_checkable
class AcknowledgesMessages(Protocol):
    """A platform that keeps messages until we say that we stored them (HubRise's queue, Ele.me's failed pushes)."""

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        """Called only after the messages' inbox rows are committed."""


@runtime_checkable
class RecallsMessages(Protocol):
    """A platform that cannot be asked what it said before: an opened connector hears what was stored of it again."""

    def recall(self, messages: Sequence[Message]) -> None:
        """The stored messages of the last day, oldest first; called once, before the first poll. Pure."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request as it arrived: raw body, lower-case header names. Printed, it shows no customer and no secret.

    `received` is when it reached the first machine of ours (a relay may have kept it for hours): the only clock there is for
    a platform whose messages carry none.
    """

    method: str
    path: str = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received: datetime = field(default_factory=steady.now, compare=False)


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """The exact bytes the platform wants to hear."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Received:
    """Verified messages to be stored, and the reply to send once they are. No messages: a probe; reply at once."""

    messages: tuple[Message, ...]
    reply: WebhookReply


class ForgedWebhookError(PlatformError):
    """Signature missing or wrong: answered 401 with an empty body, nothing stored as an order."""


@runtime_checkable
class TakesWebhooks(Protocol):
    """A platform that pushes. Pure: no I/O, no clock."""

    def receive(self, request: WebhookRequest) -> Received:
        """Verify the raw bytes, then unwrap. Raises ForgedWebhookError (401) or ProtocolError (400)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that needs a person: where to send them, and how what they bring back becomes settings to keep.

    `page(values, address)` is the address to open in a browser; `exchange(values, address, http)` turns the pasted code
    into the values to store.
    """

    page: Callable[[Mapping[str, str], str], str]
    exchange: Callable[[Mapping[str, str], str, httpx.AsyncClient], Awaitable[Mapping[str, str]]]


class Arrival(StrEnum):
    """How orders reach a counter behind a router."""

    POLLED = "polled"  # the counter asks
    STREAMED = "streamed"  # the counter holds a connection open
    RELAYED = "relayed"  # the platform only pushes: a relay must stand where it can reach it
    POLLED_OR_RELAYED = "polled_or_relayed"  # asked for, and sooner through a relay
    NONE = "none"  # none ever: a voice (see `app.platforms.voice`), never polled


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as data: the account form, the buttons, the pace. The entry point names an instance of this.

    `reject_reasons` maps the neutral reasons the platform accepts to its own codes. `poll_seconds` is the pause between two
    polls. `decision_window` is how long an order waits before the platform cancels it (None: unknown or unlimited).
    `evidence` says in one sentence how sure we are of the wire ("vendor documentation", "recalled").
    """

    name: str
    title: str
    mark: str  # one or two characters that stand before the daily number: 饿#27
    color: str  # "#rrggbb" of the mark; never the only signal
    fields: tuple[SettingField, ...]
    commands: frozenset[CommandKind]
    connect: Callable[[Settings, httpx.AsyncClient], Connector]
    reject_reasons: Mapping[RejectReason, str] = field(default_factory=dict)
    sign_in: SignIn | None = None
    poll_seconds: float = 20.0
    decision_window: timedelta | None = None
    default_address: str = ""
    how_orders_arrive: str = ""
    evidence: str = ""
    # What a public relay, which knows no secret, answers to a push once it is safe: the bytes `TakesWebhooks.receive` would
    # answer to it, ids minted from the payload included. ProtocolError: 400, nothing kept. None: 200 and {}.
    relay_reply: Callable[[WebhookRequest], WebhookReply] | None = None
    arrival: Arrival = Arrival.POLLED
    tells_end: bool = True  # whether it says when an accepted order is over; where not, somebody closes it here
    cannot: tuple[str, ...] = ()  # what staff might expect and this platform's interface does not offer, a sentence each
