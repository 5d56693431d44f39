"""What is wrong, in words for the top bar and the notices: each names the thing that failed and what it means for orders."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.views import AccountView, HealthState, Overview, PrinterView
from app.texts import tr
from app.ui import words
from app.ui.widgets.badge import Sign

_GLYPHS = {
    HealthState.OK: "check",
    HealthState.DEGRADED: "alert",
    HealthState.SIGNED_OUT: "cross",
    HealthState.OFF: "cloud-off",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line under the top bar. `tone` is "late" or "soon"."""

    text: str
    tone: str


def account_sign(account: AccountView) -> Sign:
    """How one account is; only trouble is loud."""
    state = account.state if account.enabled else HealthState.OFF
    bad = state in (HealthState.DEGRADED, HealthState.SIGNED_OUT)
    text = account.title if state is HealthState.OK else f"{account.title} {tr(words.HEALTH[state])}"
    tone = "late" if bad else "ready" if state is HealthState.OK else ""
    return Sign(text, _GLYPHS[state], tone, bad, account.mark, account.color)


def printers_sign(printers: tuple[PrinterView, ...]) -> Sign:
    """All printers in one sign: the worst of them counts."""
    used = [printer for printer in printers if printer.enabled]
    if not used:
        return Sign(tr("no printer"), "print-failed", "soon", loud=True)
    bad = [printer for printer in used if printer.state is not HealthState.OK]
    if bad:
        return Sign(tr("{name} does not print", name=bad[0].name), "print-failed", "late", loud=True)
    unknown = sum(printer.unknown for printer in used)
    if unknown:
        return Sign(tr("{n} tickets to look for", n=unknown), "question", "soon", loud=True)
    return Sign(tr("{n} printers ready", n=len(used)), "printed", "ready")


def notices(overview: Overview) -> list[Notice]:
    """Everything that failed, by name, the most serious first."""
    found = [_account(account) for account in overview.accounts if account.enabled and account.state is not HealthState.OK]
    found += [notice for printer in overview.printers if printer.enabled for notice in _printer(printer)]
    if not any(printer.enabled for printer in overview.printers) and any(account.enabled for account in overview.accounts):
        text = tr("No printer is switched on: accepted orders get no kitchen ticket. See Settings.")
        found.append(Notice(text, "late"))
    if overview.parked_messages:
        text = tr("{n} platform messages could not be read; they are kept, see Settings.",
                  n=overview.parked_messages)  # fmt: skip
        found.append(Notice(text, "soon"))
    return found


def _account(account: AccountView) -> Notice:
    since = words.clock_time(account.since) if account.since else "?"
    if account.state is HealthState.SIGNED_OUT:
        text = tr("{platform} has signed this console out since {time}: sign in again under Settings. No new orders arrive.",
                  platform=account.title, time=since)  # fmt: skip
    else:
        text = tr("{platform} cannot be reached since {time}; orders already here are safe.",
                  platform=account.title, time=since)  # fmt: skip
    return Notice(f"{text} {account.text}".strip(), "late")


def _printer(printer: PrinterView) -> list[Notice]:
    found = []
    if printer.state is not HealthState.OK:
        text = tr("Printer {name} does not print: {why}. {n} tickets wait.",
                  name=printer.name, why=printer.text or tr("no answer"), n=printer.waiting)  # fmt: skip
        found.append(Notice(text, "late"))
    if printer.unknown:
        text = tr("Printer {name}: {n} tickets may or may not have come out. Look, then say so on the order.",
                  name=printer.name, n=printer.unknown)  # fmt: skip
        found.append(Notice(text, "soon"))
    return found
