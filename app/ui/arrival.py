"""How an account's orders reach this counter, in words for staff; and what a look at the relay found."""

from __future__ import annotations

from datetime import datetime

from app.engine.views import Arrivals, HealthState, RelayView
from app.platforms.api import Arrival
from app.texts import N_, tr
from app.ui.words import ago, joined, plain

FINDINGS = {  # a word of `app.relay.check.Finding` -> words, tone; only "ready" and "soon" may be used
    "wrong": (N_("This cannot be used: {why}"), "late"),
    "unreachable": (
        N_("The relay cannot be reached. Check the address and the internet connection. It says: {why}"),
        "late",
    ),
    "refused": (N_("The relay refuses: the credentials file or the shop's name is not right. It says: {why}"), "late"),
    "no_stream": (
        N_(
            "The relay is there, but has no mailbox for this shop yet: its keeper enters the shop and restarts the receiver."
        ),
        "late",
    ),
    "no_front": (
        N_("The counter reaches the relay, but the public address does not answer as it should ({why}): nothing is pushed."),
        "soon",
    ),
    "idle_front": (
        N_("The counter reaches the relay, but its receiver cannot store anything just now. Tell the relay's keeper."),
        "soon",
    ),
    "unproved": (
        N_(
            "This relay works. Nobody has proved that it writes every order to disk at once (sync_interval: always): "
            "ask its keeper."
        ),
        "soon",
    ),
    "ok": (N_("This relay works."), "ready"),
}


def arriving(how: Arrival, told: Arrivals, relay: RelayView, now: datetime) -> tuple[str, str]:
    """One or two sentences and their tone: "ready", "soon" (look at it), "late" (orders are lost), "muted"."""
    if how is Arrival.NONE:
        when = ago(told.polled_at, now) if told.polled_at else tr("never")
        return tr(
            "It brings no orders. What staff ask it comes straight to this computer; last time {ago}.", ago=when
        ), "muted"
    if how in (Arrival.POLLED, Arrival.STREAMED):
        return _asked(how, told, now), "muted"
    if told.refused_at and (not told.pushed_at or told.refused_at > told.pushed_at):
        when = ago(told.refused_at, now)
        text = tr(
            "The last push ({ago}) was turned away; Settings says why. Mostly the secret in this form is wrong.", ago=when
        )
        return text, "late"
    pushes = _pushed(told, relay, now)
    if how is Arrival.RELAYED:
        return _only_pushed(told, relay) or (pushes, "ready")
    return _asked_too(told, relay, pushes, now)


def _asked(how: Arrival, told: Arrivals, now: datetime) -> str:
    when = ago(told.polled_at, now) if told.polled_at else tr("never")
    if how is Arrival.STREAMED:
        return tr("Orders arrive over a connection that this console holds open; last heard {ago}.", ago=when)
    return tr("This console asks for orders; last answer {ago}.", ago=when)


def _pushed(told: Arrivals, relay: RelayView, now: datetime) -> str:
    if told.pushed_at is None:
        return tr("The relay is ready; nothing was pushed yet.")
    when = ago(told.pushed_at, now)
    if relay.url:
        return tr("Orders arrive by push through the relay; last one {ago}.", ago=when)
    return tr("Orders are pushed straight to this computer; last one {ago}.", ago=when)


def _unreachable(told: Arrivals, relay: RelayView) -> bool:
    """No relay, and nothing was pushed without one: what came before the relay was taken away had come through it."""
    return not relay.url and (told.pushed_at is None or (relay.since is not None and told.pushed_at < relay.since))


def _only_pushed(told: Arrivals, relay: RelayView) -> tuple[str, str] | None:
    """What is wrong with the only way in; None when nothing is."""
    if _unreachable(told, relay):
        return tr("NO orders can arrive: this platform only pushes, and no relay is set up. Next: set up the relay."), "late"
    if relay.url and relay.state is not HealthState.OK:
        text = tr("The relay is lost: {why}. Orders wait there and come when it is back.", why=plain(relay.text) or "-")
        return text, "late"
    if relay.url and relay.text:
        return plain(relay.text), "late"
    if told.pushed_at is None:
        return tr("The relay is ready; nothing was pushed yet. Next: give the platform the address below."), "soon"
    return None


def _asked_too(told: Arrivals, relay: RelayView, pushes: str, now: datetime) -> tuple[str, str]:
    asked = _asked(Arrival.POLLED, told, now)
    if _unreachable(told, relay):
        return joined(asked, tr("Through a relay they would come sooner.")), "muted"
    if relay.url and relay.state is not HealthState.OK:
        return joined(tr("The relay is lost: {why}.", why=plain(relay.text) or "-"), asked), "soon"
    if relay.url and relay.text:
        return joined(plain(relay.text), asked), "soon"
    return joined(pushes, asked), "ready" if told.pushed_at else "muted"
