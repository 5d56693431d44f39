"""Before a redeemed voucher is taken back: which one, what it is worth, and what that means for the customer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.engine.shop_views import Redemption
from app.texts import tr
from app.ui.dialogs.question import Question, label
from app.ui.theme import Theme
from app.ui.vouchers import brief, spoken


class TakeBack(Question):
    """`accepted` when a person says so. The way back has the Enter key: a hurried press takes nothing back."""

    def __init__(self, theme: Theme, one: Redemption, title: str, parent: QWidget) -> None:
        super().__init__(theme, tr("Take this voucher back?"), tr("Take back"), "late", parent)
        self.setObjectName("voucher-take-back")
        for text, bold in (
            (brief(one), True),
            (" · ".join(filter(None, (title, spoken(one.code)))), False),
            (tr("It can be used again then. Take it back only if nothing was served for it."), False),
        ):
            self.body.addWidget(label(text, 17, bold))
        self.confirm.setObjectName("voucher-take-back-confirm")
        self.confirm.setEnabled(True)
        self.confirm.setAutoDefault(False)
        self.confirm.clicked.connect(self.accept)
        self.back.setDefault(True)
        self.back.setFocus()
