"""Money given back, in the detail of an order: what was asked, what the platform said to it, and the way to ask more."""

from __future__ import annotations

from PySide6.QtCore import Slot

from app.domain.commands import CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.orders import OrderFacts
from app.engine.views import Ability, CommandState, CommandView, OrderDetail
from app.texts import N_, tr
from app.ui.actions import Actions
from app.ui.shops import where_instead
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel
from app.ui.widgets.rows import Rows
from app.ui.words import clock_time, headed, money, plain

_OPEN = (CommandState.PENDING, CommandState.IN_FLIGHT)


def refund_part(theme: Theme, detail: OrderDetail, actions: Actions) -> Panel | None:
    """The panel, or None for an order of which no money can be given back anywhere (new, dead or unpaid)."""
    asked = [one for one in detail.commands if one.kind is CommandKind.REFUND]
    card, facts = detail.card, detail.facts
    alive = card.kitchen not in DEAD | {Kitchen.NEW} and facts.paid
    if not (asked or alive):
        return None
    rows = Rows(theme, tr("Money back"))
    title = actions.title(card.platform)
    for one in asked:
        loud = one.state in (CommandState.REFUSED, CommandState.DEAD)
        text = " · ".join(filter(None, (_line(one, title, told=bool(card.refunded)), tr(", ").join(_dishes(one, facts)))))
        rows.add(text, _worth(one), bold=loud, ink="late" if loud else "text")
    if card.refunded:
        rows.add(tr("Refunded, says {platform}", platform=title), money(card.refunded), bold=True)
    if alive:
        _offer(theme, rows, detail, actions, waits=any(one.state in _OPEN for one in asked))
    return rows.panel


def _offer(theme: Theme, rows: Rows, detail: OrderDetail, actions: Actions, waits: bool) -> None:
    if Ability.REFUNDS_ORDERS not in detail.abilities:
        rows.add(_elsewhere(detail, actions))
    elif detail.refundable is None:
        rows.add(tr("There is nothing left to give back."))
    elif not detail.refund_ways:
        rows.add(_not_now(detail, actions.title(detail.card.platform)))
    else:
        rows.add(tr("Can still be given back"), money(detail.refundable))
        rows.panel.inner.addWidget(RefundButton(theme, detail, actions, waits))


def _not_now(detail: OrderDetail, platform: str) -> str:
    if detail.card.kitchen in CLOSED:
        return tr("Once an order is completed, {platform} takes no refunds from here.", platform=platform)
    text = N_("{platform} gives money back only when the order is completed: until then it can be cancelled.")
    return tr(text, platform=platform)


def _elsewhere(detail: OrderDetail, actions: Actions) -> str:
    if not actions.is_on(detail.account_id):
        return tr("This account is switched off: switch it on under Settings to give money back.")
    return where_instead(actions.platform(detail.card.platform), Ability.REFUNDS_ORDERS)


def _line(one: CommandView, platform: str, told: bool) -> str:
    when = clock_time(one.created_at) if one.created_at else ""
    return " ".join(filter(None, (when, _said(one, platform, told))))


def _said(one: CommandView, platform: str, told: bool) -> str:
    """Nothing is called refunded before the platform says that it is (`told`)."""
    if one.state in _OPEN:
        text = tr("Asked; {platform} has not answered yet", platform=platform)
        return headed(text, one.text) if one.attempts > 1 else text
    if one.state is CommandState.CONFIRMED:
        if told:
            return tr("{platform} took the request", platform=platform)
        return tr("{platform} took the request; it has not said yet that the money went back", platform=platform)
    if one.state is CommandState.REFUSED:
        return tr("Refused. {platform} says: {why}", platform=platform, why=plain(one.text))
    if one.state is CommandState.DEAD:
        text = tr(
            "No answer from {platform}: the money may have gone back. Asking the same again never pays twice.",
            platform=platform,
        )
        return headed(text, one.text)
    return tr("No longer needed")


def _worth(one: CommandView) -> str:
    """The platform's own figure, where it gave one, or the amount that was asked for; dishes have none."""
    if amount := one.given or one.amount:
        return money(amount)
    return "" if one.lines else tr("all that was left")


def _dishes(one: CommandView, facts: OrderFacts) -> list[str]:
    names = {line.key: plain(line.name)[:24] for line in facts.lines}
    counts = {part.line: part.count for part in one.lines if part.line in names}
    return [f"{count} × {names[key]}" if count else names[key] for key, count in counts.items()]


class RefundButton(Button):
    """Opens the question; waits while one refund is under way, for the engine takes one at a time."""

    def __init__(self, theme: Theme, detail: OrderDetail, actions: Actions, waits: bool) -> None:
        words = tr("One refund is on its way…") if waits else tr("Give money back…")
        super().__init__(theme, words, "button", "money", f"{words} {plain(detail.card.call_number)}")
        self._detail, self._actions = detail, actions
        self.setObjectName(f"detail-refund-{detail.card.id}")
        self.setEnabled(not waits)
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        self._actions.refund(self._detail)
