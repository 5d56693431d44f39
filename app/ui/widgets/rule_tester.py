"""Shows where an order would go: which station prints what of it, on which printer, by which rule, and what nobody cooks."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.orders import OrderFacts
from app.domain.routing import Destination, Routing
from app.domain.tickets import COOKED_FROM
from app.engine.facade import Facade
from app.engine.views import Card, PrinterView
from app.texts import tr
from app.ui.bridge import sentence
from app.ui.dialogs.form import Field, choice_edit, hint, text_edit
from app.ui.papers import printer_words
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import Choice
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.rule_sample import SampleOrder
from app.ui.widgets.rule_words import rule_words
from app.ui.words import PAPERS, plain, station_name

_MADE_UP = ""
_MOST = 30


class RuleTester(Panel):
    """`look_again` after the rules changed: an answer that is shown stays true."""

    def __init__(self, facade: Facade, theme: Theme, titles: Mapping[str, str]) -> None:
        super().__init__(theme, tr("Where would an order go?"), "rule-tester")
        self._facade, self._theme, self._titles = facade, theme, titles
        self._shown = False
        self._search = Field(theme, "tester-search", tr("Find an order"), text_edit(hint=tr("Number, dish or name")))
        self._order = Field(theme, "tester-order", tr("Order"), choice_edit(theme, []))
        self._sample = SampleOrder(theme, list(titles.items()), facade.menu())
        self._button = Button(theme, tr("Show where it goes"), "new", "search", name="tester-show", action=self._show)
        self._answer = QVBoxLayout()
        self._answer.setSpacing(10)
        for part in (self._search, self._order, self._sample, self._button):
            self.inner.addWidget(part)
        self.inner.addLayout(self._answer)
        self._search.edited.connect(self._find)
        self._order.edited.connect(self._choose)
        self._sample.entered.connect(self._forget)
        self._find()

    @Slot()
    def look_again(self) -> None:
        """Follow the rules as they are now."""
        if self._shown:
            self._show()

    @Slot()
    def _find(self) -> None:
        """Offer the orders that fit what is typed; the queue's while nothing is."""
        text = self._search.answer
        found = self._facade.search(text, _MOST) if text else self._facade.cards()[:_MOST]
        box = self._order.editor
        if isinstance(box, Choice):
            with QSignalBlocker(box):
                box.clear()
                for card in found:
                    box.addItem(_order_words(card), str(card.id))
                box.addItem(tr("One that I make up"), _MADE_UP)
        self._choose()

    @Slot()
    def _choose(self) -> None:
        self._sample.setVisible(self._order.answer == _MADE_UP)
        self._order.editor.update()
        self._forget()

    @Slot()
    def _forget(self) -> None:
        """What is shown would be of another order."""
        self._shown = False
        while (item := self._answer.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()

    @Slot()
    def _show(self) -> None:
        self._forget()
        try:
            tried = self._try()
        except Exception as error:  # noqa: BLE001 - whatever went wrong, a person is waiting for an answer
            self._say(sentence(error), "tester-error", "late")
            return
        if tried:
            self._shown = True
            self._show_routing(*tried)

    def _try(self) -> tuple[Routing, OrderFacts] | None:
        if self._order.answer != _MADE_UP:
            order_id = int(self._order.answer)
            return self._facade.try_order(order_id), self._facade.order(order_id).facts
        facts = self._sample.facts()
        return (self._facade.try_sample(self._sample.platform, facts, self._sample.at), facts) if facts else None

    def _show_routing(self, routing: Routing, facts: OrderFacts) -> None:
        if routing.unmatched:
            names = _names(facts, routing.unmatched)
            caught = any(one.station.default for one in routing.destinations)
            words = (
                tr("No rule sends these to a station that cooks: {dishes}. The default station gets them.", dishes=names)
                if caught
                else tr("Nobody cooks these: {dishes}. Make a rule, or choose a default station.", dishes=names)
            )
            self._say(words, "tester-unmatched", "late")
        printers = {printer.id: printer for printer in self._facade.printers()}
        for one in routing.destinations:
            self._answer.addWidget(self._destination(one, facts, printers, frozenset(routing.unmatched)))
        if not routing.destinations:
            self._say(tr("No station prints anything of this order."), "tester-nowhere", "late")

    def _destination(
        self, one: Destination, facts: OrderFacts, printers: Mapping[int, PrinterView], unmatched: frozenset[int]
    ) -> QWidget:
        station = one.station
        whole = QWidget()
        whole.setObjectName(f"tester-station-{station.id}")
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        names = {key: printer.name for key, printer in printers.items()}
        paper = tr(PAPERS[station.kind])
        where = printer_words(station, names)
        copies = f" × {station.copies}" if station.copies > 1 else ""
        column.addWidget(self._label(f"{station_name(station.name)} → {where}", f"tester-where-{station.id}", bold=True))
        whole_order = station.kind not in COOKED_FROM
        dishes = tr("the whole order") if whole_order else _names(facts, one.lines)
        column.addWidget(self._label(f"{paper}{copies}: {dishes}", f"tester-what-{station.id}"))
        why = [rule_words(route, self._titles) for route in one.routes]
        if station.default and unmatched:
            why.append(tr("nobody else cooks {dishes}", dishes=_names(facts, tuple(sorted(unmatched)))))
        why = why or [tr("it has no rule, so it takes everything")]
        column.addWidget(hint(self._theme, tr("Because: {why}", why=" / ".join(why)), f"tester-why-{station.id}"))
        if trouble := _trouble(one, printers):
            column.addWidget(self._label(trouble, f"tester-trouble-{station.id}", tone="late"))
        return whole

    def _label(self, text: str, name: str, tone: str = "text", bold: bool = False) -> QWidget:
        label = plain_label(text, 15, bold, name, self._theme.color(tone))
        label.setWordWrap(True)
        return label

    def _say(self, text: str, name: str, tone: str) -> None:
        self._answer.addWidget(self._label(text, name, tone, bold=True))


def _order_words(card: Card) -> str:
    dishes = ", ".join(plain(name) for _, name in card.items)
    return f"{plain(card.call_number)} · {dishes}"


def _names(facts: OrderFacts, lines: tuple[int, ...]) -> str:
    return ", ".join(plain(facts.lines[number].name) for number in lines if number < len(facts.lines))


def _trouble(one: Destination, printers: Mapping[int, PrinterView]) -> str:
    """Why nothing would come out, "" when it would."""
    if one.station.printer_id is None:
        return tr("It has no printer: nothing comes out.")
    printer = printers.get(one.station.printer_id)
    if printer is None or not printer.enabled:
        return tr("Its printer is switched off: tickets wait.")
    return ""
