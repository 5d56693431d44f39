"""Adding and changing printers: nothing half stored, secrets sealed, stations given what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.db import printers, stations
from app.db.database import Database
from app.domain.routing import Station
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.devices import keep_learned, settings_of
from app.engine.printer_setup import PrinterSetup
from app.engine.secrets import Vault, VaultError
from app.engine.views import PrinterForm
from app.practice.printer import VirtualPrinter
from app.printing.kinds import KINDS
from tests.engine.shop import house

LAN = PrinterForm("hot", settings={"host": "127.0.0.1", "port": "9100"})
CLOUD = next(kind for kind in KINDS.values() if any(one.secret for one in kind.fields))
SECRET = next(one.name for one in CLOUD.fields if one.secret)


class Office:
    """The set-up over a real store; remembers whose worker was started anew."""

    def __init__(self, store: Database, vault: Vault) -> None:
        self.store, self.vault = store, vault
        self.restarted: list[int] = []
        self.setup = PrinterSetup(store, house(), Bell(), vault, self._restart)

    async def _restart(self, printer_id: int) -> None:
        self.restarted.append(printer_id)

    @property
    def stations(self) -> list[tuple[str, int | None, int | None, bool]]:
        found = self.store.read(stations.every)
        return [(one.name, one.printer_id, one.backup_id, one.default) for one in found]


@pytest.fixture
def office(store: Database, vault: Vault) -> Office:
    return Office(store, vault)


def cloud(**values: str) -> PrinterForm:
    given = {one.name: "x1" for one in CLOUD.fields if one.required} | values
    return PrinterForm("cloud", CLOUD.name, given, CLOUD.dialects[0])


async def test_the_first_printer_prints_everything_and_later_ones_what_they_are_given(office: Office) -> None:
    first = await office.setup.save(LAN, {})
    second = await office.setup.save(replace(LAN, name="bar"), {})
    third = await office.setup.save(replace(LAN, name="bags"), {}, station="Bags")

    ((name, *_), *_) = office.stations
    assert office.stations == [(name, first, None, True), ("Bags", third, None, False)]
    assert office.restarted == [first, second, third]


async def test_a_station_of_that_name_gets_the_printer_as_its_own_then_as_its_backup(office: Office) -> None:
    office.store.write_now(stations.save, Station(0, "Bar"))
    for name in ("one", "two", "three"):
        await office.setup.save(replace(LAN, name=name), {}, station="bar")

    assert office.stations == [("Bar", 1, 2, False)]


async def test_a_new_station_is_the_default_where_there_is_none(office: Office) -> None:
    office.store.write_now(stations.save, Station(0, "bags"))
    await office.setup.save(LAN, {}, station="hot")

    assert office.stations == [("bags", None, None, False), ("hot", 1, None, True)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": " hot "}, "already a printer"),
        ({"kind": "pigeon"}, "no printers of kind"),
        ({"name": "bar", "dialect": "klingon"}, "does not speak"),
        ({"name": "bar", "settings": {"host": " "}}, "fill in"),
    ],
)
async def test_what_cannot_work_is_refused_in_words_and_not_stored(
    office: Office, fields: dict[str, Any], words: str
) -> None:
    await office.setup.save(LAN, {})
    with pytest.raises(RefusalError, match=words):
        await office.setup.save(replace(LAN, **fields), {})

    assert [one.name for one in office.store.read(printers.every)] == ["hot"]


async def test_secrets_are_sealed_and_blank_ones_stay(office: Office) -> None:
    stored = await office.setup.save(cloud(**{SECRET: "s3cret"}), {})
    office.store.write_now(keep_learned, office.vault, stored, {"token": "t0ken"})
    await office.setup.save(cloud(**{SECRET: "  "}), {}, stored)
    printer = office.store.read(printers.get, stored)

    assert not {"s3cret", "t0ken"} & {*printer.settings.values()}
    assert "s3cret" not in repr(printer)
    opened = settings_of(office.vault, printer)
    assert (opened[SECRET], opened["token"]) == ("s3cret", "t0ken")


async def test_another_kind_of_printer_inherits_no_secret(office: Office) -> None:
    stored = await office.setup.save(cloud(**{SECRET: "s3cret"}), {})
    await office.setup.save(replace(LAN, name="cloud"), {}, stored)
    printer = office.store.read(printers.get, stored)

    assert (printer.kind, printer.sealed) == ("lan", None)
    with pytest.raises(RefusalError, match="fill in"):
        await office.setup.save(replace(cloud(), settings={}), {}, stored)


async def test_a_secret_opens_only_for_its_own_printer(office: Office) -> None:
    stored = await office.setup.save(cloud(**{SECRET: "s3cret"}), {})
    other = replace(office.store.read(printers.get, stored), id=stored + 1)
    with pytest.raises(VaultError):
        settings_of(office.vault, other)


async def test_a_settings_page_tells_what_the_printer_can_do_and_stores_nothing(office: Office) -> None:
    printer = VirtualPrinter()
    port = await printer.start()
    try:
        found = await office.setup.try_out(replace(LAN, settings={"host": "127.0.0.1", "port": str(port)}))
    finally:
        await printer.stop()

    assert (found.printed, found.profile["acknowledges"], len(printer.paper)) == (True, "process_id", 1)
    assert (office.store.read(printers.every), office.restarted) == ([], [])


async def test_nobody_at_the_address_is_said_in_words(office: Office) -> None:
    printer = VirtualPrinter()
    port = await printer.start()
    await printer.stop()
    found = await office.setup.try_out(replace(LAN, settings={"host": "127.0.0.1", "port": str(port)}))

    assert not found.printed
    assert found.text


async def test_switching_off_and_on_keeps_all_that_is_known(office: Office) -> None:
    stored = await office.setup.save(LAN, {"acknowledges": "process_id"})
    before = office.store.read(printers.get, stored)
    await office.setup.switch(stored, enabled=False)
    assert not office.store.read(printers.get, stored).enabled
    await office.setup.switch(stored, enabled=True)

    assert office.store.read(printers.get, stored) == before
    assert office.restarted == [stored] * 3
