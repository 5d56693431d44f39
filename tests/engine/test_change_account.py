"""Changing what is set up: a dead sign-in comes back to life in place, a printer moves, and no order is stored twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from app.__main__ import main
from app.bootstrap import open_engine
from app.config import DataFolder
from app.db import accounts, printers
from app.db.accounts import Account
from app.db.database import Database
from app.engine.answers import checked, require_same_shop, typed
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.printer_setup import PrinterSetup
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.setup import Setup
from app.engine.vaulted import keep_secrets, settings_of
from app.engine.views import AccountView, HealthState, PrinterForm
from app.platforms import eleme, hubrise
from app.platforms.api import AuthError, FieldKind, SettingField, ShopInfo, TemporaryError
from app.platforms.eleme import simulator as eleme_side
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.hubrise.sign_in import SCOPE
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.simulation import Simulator
from app.practice.printer import VirtualPrinter
from tests.engine.shop import FakeConnector, FakeWire, house, open_account, open_printer, platform, until

T = TypeVar("T")
NEW_SECRET = "rotated-secret-0002"


@dataclass
class Counter:
    """A running engine on a folder that the command line can open too."""

    engine: Engine
    folder: DataFolder
    key_file: Path

    @property
    def view(self) -> AccountView:
        (view,) = self.engine.facade.accounts()
        return view

    @property
    def numbers(self) -> list[str]:
        return sorted(card.call_number for card in self.engine.facade.search("", 1000))

    def stored(self, account_id: int) -> tuple[Account, Mapping[str, str]]:
        vault = Vault.open(self.folder, self.key_file)
        store = Database.attach(self.folder.database, vault.database_key)
        try:
            account = store.read(accounts.get, account_id)
        finally:
            store.close()
        return account, settings_of(vault, account)

    async def types(self, *words: str) -> int:
        """The command line beside the running engine."""
        return await asyncio.to_thread(main, [*words, *self.where])

    @property
    def where(self) -> list[str]:
        return ["--data", str(self.folder.root), "--key-file", str(self.key_file)]

    async def opens(self, simulator: Simulator) -> int:
        """An account that works, with one order on the queue."""
        facade = self.engine.facade
        tested = await answer(facade.test_account(simulator.name, simulator.credentials, simulator.address))
        account_id = await answer(facade.add_account(simulator.name, "Shop", tested.values, simulator.address))
        simulator.place()
        await until(lambda: len(self.numbers) == 1 and self.view.state is HealthState.OK)
        return account_id

    async def signed_out(self) -> None:
        await until(lambda: self.view.state is HealthState.SIGNED_OUT)

    async def well_again(self, simulator: Simulator) -> None:
        """Signed in at once, not a minute later; the old order once, and new ones arrive."""
        await until(lambda: self.view.state is HealthState.OK)
        simulator.place()
        await until(lambda: len(self.numbers) == 2)
        assert len(set(self.numbers)) == 2


async def answer(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    folder, key_file = DataFolder(tmp_path / "shop").create(), tmp_path / "key"
    engine = open_engine(folder, Vault.open(folder, key_file), poll_seconds=0.05)
    engine.start()
    yield Counter(engine, folder, key_file)
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def ele() -> AsyncIterator[ElemeSimulator]:
    simulator = ElemeSimulator(seed=3)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def hub() -> AsyncIterator[HubRiseSimulator]:
    simulator = HubRiseSimulator(seed=3, speed=1000.0)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def rotate(ele: ElemeSimulator, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The owner resets the app's secret at the platform: what the console knows is dead."""

    def turn() -> None:
        monkeypatch.setattr(eleme_side, "SECRET", NEW_SECRET)
        ele.tokens.secret = NEW_SECRET
        ele.tokens.access.clear()

    return turn


@pytest.mark.usefixtures("caplog")  # the sign-in that dies is a warning in the log
async def test_a_new_secret_brings_a_dead_account_back_with_its_orders(
    counter: Counter, ele: ElemeSimulator, rotate: Callable[[], None]
) -> None:
    account_id = await counter.opens(ele)
    cursor = counter.stored(account_id)[0].cursor
    rotate()
    await counter.signed_out()

    facade, form = counter.engine.facade, {**counter.view.settings, "secret": NEW_SECRET}
    tested = await answer(facade.test_account("eleme", form, ele.address, account_id))
    await answer(facade.change_account(account_id, "New name", tested.values, ele.address))

    account, values = counter.stored(account_id)
    assert (account.name, values["secret"], values["app_key"]) == ("New name", NEW_SECRET, ele.credentials["app_key"])
    assert account.cursor
    assert json.loads(account.cursor).keys() == json.loads(cursor).keys()
    await counter.well_again(ele)


@pytest.mark.usefixtures("caplog")
async def test_a_wrong_secret_is_refused_and_the_old_one_goes_on(counter: Counter, ele: ElemeSimulator) -> None:
    account_id = await counter.opens(ele)
    before = counter.stored(account_id)[1]
    with pytest.raises(AuthError):
        await answer(counter.engine.facade.test_account("eleme", {"secret": "wrong"}, ele.address, account_id))
    assert counter.stored(account_id)[1] == before
    await counter.well_again(ele)


async def test_a_stored_secret_never_comes_back(counter: Counter, ele: ElemeSimulator) -> None:
    account_id = await counter.opens(ele)
    form = {**counter.view.settings, "secret": "", "code": ""}
    tested = await answer(counter.engine.facade.test_account("eleme", form, ele.address, account_id))
    assert ele.credentials["secret"] not in tested.values.values()
    assert "secret" not in counter.view.settings
    assert "access_token" not in tested.values

    await answer(counter.engine.facade.change_account(account_id, "", {**tested.values, "secret": " "}, ele.address))
    account, values = counter.stored(account_id)
    assert (account.name, values["secret"]) == ("Shop", ele.credentials["secret"])


@pytest.mark.usefixtures("caplog")
async def test_a_revoked_sign_in_is_renewed_by_a_code_alone(counter: Counter, hub: HubRiseSimulator) -> None:
    account_id = await counter.opens(hub)
    hub.door.revoke(hub.credentials["access_token"])
    await counter.signed_out()

    query = {
        "client_id": hub.door.client_id,
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
        "scope": SCOPE,
        "device_id": "another",
    }
    form = {**counter.view.settings, "client_secret": "", "access_token": "", "code": hub.door.authorize(query)}
    facade = counter.engine.facade
    tested = await answer(facade.test_account("hubrise", form, hub.address, account_id))
    await answer(facade.change_account(account_id, "Shop", tested.values, hub.address))

    _, values = counter.stored(account_id)
    assert values["access_token"] != hub.credentials["access_token"]
    assert values["client_secret"] == hub.door.client_secret
    assert "code" not in values
    await counter.well_again(hub)


# the rules of a form


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"location_id": "b", "location_name": "Other"}, True),
        ({"location_id": "a", "location_name": "Renamed"}, False),
        ({"location_id": "b", "location_name": "Shop"}, False),
        ({"access_token": "new"}, False),
        ({}, False),
    ],
)
def test_only_certainly_another_shop_is_refused(told: dict[str, str], refused: bool) -> None:
    stored = {"location_id": "a", "location_name": "Shop", "access_token": "old"}
    info = ShopInfo("Other", told)
    require_same_shop(hubrise.platform, {}, info)
    if refused:
        with pytest.raises(RefusalError, match="another shop"):
            require_same_shop(hubrise.platform, stored, info)
    else:
        require_same_shop(hubrise.platform, stored, info)


def test_blank_secrets_are_kept_and_blank_open_fields_are_cleared() -> None:
    stored = {"app_key": "k", "secret": "s", "shop_id": "7", "access_token": "t"}
    blank = {"app_key": "k", "secret": " ", "shop_id": "", "code": ""}
    known = checked(eleme.platform, blank, stored)
    assert (known["secret"], known["shop_id"], known["access_token"]) == ("s", "", "t")
    assert typed(eleme.platform, blank) == {"app_key": "k", "shop_id": ""}


def test_a_required_field_cannot_be_cleared_and_a_code_is_not_asked_for_twice() -> None:
    fields = (SettingField("client", "Client"), SettingField("code", "Code", kind=FieldKind.CODE))
    cafe = platform(fields=fields)
    assert checked(cafe, {"client": "new"}, {"client": "old"})["client"] == "new"
    with pytest.raises(RefusalError, match="Code"):
        checked(cafe, {"client": "new"}, {})
    with pytest.raises(RefusalError, match="Client"):
        checked(cafe, {"client": ""}, {"client": "old"})


# with nothing running


@pytest.fixture
def setup(store: Database, vault: Vault, wire: FakeWire) -> Setup:
    async def nothing_runs(_: int) -> None:
        return

    fields = (SettingField("shop", "Shop"), SettingField("key", "Key", kind=FieldKind.SECRET))
    rules = house()
    rules = replace(rules, platforms={"fake": platform(fields=fields)})
    return Setup(store, rules, Bell(), vault, nothing_runs)


async def test_a_token_renewed_between_test_and_save_stays(setup: Setup, store: Database, vault: Vault) -> None:
    account_id = await setup.add_account("fake", "Shop", {"shop": "1", "key": "k", "token": "old"}, "", False)
    tested = await setup.test_account("fake", {"key": "k2"}, "", account_id)
    await store.write(keep_secrets, vault, platform(), account_id, {"token": "renewed"})
    await setup.change_account(account_id, "Shop", tested.values, "")
    values = settings_of(vault, store.read(accounts.get, account_id))
    assert (values["key"], values["token"], values["shop"]) == ("k2", "renewed", "1")


@pytest.mark.parametrize(
    ("typed", "token"), [({}, "renewed"), ({"shop": "1"}, "renewed"), ({"key": "k2"}, "old"), ({"address": "x"}, "old")]
)
async def test_what_a_test_renewed_outlives_it_unless_something_else_was_tested(
    setup: Setup, store: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch, typed: Mapping[str, str], token: str
) -> None:
    async def renew(self: FakeConnector) -> ShopInfo:
        await self.settings.save({"token": "renewed"})
        raise TemporaryError("busy")  # and nobody will save this

    monkeypatch.setattr(FakeConnector, "verify", renew)
    account_id = await setup.add_account("fake", "Shop", {"shop": "1", "key": "k", "token": "old"}, "", False)
    with pytest.raises(TemporaryError):
        await setup.test_account("fake", typed, typed.get("address", ""), account_id)
    assert settings_of(vault, store.read(accounts.get, account_id))["token"] == token


async def test_an_account_or_platform_that_is_not_there_is_refused(setup: Setup, store: Database) -> None:
    gone = await store.write(open_account, platform="gone")
    for wrong in (gone.id, gone.id + 1):
        with pytest.raises(RefusalError):
            await setup.change_account(wrong, "x", {}, "")


# printers


async def test_a_printer_moves_and_is_asked_anew_what_it_can_acknowledge(counter: Counter) -> None:
    first, second = VirtualPrinter(ack="process_id"), VirtualPrinter(ack="none")
    facade = counter.engine.facade
    await first.start()
    await second.start()
    form = PrinterForm("Hot", settings={"host": first.host, "port": str(first.port)})
    printer_id = await answer(facade.save_printer(form, {}, station="hot"))
    await until(lambda: facade.printers()[0].acknowledges == "process_id")

    form = PrinterForm("Cold", settings={"host": second.host, "port": str(second.port)}, paper="58")
    await answer(facade.save_printer(form, {}, printer_id))
    await until(lambda: facade.printers()[0].acknowledges not in ("", "process_id"))
    (view,) = facade.printers()
    assert (view.id, view.name, view.station, view.width) == (printer_id, "Cold", "hot", 58)
    assert view.address == f"{second.host}:{second.port}"
    await answer(facade.set_printer(printer_id, False))  # nobody looks at it while it goes away
    await first.stop()
    await second.stop()


async def test_a_printers_name_is_its_own(store: Database, vault: Vault) -> None:
    async def restart(_: int) -> None:
        return

    setup = PrinterSetup(store, house(), Bell(), vault, restart)
    one, two = [await store.write(open_printer, name) for name in ("one", "two")]
    await store.write(printers.change, one, profile={"acknowledges": "status"})
    moved = PrinterForm("one", settings={"host": "192.0.2.1", "port": "9101"})
    await setup.save(moved, {}, one)
    with pytest.raises(RefusalError, match="already"):
        await setup.save(moved, {}, two)
    kept = store.read(printers.every)
    found = [(each.name, each.settings["port"], each.profile) for each in kept]
    assert found == [("one", "9101", None), ("two", "9100", None)]


# the command line


@pytest.mark.usefixtures("caplog")
async def test_the_command_line_signs_in_again(
    counter: Counter,
    ele: ElemeSimulator,
    rotate: Callable[[], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account_id = str(await counter.opens(ele))
    rotate()
    await counter.signed_out()
    secret = tmp_path / "secret"
    secret.write_text(NEW_SECRET + "\n")

    assert await counter.types("account", "change", account_id, "--set", "secret=wrong") == 1
    assert await counter.types("account", "change", account_id, "--set", f"secret=@{secret}", "--name", "Again") == 0
    said = capsys.readouterr()
    assert said.out.strip() == account_id
    assert "签名错误" in said.err  # the platform's own words
    await counter.well_again(ele)
    assert counter.view.name == "Again"


async def test_the_command_line_switches_without_asking_the_platform(counter: Counter, ele: ElemeSimulator) -> None:
    account_id = str(await counter.opens(ele))
    await ele.stop()
    assert await counter.types("account", "change", account_id, "--off", "--auto-accept", "yes") == 0
    assert (counter.view.enabled, counter.view.auto_accept, counter.view.name) == (False, True, "Shop")
    assert await counter.types("account", "change", account_id, "--name", "Closed", "--auto-accept", "no") == 0
    assert (counter.view.enabled, counter.view.auto_accept, counter.view.name) == (False, False, "Closed")


async def test_the_command_line_says_what_is_wrong(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    assert await counter.types("account", "change", "1") == 1
    assert "what to change" in capsys.readouterr().err
    assert await counter.types("account", "change", "99", "--off") == 1
    assert "no account 99" in capsys.readouterr().err


@pytest.mark.usefixtures("caplog")
async def test_the_command_line_changes_a_shop_that_is_closed(
    counter: Counter, ele: ElemeSimulator, rotate: Callable[[], None]
) -> None:
    account_id = await counter.opens(ele)
    await asyncio.to_thread(counter.engine.stop)
    rotate()
    assert await counter.types("account", "change", str(account_id), "--set", f"secret={NEW_SECRET}") == 0
    account, values = counter.stored(account_id)
    assert (values["secret"], account.address, account.name) == (NEW_SECRET, ele.address, "Shop")


async def test_a_shop_is_connected_once(setup: Setup) -> None:
    first = await setup.test_account("fake", {"shop": "1", "key": "k"}, "")
    await setup.add_account("fake", first.title, first.values, "", False)
    with pytest.raises(RefusalError, match=first.title):
        await setup.test_account("fake", {"shop": "1", "key": "k"}, "")
    await setup.test_account("fake", {"shop": "1", "key": "k"}, "http://127.0.0.1:1")


@pytest.mark.parametrize(("field", "wrong"), [("minutes", "abc"), ("minutes", "-5"), ("minutes", "nan"), ("kind", "theirs")])
def test_an_impossible_answer_is_named(field: str, wrong: str) -> None:
    fields = (
        SettingField("minutes", "Minutes", kind=FieldKind.NUMBER, required=False),
        SettingField("kind", "Kind", kind=FieldKind.CHOICE, default="own", choices=("own", "service")),
    )
    assert checked(platform(fields=fields), {"minutes": "2.5"}, {}) == {"minutes": "2.5", "kind": "own"}
    with pytest.raises(RefusalError, match=wrong):
        checked(platform(fields=fields), {field: wrong}, {})
