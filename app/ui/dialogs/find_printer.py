"""Look for printers on the own network: says first what will be asked, lists what answers, and one is picked."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.printing.discovery import Found, Network, ScanPlan, SearchError, own_networks
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import Field, FormWindow, choice_edit, column, explained, hint, text_edit
from app.ui.theme import Theme
from app.ui.widgets.choice_card import ChoiceCard
from app.ui.widgets.inputs import TickBox
from app.ui.words import plain

_LOOK_MS = 150  # how often the list takes in what the engine's thread has heard
_WAYS = {  # name -> words, what is done
    "mdns": (
        N_("Printers that announce themselves"),
        N_("Asks the whole network once who is a printer, and listens."),
    ),
    "broadcast": (N_("Epson printers"), N_("Asks with Epson's own question, once to everyone.")),
    "scan": (
        N_("Every address, one after the other"),
        N_("Finds the printers that say nothing of themselves: most of them."),
    ),
}


class FindPrinterDialog(FormWindow):
    """`picked` carries a Found. Nothing is sent before Start is pressed; leaving ends the search."""

    picked = Signal(object)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "find-dialog", tr("Find printers"), parent)
        self._facade, self._bridge = facade, bridge
        self._networks = {network.interface: network for network in own_networks()}
        self._known = {printer.address: printer.name for printer in facade.printers()}
        self._search: Future[list[Found]] | None = None
        self._heard: deque[Found] = deque()  # filled on the engine's thread, emptied here
        self._progress = (0, 0)
        self._cards: dict[tuple[str, int], ChoiceCard] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._build_methods()
        self._build_list()
        self._build_buttons()
        self._change_network()
        self.resize(660, 660)

    # building

    def _build_methods(self) -> None:
        theme = self._theme
        self.form.addWidget(hint(theme, tr("Nothing is printed, and nothing is sent before you press Start.")))
        networks = [(one.interface, one.range) for one in self._networks.values()]
        self._network = Field(theme, "find-network", tr("Network"), choice_edit(theme, networks))
        self._network.setVisible(len(networks) > 1)
        self._ways = {name: self._way(name, tr(words)) for name, (words, _) in _WAYS.items()}
        self._span = Field(theme, "find-range", tr("Addresses"), text_edit(hint="192.168.1.20-60"))
        self._span.edited.connect(self._plan)
        self._what = hint(theme, "", "find-plan")
        ways = [explained(theme, box, tr(_WAYS[name][1])) for name, box in self._ways.items()]
        self._methods = QWidget()
        self._methods.setLayout(column(self._network, *ways, self._span))
        self.form.addWidget(self._methods)
        self.form.addWidget(self._what)
        self._network.edited.connect(self._change_network)

    def _way(self, name: str, words: str) -> TickBox:
        box = TickBox(self._theme, words)
        box.setObjectName(f"find-{name}")
        box.setChecked(name != "scan")
        box.toggled.connect(self._plan)
        return box

    def _build_list(self) -> None:
        self._bar = QProgressBar()
        self._bar.setObjectName("find-progress")
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._lesson = hint(self._theme, "", "find-lesson")
        self._lesson.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.form.addWidget(self._bar)
        self.form.addLayout(self._list)
        self.form.addWidget(self._lesson)
        self.form.addStretch(1)

    def _build_buttons(self) -> None:
        self.add_way_back()
        self._stop = self.add_button("find-stop", tr("Stop looking"), action=self._end)
        self._stop.hide()
        self._start = self.add_button("find-start", tr("Start"), "new", "search", self._begin)
        self._start.setDefault(True)

    # what would be asked

    @Slot()
    def _change_network(self) -> None:
        network = self._chosen
        self._span.answer = network.range if network else ""
        self._plan()

    @property
    def _chosen(self) -> Network | None:
        return self._networks.get(self._network.answer)

    @Slot()
    def _plan(self, *_: object) -> None:
        """Say what pressing Start would do, or why it cannot be pressed."""
        scan, network = self._ways["scan"].isChecked(), self._chosen
        self._span.setVisible(scan)
        self._what.setVisible(scan)
        self._what.setText("")
        fine = network is not None and any(box.isChecked() for box in self._ways.values())
        if scan and network:
            fine = self._explain(network)
        if network is None:
            self.tell(
                tr("This computer is in no home network. Check its cable or Wi-Fi, or type in the printer's address."),
                "late",
            )
        self._start.setEnabled(fine)

    def _explain(self, network: Network) -> bool:
        if not self._span.require():
            return False
        try:
            plan = ScanPlan.of(self._span.answer, network.interface)
        except SearchError as error:
            self._span.complain(plain(str(error)))
            return False
        self._span.complain()
        self._what.setText(plan.text)
        return True

    # looking

    @Slot()
    def _begin(self) -> None:
        network = self._chosen
        if network is None or self._search:
            return
        shown_alone = bool(self._cards)
        self._forget()
        if shown_alone:  # what to ask comes first again
            self._show_running(False)
            self.tell("", "muted")
            return
        wanted = {name: self._ways[name].isChecked() for name in ("mdns", "broadcast")}
        span = self._span.answer if self._ways["scan"].isChecked() else ""
        heard = self._heard = deque()
        try:
            asked = {**wanted, "scan": span, "interface": network.interface}
            self._search = self._facade.find_printers(asked, heard.append, self._count)
        except SearchError as error:  # the network changed since it was looked at
            self.tell(plain(str(error)), "late")
            return
        self._bridge.run(self._search, partial(self._finished, self._search), partial(self._failed, self._search), self)
        self._show_running(True)
        self._timer.start()

    def _count(self, done: int, total: int) -> None:
        """On the engine's thread: one assignment, read by the timer."""
        self._progress = (done, total)

    def _forget(self) -> None:
        for card in self._cards.values():
            card.hide()
            card.deleteLater()
        self._cards.clear()
        self._lesson.hide()
        self._progress = (0, 0)

    @Slot()
    def _look(self) -> None:
        """Take in what was heard since."""
        while self._heard:
            self._show(self._heard.popleft())
        done, total = self._progress
        self._bar.setRange(0, total)  # 0, 0: nobody knows how long
        self._bar.setValue(done)
        words = tr("Asked {done} of {total} addresses.", done=done, total=total) if total else tr("Listening…")
        self.tell(tr("{words} Found: {n}", words=words, n=len(self._cards)), "muted")

    def _show(self, found: Found) -> None:
        where = f"{found.host}:{found.port}"
        words = [found.model, where] if found.name or found.model else [where]
        if where in self._known:
            words.append(tr("already here as {name}", name=self._known[where]))
        title = found.name or found.model or tr("A printer at {host}", host=found.host)
        sentence = " · ".join(filter(None, words))
        card = self._cards.get((found.host, found.port))
        if card is None:
            name = f"found-{found.host}-{found.port}"
            card = self._cards[found.host, found.port] = ChoiceCard(self._theme, name, title, sentence, "printer")
            self._list.addWidget(card)
        else:
            card.clicked.disconnect()
            card.describe(title, sentence)
        card.clicked.connect(partial(self._pick, found))

    def _finished(self, search: Future[list[Found]], found: list[Found]) -> None:
        if search is not self._search:
            return
        self._heard.extend(found)
        self._look()
        self._search = None
        self._show_running(False)
        self.tell(
            tr("Found: {n}. Press the one to add.", n=len(self._cards)) if self._cards else tr("Nothing answered."), "text"
        )
        self._teach()

    def _failed(self, search: Future[list[Found]], why: str) -> None:
        if search is self._search:
            self._search = None
            self._show_running(False)
            self.tell(plain(why), "late")

    def _teach(self) -> None:
        """An empty result is a question: what now?"""
        steps = [tr("Is the printer switched on, with its network cable in the same router as this computer?")]
        if not self._ways["scan"].isChecked():
            steps.append(tr("Most printers stay silent: tick Every address and start again."))
        steps.append(
            tr("Hold the feed button while switching it on: the page it prints names its address. Then type that in.")
        )
        steps.append(
            tr("An address that begins with other numbers than {range} is in another network.", range=self._span.answer)
        )
        self._lesson.setText("\n".join(f"• {step}" for step in steps))
        self._lesson.setVisible(not self._cards)

    @Slot()
    def _end(self) -> None:
        """Stop, and keep what was found."""
        if self._search:
            self._look()
            self._cancel()
            self._show_running(False)
            self.tell(tr("Stopped. Found: {n}", n=len(self._cards)), "muted")

    def _cancel(self) -> None:
        search, self._search = self._search, None
        if search:
            search.cancel()

    def _show_running(self, running: bool) -> None:
        if not running:
            self._timer.stop()
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._start.setVisible(not running)
        self._start.show_as(tr("Look again") if self._cards else tr("Start"), "new", "search")
        self._methods.setVisible(not running and not self._cards)

    def _pick(self, found: Found, *_: object) -> None:
        self.picked.emit(found)
        self.accept()

    def done(self, result: int) -> None:
        """However it closes, nobody goes on looking."""
        self._timer.stop()
        self._cancel()
        super().done(result)
