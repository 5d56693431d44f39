"""What the screens show: frozen values the facade builds from the store; one word per thing, no wire, no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.db.print_jobs import LedgerFilter as LedgerFilter  # re-exported with the other views
from app.db.print_jobs import Step as Step
from app.domain.changes import CustomerRequest, Urge
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Courier, Fulfilment, OrderFacts
from app.domain.portions import Dish
from app.domain.routing import Route, Station
from app.domain.shop import RefundBy, RefundTerms
from app.domain.tickets import Note, Ticket
from app.engine.command_views import CommandState as CommandState
from app.engine.command_views import CommandView as CommandView
from app.engine.proof_views import DayProof as DayProof
from app.engine.proof_views import StationProof as StationProof
from app.engine.proof_views import Unproved as Unproved
from app.engine.shop_views import ShopNotice as ShopNotice
from app.engine.shop_views import Storefront as Storefront
from app.platforms.abilities import Ability as Ability  # re-exported with the other views
from app.reports.sales import DaySales as DaySales  # the screens' figures
from app.reports.sales import HourSales as HourSales
from app.reports.statements import Statement as Statement


class Lane(StrEnum):
    """Where a card stands: by what must be done next."""

    NEW = "new"
    SCHEDULED = "scheduled"
    COOKING = "cooking"
    READY = "ready"
    ON_THE_WAY = "on_the_way"


class PrintState(StrEnum):
    """Region P: what became of a ticket."""

    PENDING = "pending"
    SENDING = "sending"
    CONFIRMED = "confirmed"  # the printer said that the paper carries it
    SENT = "sent"  # this printer cannot say
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    HELD = "held"  # waited too long: a person says whether it still prints


class TicketAction(StrEnum):
    """What a person may do with a ticket as it stands."""

    PRINT = "print"  # once more; marked wherever the first may be on paper
    CAME_OUT = "came_out"
    SKIP = "skip"


class HealthState(StrEnum):
    """How an account or a printer is."""

    OK = "ok"
    DEGRADED = "degraded"  # failing now, being retried
    SIGNED_OUT = "signed_out"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Card:
    """One open order on the queue.

    `command` is the newest command that is not simply confirmed (sending, refused, dead), or the last confirmed one
    (`state` CONFIRMED) so that the card can show the platform's tick; None when nothing was asked yet. `primary` is the one
    button; `actions` the others, in order. `local_only` names actions the platform has no word for (kept here only).
    `elsewhere` says where an order is accepted that cannot be accepted here; on the card it stands in the button's place.
    `closed_attention` marks a cancelled order that stays until someone acknowledges it. `given_back` counts beside each of
    `items` the portions that the platform agreed to give back; empty while no refund was made from here.
    """

    id: int
    platform: str
    mark: str
    color: str
    call_number: str
    source: str
    lane: Lane
    kitchen: Kitchen
    delivery: Delivery
    payment: Payment
    fulfilment: Fulfilment
    placed_at: datetime
    total: Money
    items: tuple[tuple[str, str], ...]  # (quantity, dish name with its choices)
    due_at: datetime | None = None
    scheduled: bool = False
    decide_by: datetime | None = None
    stored_at: datetime | None = None
    accepted_at: datetime | None = None
    ready_at: datetime | None = None
    paid: bool = True
    provisional: bool = False
    notes: tuple[Note, ...] = ()
    courier: Courier | None = None
    pickup_code: str = ""
    request: CustomerRequest | None = None
    urges: tuple[Urge, ...] = ()
    primary: CommandKind | None = None
    actions: tuple[CommandKind, ...] = ()
    local_only: frozenset[CommandKind] = frozenset()
    elsewhere: str = ""
    command: CommandView | None = None
    print_state: PrintState | None = None
    rung: bool = False  # the bell is still ringing for it
    closed_attention: bool = False
    reason: str = ""
    problems: tuple[str, ...] = ()
    refunded: Money | None = None
    given_back: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the timeline; `who` is "platform", "counter", "printer" or "console"."""

    at: datetime
    who: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """One row of the print ledger. `answer` says in words what became of a ticket that nobody could be sure of."""

    id: int
    order_id: int | None
    call_number: str
    printer: str
    station: str
    state: PrintState
    ticket: Ticket
    created_at: datetime
    settled_at: datetime | None = None
    attempts: int = 0
    marked: bool = False
    reason: str = ""
    printer_id: int = 0
    station_id: int | None = None
    answer: str = ""
    actions: tuple[TicketAction, ...] = ()


@dataclass(frozen=True, slots=True)
class StationUse:
    """What hangs on a station: its rules, how many of its tickets wait, and why it cannot be deleted ("" if it can)."""

    station: Station
    rules: tuple[Route, ...]
    waiting: int
    refusal: str


@dataclass(frozen=True, slots=True)
class Menu:
    """What recent orders were made of, for choosing from when a rule is written; each sorted."""

    categories: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrinterForm:
    """What a person says of a printer; `settings` are the fields of its kind. Blank secrets stand for the stored ones."""

    name: str
    kind: str = "lan"
    settings: Mapping[str, str] = field(default_factory=dict)
    dialect: str = "escpos"
    paper: str = "80"


@dataclass(frozen=True, slots=True)
class PrinterTest:
    """What came of a settings page: in words, and what the printer said it can do (a Profile as plain values)."""

    text: str
    printed: bool
    profile: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything about one order, for the panel beside the queue.

    `refundable` is what may still be given back from here, None where nothing may; `dishes` what of it is left of each line.
    `abilities` are those of the order's account while it is open, `refunds` how its platform gives money back.
    """

    card: Card
    facts: OrderFacts
    history: tuple[HistoryEntry, ...]
    commands: tuple[CommandView, ...]
    tickets: tuple[TicketView, ...]
    account_id: int = 0
    refundable: Money | None = None
    abilities: frozenset[Ability] = frozenset()
    refunds: RefundTerms | None = None
    dishes: tuple[Dish, ...] = ()
    bags: int | None = None  # as said at the counter, 0 while nobody said; None where no station's paper counts them

    @property
    def refund_ways(self) -> frozenset[RefundBy]:
        """The ways in which money of this order can be given back as it stands."""
        return self.refunds.ways(self.card.kitchen) if self.refunds else frozenset()


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with its health; `text` says what is wrong in the platform's own words.

    `settings` are the open ones, never a secret; `address` is "" for the platform's own; `hook` is where a relay or a tunnel
    on this machine may push for it ("" before the first start).
    """

    id: int
    platform: str
    title: str
    name: str
    mark: str
    color: str
    enabled: bool
    auto_accept: bool
    state: HealthState
    text: str = ""
    since: datetime | None = None
    last_contact: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    hook: str = ""
    today: int = 0  # orders stored of the business day
    counted: int | None = None  # orders in the platform's own list of today; None where it cannot be proved, or not yet
    uncounted: str = ""  # why that list could not be read for long, or ever, in the platform's words
    missing: int = 0  # of these, not stored although two minutes went by
    missing_before: int = 0  # how many of the missing are on yesterday's list
    missing_since: datetime | None = None
    provable: bool | None = None  # whether its platform lists its days; None while the account is not open


@dataclass(frozen=True, slots=True)
class RelayView:
    """The relay as it is set ("" as `url`: none) and how it stands. `public`: the https address of its front."""

    url: str = ""
    shop: str = ""
    credentials: str = ""  # path of the file
    public: str = ""
    state: HealthState = HealthState.OFF
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RelayCheck:
    """What a look at a relay found: `finding` is a word of `app.relay.check.Finding`, `text` the server's own words."""

    finding: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Where one account's orders come in. `public`: what its platform is told to push to, "" without a relay; `digest`: the
    SHA-256 by which the relay's list of shops knows it. `refused_at`: when a push was last turned away.
    """

    public: str
    digest: str
    polled_at: datetime | None = None
    pushed_at: datetime | None = None
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PrinterView:
    """One printer with its health. `waiting` tickets are not on paper yet; `held`, `unknown` and `failed` want a person.

    `station` names the stations it prints for; `settings` are the open ones; `profile` what it can do, {} until examined.
    """

    id: int
    name: str
    address: str
    station: str
    width: int
    enabled: bool
    state: HealthState
    text: str = ""
    acknowledges: str = ""  # "process_id", "status", "none" or "" when not probed yet
    waiting: int = 0
    unknown: int = 0
    held: int = 0
    failed: int = 0
    kind: str = "lan"
    dialect: str = "escpos"
    paper: str = "80"
    settings: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, object] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Printer `by` prints the tickets of `printer`, or did until that was `back`."""

    printer: str
    by: str
    back: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """A platform message that was turned away or could not be read; `order` is the platform's id where it is known."""

    id: int
    platform: str
    kind: str
    order: str
    received_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The top bar: what is connected, what is wrong, how the day stands."""

    accounts: tuple[AccountView, ...]
    printers: tuple[PrinterView, ...]
    orders_today: int
    parked_messages: int
    practice: bool = False
    shops: tuple[ShopNotice, ...] = ()  # shops left closed, dishes that could not be put back
    reviews: tuple[ShopNotice, ...] = ()  # bad ones that nobody answered or saw
    refunds: tuple[ShopNotice, ...] = ()  # those of the last hours that came to nothing
    vouchers: tuple[ShopNotice, ...] = ()  # asked for and never answered: a person must ask again
    unrouted: tuple[str, ...] = ()  # dishes of today that no rule sends to a station; the default one cooks them
    relay: RelayView = RelayView()
    stand_ins: tuple[StandIn, ...] = ()  # backup printers at work, and those whose turn is just over
    clock_ahead: timedelta = timedelta(0)  # of this computer, where every platform's clock says that it is wrong


@dataclass(frozen=True, slots=True)
class Change:
    """Ids that changed: read them again. `topic` is "orders", "tickets", "accounts", "printers", "shops", "reviews",
    "statements" (ids of accounts), "vouchers" (of redemptions) or "problems"."""

    topic: str
    ids: frozenset[int] = field(default_factory=frozenset)
