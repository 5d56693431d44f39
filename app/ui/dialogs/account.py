"""Add or change an account: a form drawn from the platform's own declaration, tested before it can be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.engine.views import AccountView, HealthState
from app.platforms.api import Arrival, FieldKind, Platform, PlatformError, SettingField, ShopInfo
from app.texts import N_, tr
from app.ui.bridge import Bridge, sentence
from app.ui.dialogs.certificate import CertificateEdit
from app.ui.dialogs.form import Field, FormWindow, SecretEdit, choice_edit, read_only_edit, text_edit
from app.ui.theme import Theme
from app.ui.widgets.arrival_panel import ArrivalPanel, about_platform, limits_of
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import TickBox
from app.ui.words import plain


class AccountDialog(FormWindow):
    """Save is possible only for exactly the settings that the platform accepted in a test.

    With a stored `account` it changes that one: blank secrets stay as they are, and what nobody touched needs no test.
    """

    def __init__(
        self,
        facade: Facade,
        bridge: Bridge,
        theme: Theme,
        parent: QWidget | None = None,
        account: AccountView | None = None,
    ) -> None:
        super().__init__(theme, "account-dialog", _title(account), parent)
        self._facade, self._bridge, self._account = facade, bridge, account
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self._proved: Mapping[str, str] | None = None
        self._attempt = 0
        self._fields: dict[str, Field] = {}
        self._learned: Mapping[str, str] = {}
        self._main, self._more, self._limits = QWidget(), QWidget(), QWidget()
        self._build_form()
        self._build_buttons()
        self._draw_platform()
        if account:
            self._fill_in_stored(account)
        self.resize(640, 680)

    # building

    def _build_form(self) -> None:
        choices = [(platform.name, tr(platform.title)) for platform in self._platforms.values()]
        self._platform = Field(self._theme, "account-platform", tr("Platform"), choice_edit(self._theme, choices))
        self._platform.edited.connect(self._draw_platform)
        self._name = Field(
            self._theme,
            "account-name",
            tr("Name on this console"),
            text_edit(),
            tr("For you and your staff. Left empty, it becomes the name the platform knows the shop by."),
        )
        self._auto = TickBox(self._theme, tr("Accept new orders by itself"))
        self._auto.setObjectName("account-auto-accept")
        self._fold = Button(
            self._theme, tr("More settings ▸"), name="account-advanced", action=self._fold_or_unfold, auto_default=False
        )
        self._address = Field(
            self._theme,
            "account-address",
            tr("Address of the platform"),
            text_edit(),
            tr("Only for a sandbox or a simulator. Leave it empty for the real platform."),
        )
        self._address.edited.connect(self._doubt)
        parts = (self._platform, self._main, self._name, self._auto, self._fold, self._more, self._address, self._limits)
        for part in parts:
            self.form.addWidget(part)
        self.form.addStretch(1)

    def _build_buttons(self) -> None:
        self.add_way_back()
        self._test = self.add_button("account-test", tr("Test"), glyph="cloud-up", action=self._ask_platform)
        self._save = self.add_button("account-save", tr("Save"), "ready", "check", self._keep)
        self._save.setEnabled(False)

    def _fill_in_stored(self, account: AccountView) -> None:
        """Show what is stored: the platform is what it was, auto-accept has its switch on the account's row."""
        self._platform.answer = account.platform
        for part in (self._platform, self._auto):
            part.hide()
        for declared in self._chosen.fields:
            if declared.kind is not FieldKind.SECRET:
                self._fields[declared.name].answer = account.settings.get(declared.name, declared.default)
        self._name.answer, self._address.answer = account.name, account.address
        if account.state is HealthState.SIGNED_OUT:
            self._refused(self._attempt, account.text)
        else:
            self._proved = {}
            self._save.setEnabled(True)
            self.tell("", "muted")

    @property
    def _chosen(self) -> Platform:
        return self._platforms[self._platform.answer]

    @Slot()
    def _draw_platform(self) -> None:
        """Replace the form by that of the chosen platform: what everyone needs first, the rest folded away."""
        self._doubt()
        self._learned = {}
        chosen = self._chosen
        self._auto.setVisible(chosen.arrival is not Arrival.NONE)
        self._fields = {declared.name: self._draw(declared) for declared in chosen.fields}
        needed = [field for field in chosen.fields if field.required and field.kind is not FieldKind.CODE]
        codes = [field for field in chosen.fields if field.kind is FieldKind.CODE]
        parts: list[QWidget] = [about_platform(self._theme, chosen, bool(self._account)), *self._arrival()]
        parts += self._drawn(needed)
        parts += [self._sign_in_row(), *self._drawn(codes)] if codes else []
        self._main = self._replace(self._main, parts)
        rest = [field for field in chosen.fields if field not in needed and field not in codes]
        self._more = self._replace(self._more, self._drawn(rest))
        self._limits = self._replace(self._limits, [limits_of(self._theme, chosen)])
        self._unfold(False)
        line = self._address.editor
        if isinstance(line, QLineEdit):
            line.setPlaceholderText(chosen.default_address)

    def _arrival(self) -> list[QWidget]:
        """Of a stored account: how its orders come, and the means to try it."""
        if self._account is None or self._account.platform != self._chosen.name:
            return []
        return [ArrivalPanel(self._facade, self._bridge, self._theme, self._account, self._chosen)]

    def _drawn(self, declared: Iterable[SettingField]) -> list[QWidget]:
        return [self._fields[field.name] for field in declared]

    def _replace(self, old: QWidget, parts: Iterable[QWidget]) -> QWidget:
        fresh = QWidget()
        layout = QVBoxLayout(fresh)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        for part in parts:
            layout.addWidget(part)
        self.form.replaceWidget(old, fresh)
        old.setParent(None)
        old.deleteLater()
        return fresh

    def _draw(self, declared: SettingField) -> Field:
        name = f"account-field-{declared.name}"
        editor: QWidget
        if declared.kind is FieldKind.CHOICE:
            editor = choice_edit(self._theme, [(choice, tr(choice)) for choice in declared.choices], declared.default)
        elif declared.kind is FieldKind.SECRET:
            editor = SecretEdit(self._theme, name, tr("unchanged") if self._account else "")
        elif declared.kind is FieldKind.CERTIFICATE:
            editor = CertificateEdit(self._theme, name)
        else:
            editor = text_edit(declared.default)
        label = tr(declared.label) if declared.required else tr("{label} (optional)", label=tr(declared.label))
        field = Field(self._theme, name, label, editor, tr(declared.help) if declared.help else "")
        field.edited.connect(self._doubt)
        return field

    def _sign_in_row(self) -> QWidget:
        """The way to the code: a page to open here or, by its address, on another device."""
        open_page = Button(
            self._theme,
            tr("Open sign-in page"),
            "new",
            "search",
            name="account-sign-in",
            action=self._open_page,
            auto_default=False,
        )
        copy = Button(
            self._theme,
            tr("Copy address"),
            glyph="copy",
            name="account-copy-link",
            action=self._copy_link,
            auto_default=False,
        )
        self._link = read_only_edit(hint=tr("The address of the sign-in page will stand here."))
        self._link.setObjectName("account-link")
        whole = QWidget()
        row, column = QHBoxLayout(), QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        row.addWidget(open_page)
        row.addWidget(copy)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._link)
        return whole

    # doing

    @Slot()
    def _fold_or_unfold(self) -> None:
        self._unfold(self._address.isHidden())

    def _unfold(self, shown: bool) -> None:
        """Show or hide what most people never need."""
        self._more.setVisible(shown)
        self._address.setVisible(shown)
        self._fold.show_as(tr("Fewer settings ▾") if shown else tr("More settings ▸"), "button")

    @Slot()
    def _open_page(self) -> None:
        if page := self._sign_in_page():
            QDesktopServices.openUrl(QUrl(page))

    @Slot()
    def _copy_link(self) -> None:
        if page := self._sign_in_page():
            QGuiApplication.clipboard().setText(page)

    def _sign_in_page(self) -> str:
        """The platform's sign-in page for what is filled in so far; "" (and a complaint) when something is missing."""
        if not self._complete(codes=False):
            return ""
        try:
            page = self._facade.sign_in_page(self._chosen.name, self._values(), self._address.answer)
        except (PlatformError, ValueError, KeyError) as error:
            self.tell(sentence(error), "late")
            return ""
        self._link.setText(page)
        self._link.setCursorPosition(0)
        if QUrl(page).scheme() not in ("https", "http"):
            self.tell(tr("This platform has no sign-in page."), "late")
            return ""
        return page

    @Slot()
    def _ask_platform(self) -> None:
        """Sign in with what is filled in, without saving it."""
        if not self._complete():
            return
        self._doubt()
        self._test.setEnabled(False)
        self.tell(tr("Asking {platform}…", platform=tr(self._chosen.title)), "muted")
        attempt = self._attempt
        stored = self._account.id if self._account else None
        asked = self._facade.test_account(self._chosen.name, self._values(), self._address.answer, stored)
        self._bridge.run(asked, partial(self._accepted, attempt), partial(self._refused, attempt), self)

    def _accepted(self, attempt: int, shop: ShopInfo) -> None:
        self._test.setEnabled(True)
        if attempt != self._attempt:
            return
        self._proved = shop.values or self._values()
        self._fill_in(self._proved)
        if not self._name.answer:
            self._name.answer = plain(shop.title)
        voice = self._chosen.arrival is Arrival.NONE
        words = (
            N_("Ready: {shop}. Save to let it be asked.")
            if voice
            else N_("Signed in as {shop}. Save to start taking its orders.")
        )
        self.tell(tr(words, shop=plain(shop.title)), "ready")
        self._save.setEnabled(True)

    def _fill_in(self, learned: Mapping[str, str]) -> None:
        """Show what signing in filled in. A code is used up, so a second test goes on what the first one learned."""
        self._learned = {name: value for name, value in learned.items() if name not in self._fields}
        for declared in self._chosen.fields:
            field = self._fields[declared.name]
            with QSignalBlocker(field):
                field.answer = "" if declared.kind is FieldKind.CODE else learned.get(declared.name, field.answer)

    def _refused(self, attempt: int, why: str) -> None:
        self._test.setEnabled(True)
        if attempt == self._attempt:
            self.tell(tr("{platform} says: {why}", platform=tr(self._chosen.title), why=plain(why)), "late")

    @Slot()
    def _keep(self) -> None:
        if self._proved is None or not self._name.require():
            return
        self._save.setEnabled(False)
        name, address = self._name.answer, self._address.answer
        saved: Future[Any]
        if self._account:
            saved = self._facade.change_account(self._account.id, name, self._proved, address)
        else:
            saved = self._facade.add_account(self._chosen.name, name, self._proved, address, self._auto.isChecked())
        self._bridge.run(saved, lambda _: self.accept(), self._not_saved, self)

    def _not_saved(self, why: str) -> None:
        self._save.setEnabled(True)
        self.tell(tr("Not saved: {why}", why=plain(why)), "late")

    @Slot()
    def _doubt(self) -> None:
        """What was proved is no longer what stands in the form."""
        self._attempt += 1
        self._proved = None
        self._save.setEnabled(False)
        self._test.setEnabled(True)
        self.tell(tr("Press Test. What the platform accepts can then be saved."), "muted")

    def _values(self) -> dict[str, str]:
        """What stands in the form, on top of what an earlier test learned."""
        return {**self._learned} | {name: field.answer for name, field in self._fields.items()}

    def _complete(self, codes: bool = True) -> bool:
        """Whether every required field is answered and every number is one; those that are not say so."""
        wrong = []
        for declared in self._chosen.fields:
            field = self._fields[declared.name]
            needed = declared.required and not self._spared(declared, codes)
            if (needed and not field.require()) or (declared.kind is FieldKind.NUMBER and not self._is_number(field)):
                wrong.append(declared)
        if any(not declared.required for declared in wrong):
            self._unfold(True)
        if wrong:
            self._fields[wrong[0].name].editor.setFocus()
        return not wrong

    def _spared(self, declared: SettingField, codes: bool) -> bool:
        """Whether a required field may stay blank: a code that is used up, a secret that is stored."""
        if declared.kind is FieldKind.CODE:
            return bool(self._account or self._learned or not codes)
        return declared.kind is FieldKind.SECRET and self._account is not None

    def _is_number(self, field: Field) -> bool:
        fine = not field.answer or field.answer.isdecimal()
        if not fine:
            field.complain(tr("Only digits belong here."))
        return fine


def _title(account: AccountView | None) -> str:
    if account is None:
        return tr("Add an account")
    name = plain(f"{account.title} {account.name}")
    return tr("Sign in again: {name}" if account.state is HealthState.SIGNED_OUT else "Change account {name}", name=name)
