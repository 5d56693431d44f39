"""How values read on screen: commands, lanes, states, money and times, in the words of a takeaway counter."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from PySide6.QtCore import QLocale

from app.domain.changes import CustomerRequest, RequestKind
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import Delivery
from app.domain.money import Money, exponent
from app.domain.orders import ChargeKind, Fulfilment, Party
from app.domain.tickets import Mark, TicketKind
from app.engine.views import CommandState, HealthState, Lane, PrintState
from app.printing.characters import printable
from app.texts import N_, language, tr
from app.ui import shop_clock

COMMANDS = {
    CommandKind.RECEIVED: N_("Received"),
    CommandKind.ACCEPT: N_("Accept"),
    CommandKind.REJECT: N_("Reject order"),
    CommandKind.CANCEL: N_("Cancel order"),
    CommandKind.READY: N_("Ready"),
    CommandKind.HAND_OVER: N_("Hand over"),
    CommandKind.COMPLETE: N_("Complete"),
    CommandKind.AGREE_REQUEST: N_("Agree"),
    CommandKind.REFUSE_REQUEST: N_("Refuse"),
    CommandKind.REPLY_URGE: N_("Reply"),
    CommandKind.REFUND: N_("Give money back"),
}
HANDING_OVER = {
    Fulfilment.DELIVERY: N_("Give to courier"),
    Fulfilment.PICKUP: N_("Give to customer"),
    Fulfilment.DINE_IN: N_("Serve"),
}
SENDING = {
    CommandKind.ACCEPT: N_("Accepting…"),
    CommandKind.READY: N_("Reporting ready…"),
    CommandKind.HAND_OVER: N_("Handing over…"),
    CommandKind.COMPLETE: N_("Completing…"),
    CommandKind.REFUND: N_("Giving money back…"),
}
LANES = {
    Lane.NEW: N_("New"),
    Lane.SCHEDULED: N_("Scheduled"),
    Lane.COOKING: N_("Cooking"),
    Lane.READY: N_("Ready to go"),
    Lane.ON_THE_WAY: N_("On the way"),
}
REASONS = {
    RejectReason.SOLD_OUT: N_("Sold out"),
    RejectReason.TOO_BUSY: N_("Too busy"),
    RejectReason.CLOSED: N_("Closed"),
    RejectReason.TOO_FAR: N_("Too far away"),
    RejectReason.NO_COURIER: N_("No courier"),
    RejectReason.CUSTOMER_UNREACHABLE: N_("Customer cannot be reached"),
    RejectReason.SUSPICIOUS: N_("Suspicious order"),
    RejectReason.CUSTOMER_ASKED: N_("Customer asked for it"),
    RejectReason.OTHER: N_("Another reason"),
}
FULFILMENTS = {
    Fulfilment.DELIVERY: N_("Delivery"),
    Fulfilment.PICKUP: N_("Pickup"),
    Fulfilment.DINE_IN: N_("Dine in"),
}
DELIVERIES = {
    Delivery.NONE: "",
    Delivery.PENDING: N_("Waiting for a courier"),
    Delivery.ASSIGNED: N_("Courier coming"),
    Delivery.AT_STORE: N_("Courier is here"),
    Delivery.PICKED_UP: N_("Courier has it"),
    Delivery.DELIVERED: N_("Delivered"),
    Delivery.FAILED: N_("Delivery failed"),
}
PRINTS = {
    PrintState.PENDING: N_("Waiting to print"),
    PrintState.SENDING: N_("Printing"),
    PrintState.CONFIRMED: N_("Printed"),
    PrintState.SENT: N_("Sent to printer"),
    PrintState.FAILED: N_("NOT printed"),
    PrintState.UNKNOWN: N_("Printed? Look"),
    PrintState.SKIPPED: N_("Print skipped"),
    PrintState.HELD: N_("Waited too long"),
}
PRINT_SIGNS = {  # icon and ink; the loud ones are filled where there is room
    PrintState.PENDING: ("clock", "muted"),
    PrintState.SENDING: ("printer", "muted"),
    PrintState.CONFIRMED: ("printed", "ready"),
    PrintState.SENT: ("print-sent", "muted"),
    PrintState.FAILED: ("print-failed", "late"),
    PrintState.UNKNOWN: ("question", "late"),
    PrintState.SKIPPED: ("print-skipped", "muted"),
    PrintState.HELD: ("hand", "late"),
}
PAPERS = {
    TicketKind.KITCHEN: N_("Kitchen ticket"),
    TicketKind.DISH: N_("Dish slip"),
    TicketKind.EXPEDITER: N_("Expediter ticket"),
    TicketKind.PACKING: N_("Packing slip"),
    TicketKind.COURIER: N_("Courier slip"),
    TicketKind.RECEIPT: N_("Receipt"),
    TicketKind.LABEL: N_("Cup label"),
    TicketKind.CHANGED: N_("Change slip"),
    TicketKind.VOID: N_("Void slip"),
    TicketKind.URGE: N_("Urge slip"),
    TicketKind.TOTALS: N_("Day totals"),
    TicketKind.TEST: N_("Test page"),
}
MARKS = {  # void, changed and reprint are said by the paper's own name and by its copy number
    Mark.POSSIBLE_DUPLICATE: N_("possible duplicate"),
    Mark.SCHEDULED: N_("ordered ahead"),
    Mark.PRACTICE: N_("practice"),
}
COMMAND_STATES = {
    CommandState.PENDING: N_("sending…"),
    CommandState.IN_FLIGHT: N_("sending…"),
    CommandState.CONFIRMED: N_("platform confirmed"),
    CommandState.REFUSED: N_("platform refused"),
    CommandState.SUPERSEDED: N_("no longer needed"),
    CommandState.DEAD: N_("did not reach the platform"),
}
HEALTH = {
    HealthState.OK: N_("connected"),
    HealthState.DEGRADED: N_("cannot be reached"),
    HealthState.SIGNED_OUT: N_("signed out"),
    HealthState.OFF: N_("off"),
}
PRINTER_HEALTH = {  # true whether it is silent or says itself why it stands still
    HealthState.OK: N_("ready to print"),
    HealthState.DEGRADED: N_("does not print"),
    HealthState.SIGNED_OUT: N_("does not print"),
    HealthState.OFF: HEALTH[HealthState.OFF],
}
CHARGES = {
    ChargeKind.DELIVERY: N_("Delivery fee"),
    ChargeKind.PACKAGING: N_("Packaging"),
    ChargeKind.SERVICE: N_("Service fee"),
    ChargeKind.COMMISSION: N_("Commission"),
    ChargeKind.DISCOUNT: N_("Discount"),
    ChargeKind.TIP: N_("Tip"),
    ChargeKind.TAX: N_("Tax"),
    ChargeKind.OTHER: N_("Other"),
}
PARTIES = {Party.SHOP: N_("shop pays"), Party.PLATFORM: N_("platform pays"), Party.CUSTOMER: N_("customer pays")}
WHO = {"platform": N_("platform"), "counter": N_("counter"), "printer": N_("printer"), "console": N_("console")}

_SYMBOLS = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$"}


@lru_cache(4096)  # a card says the same words at every repaint
def plain(text: str) -> str:
    """`text` on one line without control or direction characters: whatever a customer typed, it stays words."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def spelt(text: str) -> str:
    """A customer's words, what no font here draws spelt out as on paper: 🥜 -> [PEANUTS]; its line breaks are kept."""
    return "\n".join(map(printable, text.splitlines()))


def lines(text: str) -> str:
    """`text` as `plain` has it, line by line; empty lines are left out."""
    return "\n".join(filter(None, map(plain, text.splitlines())))


def station_name(name: str) -> str:
    """A station as the screen calls it: the shop's own name, or the shipped one in the language of the screen."""
    return plain(tr(name))


def headed(title: str, text: str) -> str:
    """A headline and, if anything was said, the words after it, with the colon of the language."""
    said = plain(text)
    return f"{title}{'：' if language() == 'zh' else ': '}{said}" if said else title


def joined(*sentences: str) -> str:
    """Sentences one after the other, spaced as the language does."""
    return ("" if language() == "zh" else " ").join(filter(None, sentences))


def money(amount: Money) -> str:
    """An amount for people: ¥48.00, £12.50, 1,200 JPY; a minus sign stands before the symbol."""
    digits = QLocale(QLocale.Language.English).toString(abs(float(amount.major)), "f", exponent(amount.currency))
    sign = "−" if amount.minor < 0 else ""
    symbol = _SYMBOLS.get(amount.currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {amount.currency}"


def clock_time(at: datetime) -> str:
    """The shop's wall clock, hours and minutes."""
    return shop_clock.local(at).strftime("%H:%M")


def moment(at: datetime, now: datetime) -> str:
    """Wall clock, with the date in front when it is not today."""
    local, today = shop_clock.local(at), shop_clock.local(now).date()
    if local.date() == today:
        return local.strftime("%H:%M")
    day = f"{local.month}月{local.day}日" if language() == "zh" else f"{local.day}/{local.month}"
    return f"{day} {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """How long since: "just now", "3 min ago", "2 h ago", then the wall clock with its day."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return tr("just now")
    if minutes < 60:
        return tr("{n} min ago", n=minutes)
    return tr("{n} h ago", n=minutes // 60) if minutes < 24 * 60 else moment(at, now)


def request_title(request: CustomerRequest) -> str:
    """What the customer wants of us, as a headline."""
    if request.kind is RequestKind.CANCEL:
        return tr("Customer wants to cancel")
    if request.amount is None:
        return tr("Customer wants a refund")
    return tr("Customer wants {amount} back", amount=money(request.amount))


def agree_label(request: CustomerRequest) -> str:
    """The consequence, on the button itself."""
    if request.kind is RequestKind.CANCEL:
        return tr("Agree, cancel it")
    return tr("Agree to refund") if request.amount is None else tr("Refund {amount}", amount=money(request.amount))
