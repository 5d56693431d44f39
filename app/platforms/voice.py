"""What a voice channel is to the engine: it hears what staff ask, in neutral words, and speaks what it is given.

A voice is a `Platform` like any other (account form, vault, webhook address) whose `arrival` is `Arrival.NONE`: its
connector also is `HearsStaff`, and `Announces` where it can speak unasked. It brings no orders and takes no commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.platforms.api import WebhookReply, WebhookRequest


class Intent(StrEnum):
    """What staff want."""

    LAUNCH = "launch"  # the skill was opened, nothing asked yet
    HELP = "help"
    NEW_ORDERS = "new_orders"
    NEXT_ORDER = "next_order"
    ACCEPT = "accept_order"
    READY = "order_ready"
    SOLD_OUT = "sold_out"
    TAKINGS = "takings"
    PAUSE = "pause_shop"
    OPEN = "open_shop"
    END = "end"  # the conversation is over; nothing said now is heard
    UNKNOWN = "unknown"


class Slot(StrEnum):
    """What an intent may name."""

    NUMBER = "number"
    PLATFORM = "platform"
    DISH = "dish"


class Answer(StrEnum):
    """Whether this is the answer to a question of ours."""

    NONE = "none"
    YES = "yes"
    NO = "no"


class Wants(StrEnum):
    """What should follow on our words."""

    NOTHING = "nothing"  # the conversation ends
    MORE = "more"  # whatever staff like to ask next
    SLOT = "slot"  # the value of one slot
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Heard:
    """One request in neutral words.

    `request_id` repeats when the platform asks again ("" where it tells none). `attributes` is what our last answer of this
    session gave along; None where the protocol gives nothing back. `speaker` names who asked; `stranger`: nobody the account
    allows. `context` is the connector's own, for `say`.
    """

    request_id: str
    session_id: str
    intent: Intent
    slots: Mapping[Slot, str] = field(default_factory=dict)
    answer: Answer = Answer.NONE
    attributes: Mapping[str, str] | None = None
    speaker: str = ""
    stranger: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Our answer. `slot` goes with Wants.SLOT; `attributes` should come back with the next request of the session."""

    text: str
    wants: Wants = Wants.MORE
    slot: Slot | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class HearsStaff(Protocol):
    """Pure: no I/O, no clock. Its webhook is answered at once, from the store; a relay that answers later is of no use."""

    def hear(self, request: WebhookRequest) -> Heard | WebhookReply:
        """Verify and read; a reply for what needs no answer of the shop. Raises ForgedWebhookError or ProtocolError."""

    def say(self, heard: Heard, said: Said) -> WebhookReply:
        """The answer in the form of the protocol that the request came in. The same answer gives the same bytes."""


@runtime_checkable
class Announces(Protocol):
    """Speaks without having been asked."""

    async def announce(self, text: str) -> None:
        """Speak `text`. Raises the errors of `app.platforms.api`; nothing is promised about a time-out."""
