"""One line of an order's timeline in the words of staff; a kind nobody translated yet is shown as it is stored."""

from __future__ import annotations

from app.domain.changes import RequestKind, RequestState
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen
from app.texts import N_, tr
from app.ui import words

KITCHENS = {
    Kitchen.NEW: N_("New"),
    Kitchen.ACCEPTED: N_("Accepted"),
    Kitchen.PREPARING: N_("Cooking"),
    Kitchen.READY: N_("Food is ready"),
    Kitchen.HANDED_OVER: N_("Handed over"),
    Kitchen.COMPLETED: N_("Completed"),
    Kitchen.REJECTED: N_("Rejected"),
    Kitchen.EXPIRED: N_("Expired: nobody accepted in time"),
    Kitchen.CANCELLED: N_("Cancelled"),
}
_EVENTS = {
    "placed": N_("Order placed"),
    "stored": N_("Order arrived here"),
    "refunded": N_("Refunded"),
    "urge": N_("Customer urges"),
    "changed": N_("Order changed"),
    "bags": N_("Bags counted"),
    "unmapped": N_("Unknown status"),
}
_ENDINGS = {
    "confirmed": N_("platform confirmed"),
    "refused": N_("platform refused"),
    "dead": N_("did not reach the platform"),
    "superseded": N_("no longer needed"),
    "kept_here": N_("kept here only"),
}
_REQUESTS = {RequestKind.CANCEL: N_("Customer wants to cancel"), RequestKind.REFUND: N_("Customer wants a refund")}
_DECISIONS = {
    RequestState.OPEN: "",
    RequestState.AGREED: N_("agreed"),
    RequestState.REFUSED: N_("refused"),
    RequestState.WITHDRAWN: N_("withdrawn"),
    RequestState.ARBITRATION: N_("the platform decides"),
    RequestState.UPHELD: N_("the platform decided for the customer"),
    RequestState.DISMISSED: N_("the platform decided for the shop"),
}


def happening(kind: str) -> str:
    """`kind` is what the engine wrote into the history: "accept_confirmed", "courier_at_store", "cancel_request_open"."""
    return " · ".join(tr(part) for part in _parts(kind) if part)


def _parts(kind: str) -> tuple[str, ...]:
    if kind in _EVENTS:
        return (_EVENTS[kind],)
    if kind in {state.value for state in Kitchen}:
        return (KITCHENS[Kitchen(kind)],)
    courier = kind.removeprefix("courier_")
    if courier != kind and courier in {state.value for state in Delivery}:
        return (words.DELIVERIES[Delivery(courier)],)
    return _request(kind) or _command(kind) or (kind,)


def _request(kind: str) -> tuple[str, ...]:
    asked, _, decision = kind.partition("_request_")
    if decision not in {state.value for state in RequestState} or asked not in {each.value for each in RequestKind}:
        return ()
    return _REQUESTS[RequestKind(asked)], _DECISIONS[RequestState(decision)]


def _command(kind: str) -> tuple[str, ...]:
    for command in CommandKind:
        ending = kind.removeprefix(command.value).removeprefix("_")
        if kind.startswith(command.value) and (not ending or ending in _ENDINGS):
            return words.COMMANDS[command], _ENDINGS.get(ending, "")
    return ()
