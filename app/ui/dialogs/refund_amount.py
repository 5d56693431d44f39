"""An amount of money as people type it, and the field that they type it into."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.money import Money, exponent
from app.texts import tr
from app.ui.widgets.button import HEIGHT
from app.ui.widgets.panel import plain_label


class AmountError(ValueError):
    """Why this is no amount to give back, in words for staff; "" while nobody filled it in."""


def read_amount(text: str, currency: str) -> Money:
    """An amount as people type it: full-width digits, a comma or 。 for the point. AmountError says what is wrong."""
    typed = unicodedata.normalize("NFKC", text).strip().replace("。", ".").lstrip("¥€£$").strip()
    typed = typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed
    whole, _, rest = typed.partition(".")
    if not (whole + rest).isdecimal() or len(whole) > 12:
        raise AmountError(tr("Write an amount such as {example}.", example=_example(currency)))
    if len(rest) > exponent(currency):
        raise AmountError(tr("{currency} has {n} digits after the point.", currency=currency, n=exponent(currency)))
    amount = Money.parse(f"{whole or 0}.{rest or 0}", currency)
    if amount.minor <= 0:
        raise AmountError(tr("The amount must be more than nothing."))
    return amount


class AmountPart(QWidget):
    """The currency and a line to type into; `changed` with every letter."""

    changed = Signal()

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency
        self._line = QLineEdit()
        self._line.setObjectName("refund-amount")
        self._line.setAccessibleName(tr("Amount to give back"))
        self._line.setMaxLength(16)
        self._line.setMinimumHeight(HEIGHT)
        self._line.setPlaceholderText(_example(currency))
        self._line.textChanged.connect(self.changed)
        self.setFocusProxy(self._line)
        row = QHBoxLayout()
        row.addWidget(plain_label(currency, 17, bold=True))
        row.addWidget(self._line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addStretch(1)

    @property
    def amount(self) -> Money:
        """What was typed; AmountError where that is no amount."""
        if not self._line.text().strip():
            raise AmountError("")
        return read_amount(self._line.text(), self._currency)


def _example(currency: str) -> str:
    return str(Money(5 * 10 ** exponent(currency), currency).major)
