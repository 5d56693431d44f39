"""What is wrong, in words for the top bar and the notices: each names the thing that failed and what it means for orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.engine.views import AccountView, HealthState, Overview, PrinterView, RelayView, StandIn
from app.texts import N_, tr
from app.ui import words
from app.ui.widgets.badge import Sign

LONGEST_NAME = 16  # characters of a printer in the top bar
_GLYPHS = {
    HealthState.OK: "check",
    HealthState.DEGRADED: "alert",
    HealthState.SIGNED_OUT: "cross",
    HealthState.OFF: "cloud-off",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line under the top bar. `tone` is "late" or "soon"; `button` opens `page` (and there `group`)."""

    text: str
    tone: str
    button: str = ""
    page: str = ""
    group: str = ""


def account_sign(account: AccountView) -> Sign:
    """How one account is; only trouble is loud."""
    state = account.state if account.enabled else HealthState.OFF
    bad = state in (HealthState.DEGRADED, HealthState.SIGNED_OUT)
    text = _counted(account) if state is HealthState.OK else f"{account.title} {tr(words.HEALTH[state])}"
    bad = bad or bool(account.missing)
    tone = "late" if bad else "ready" if state is HealthState.OK else ""
    return Sign(text, _GLYPHS[state], tone, bad, account.mark, account.color, _proof(account))


def calm_sign(accounts: Sequence[AccountView]) -> Sign:
    """Many accounts that nothing ails, in one: how many, and the sum of their figures.

    "6/6" alone only while every one of them was counted; else how many of all the orders here that count is about.
    """
    more = "\n".join(_proof(account) or account_sign(account).text for account in accounts)
    return Sign(_summed(accounts), "check", "ready", more=more)


def _summed(accounts: Sequence[AccountView]) -> str:
    counted = [account for account in accounts if account.counted is not None]
    if not counted:
        return tr("{n} platforms", n=len(accounts))
    here, every = sum((one.counted or 0) - one.missing for one in counted), sum(one.counted or 0 for one in counted)
    if all(one.counted is not None for one in accounts if one.provable is not None):  # None: a voice, which has no orders
        return tr("{n} platforms {here}/{all}", n=len(accounts), here=here, all=every)
    every = sum(max(one.counted or 0, one.today) for one in accounts)  # orders that came after the count are not checked
    return tr("{n} platforms · {here} of {all} checked", n=len(accounts), here=here, all=every)


def _counted(account: AccountView) -> str:
    """ "Ele.me 57/57": what is here of what the platform's own list of today holds; no figures where that is not known."""
    if account.counted is None:
        return account.title
    return f"{account.title} {account.counted - account.missing}/{account.counted}"


def _proof(account: AccountView) -> str:
    """What the figures mean, or why there are none."""
    if account.provable is False:
        return tr("{name}: cannot be proved here. This platform does not tell which orders the day has.", name=account.name)
    if account.counted is None and account.uncounted:
        return tr(
            "{name}: today's orders could not be checked, because the platform's list cannot be read. It says: {why}",
            name=account.name,
            why=words.plain(account.uncounted),
        )
    if account.counted is None:
        return tr("{name}: not checked yet.", name=account.name) if account.provable else ""
    return tr(
        "{name}: {here} of the {all} orders in the platform's own list of today are here.",
        name=account.name,
        here=account.counted - account.missing,
        all=account.counted,
    )


def printer_sign(printer: PrinterView) -> Sign:
    """How one printer is, in its own words, with what waits for it; only trouble is loud."""
    name = brief(printer.name)
    waiting = f" · {tr('{n} waiting', n=printer.waiting)}" if printer.waiting else ""
    if not printer.enabled:
        tone = "soon" if printer.waiting or printer.held else ""
        return Sign(f"{name} · {tr(words.HEALTH[HealthState.OFF])}{waiting}", "printer", tone, bool(tone))
    if printer.state is not HealthState.OK:
        tone = "late" if matters(printer) else ""
        why = printer.text or tr(words.PRINTER_HEALTH[printer.state])
        return Sign(f"{name} · {why}{waiting}", "print-failed", tone, bool(tone))
    if printer.text:  # it prints, and soon will not: paper near its end
        return Sign(f"{name} · {printer.text}{waiting}", "alert", "soon", loud=True)
    if lost := printer.failed + printer.held:
        return Sign(f"{name} · {tr('{n} not printed', n=lost)}", "print-failed", "late", loud=True)
    if printer.unknown:
        return Sign(f"{name} · {tr('{n} tickets to look for', n=printer.unknown)}", "question", "soon", loud=True)
    return Sign(f"{name}{waiting}", "printed", "ready")


def matters(printer: PrinterView) -> bool:
    """Whether anybody misses its paper: a station prints there, or tickets of it are not told yet."""
    return bool(printer.station or printer.waiting or printer.held or printer.unknown or printer.failed)


def brief(name: str) -> str:
    """A name that leaves room for what is said of it."""
    name = words.plain(name)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def worst_first(printers: tuple[PrinterView, ...]) -> list[PrinterView]:
    """Those that want a person first; one that is off or serves nobody and has nothing to do is no news and comes last."""
    ranks = {"late": 0, "soon": 1, "ready": 2, "": 3}
    return sorted(printers, key=lambda printer: (ranks[printer_sign(printer).tone], -printer.waiting))


def notices(overview: Overview) -> list[Notice]:
    """Everything that failed, by name, the most serious first."""
    found = [_account(account) for account in overview.accounts if account.enabled and account.state is not HealthState.OK]
    found += _relay(overview.relay)
    found += _clock(overview.clock_ahead)
    found += [Notice(one.text, "late", tr("Orders"), "queue") for one in overview.refunds]
    found += [Notice(one.text, "late", tr("Vouchers"), "shop", "vouchers") for one in overview.vouchers]
    found += [_hole(account) for account in overview.accounts if account.enabled and account.missing]
    found += [Notice(one.text, "late", tr("My shop"), "shop") for one in overview.shops if one.urgent]
    found += [notice for printer in overview.printers for notice in _printer(printer)]
    found += [_stand_in(one) for one in overview.stand_ins]
    found += _tickets(overview.printers)
    if not any(printer.enabled for printer in overview.printers) and any(account.enabled for account in overview.accounts):
        text = tr("No printer is switched on: accepted orders get no kitchen ticket. See Settings.")
        found.append(Notice(text, "late", tr("Settings"), "settings"))
    found += [Notice(one.text, "soon", tr("My shop"), "shop") for one in overview.shops if not one.urgent]
    found += [Notice(one.text, "soon", tr("Reviews"), "reviews") for one in overview.reviews]
    return found + _left_aside(overview)


def in_trouble(overview: Overview) -> frozenset[tuple[str, int]]:
    """Who is in trouble now, so that each new trouble sounds once."""
    bad = (HealthState.DEGRADED, HealthState.SIGNED_OUT)
    accounts = {("account", account.id) for account in overview.accounts if account.enabled and account.state in bad}
    printers = {("printer", each.id) for each in overview.printers if each.enabled and each.state in bad and matters(each)}
    relay = {("relay", 0)} if overview.relay.state is HealthState.DEGRADED else set()
    tickets = {("tickets", each.id) for each in overview.printers if each.failed or each.held or each.unknown}
    return frozenset(accounts | printers | relay | tickets)


def _left_aside(overview: Overview) -> list[Notice]:
    """What the program did as well as it could, and a person should put right."""
    found = []
    if overview.unrouted:
        n, dishes = len(overview.unrouted), tr(", ").join(overview.unrouted)
        found.append(tr("{n} dishes match no rule and went to the default station: {dishes}", n=n, dishes=dishes))
    if overview.parked_messages:
        found.append(tr("{n} platform messages could not be read; they are kept, see Settings.", n=overview.parked_messages))
    return [Notice(text, "soon", tr("Settings"), "settings") for text in found]


def _account(account: AccountView) -> Notice:
    since = words.clock_time(account.since) if account.since else "?"
    if account.state is HealthState.SIGNED_OUT:
        text = tr(
            "{platform} has signed this console out since {time}: sign in again under Settings. No new orders arrive.",
            platform=account.title,
            time=since,
        )
    else:
        text = tr(
            "{platform} cannot be reached since {time}; orders already here are safe.", platform=account.title, time=since
        )
    return Notice(f"{text} {account.text}".strip(), "late")


def relay_sign(relay: RelayView) -> Sign | None:
    """The relay, while it is lost or turns pushes away, or soon will: one that works is no news."""
    if relay.url and relay.state is HealthState.OK and relay.text:
        return Sign(tr("Relay's mailbox fills"), "alert", "late", loud=True)
    if not relay.url or relay.state is not HealthState.DEGRADED:
        return None
    return Sign(tr("Relay lost"), "cloud-off", "late", loud=True)


def _relay(relay: RelayView) -> list[Notice]:
    if relay_sign(relay) is None:
        return []
    if relay.state is HealthState.OK:
        return [Notice(relay.text, "late", tr("Settings"), "settings")]
    since = words.clock_time(relay.since) if relay.since else "?"
    text = tr("The relay cannot be reached since {time}: pushed orders wait there and do not arrive.", time=since)
    return [Notice(f"{text} {relay.text}".strip(), "late", tr("Settings"), "settings")]


def _printer(printer: PrinterView) -> list[Notice]:
    if not printer.enabled:
        text = tr("Printer {name} is switched off: {n} tickets wait for it.", name=printer.name, n=printer.waiting)
        return [Notice(text, "late", tr("Settings"), "settings")] if printer.waiting else []
    if printer.state is HealthState.OK or not matters(printer):
        return []
    text = tr(
        "Printer {name} does not print: {why}. {n} tickets wait.",
        name=printer.name,
        why=printer.text or tr("no answer"),
        n=printer.waiting,
    )
    return [Notice(text, "late", tr("Show them"), "ledger", "waiting")]


def _clock(ahead: timedelta) -> list[Notice]:
    minutes = round(abs(ahead).total_seconds() / 60)
    if not minutes:
        return []
    text = N_("This computer's clock is {n} min slow: times on screen and paper are wrong. Set it right in the system.")
    if ahead > timedelta(0):
        text = N_("This computer's clock is {n} min fast: times on screen and paper are wrong. Set it right in the system.")
    return [Notice(tr(text, n=minutes), "late")]


def _stand_in(one: StandIn) -> Notice:
    text = N_("{backup} prints the tickets of {name}, marked BACKUP, until {name} is back. Fetch them there.")
    if one.back:
        text = N_("Printer {name} is back: its tickets come out there again, no longer at {backup}.")
    return Notice(tr(text, name=one.printer, backup=one.by), "soon", tr("Show them"), "ledger")


def _hole(account: AccountView) -> Notice:
    text = N_("{name}: {n} orders of today's list are missing here and are being fetched. Look at the platform's tablet.")
    if account.missing_before:
        text = N_(
            "{name}: {n} orders of yesterday's and today's lists are missing here and are being fetched. "
            "Look at the platform's tablet."
        )
    if account.missing_before == account.missing:
        text = N_(
            "{name}: {n} orders of yesterday's list are missing here and are being fetched. Look at the platform's tablet."
        )
    return Notice(tr(text, name=words.plain(account.name), n=account.missing), "late")


def _tickets(printers: tuple[PrinterView, ...]) -> list[Notice]:
    """What a person has to decide, over all printers."""
    failed, held, unknown = (sum(getattr(one, name) for one in printers) for name in ("failed", "held", "unknown"))
    found = []
    if failed:
        text = tr("{n} tickets were NOT printed: the kitchen does not have them.", n=failed)
        found.append(Notice(text, "late", tr("Show them"), "ledger", "needs"))
    if held:
        text = tr("{n} tickets are late (printer away, or order heard of late): print or skip.", n=held)
        found.append(Notice(text, "late", tr("Print or skip"), "ledger", "needs"))
    if unknown:
        text = tr("{n} tickets may or may not have come out. Look at the printer, then say so.", n=unknown)
        found.append(Notice(text, "soon", tr("Show them"), "ledger", "needs"))
    return found
