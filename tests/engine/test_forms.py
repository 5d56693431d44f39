"""The shop's own forms of paper: checked when saved, and never between a kitchen and its ticket."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.db import stations
from app.domain.lifecycle import Kitchen
from app.domain.tickets import TicketKind
from app.engine.desk import RefusalError
from app.engine.forms import form_of
from app.engine.stations import save_form
from app.printing import standard_templates
from tests.engine.shop import NOON, Shop, report

MINE = json.dumps({"name": "mine", "kind": "kitchen", "title": {"zh": "我的", "en": "Mine"}, "blocks": [{"type": "dishes"}]})


def test_a_form_of_the_shops_is_used_where_a_station_names_it(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    ticket = counter.tickets[0].ticket
    save_form(counter.connection, "mine", MINE)

    assert form_of(counter.connection, ticket) == standard_templates()["kitchen"]
    assert form_of(counter.connection, replace(ticket, template="mine")).name == "mine"
    assert form_of(counter.connection, replace(ticket, template="mine", kind=TicketKind.VOID)).name == "void"


def test_a_form_over_a_shipped_one_is_used_until_it_is_taken_away(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    ticket = counter.tickets[0].ticket
    save_form(counter.connection, "kitchen", MINE)
    save_form(counter.connection, "kitchen", MINE)
    assert form_of(counter.connection, ticket).title.zh == "我的"
    save_form(counter.connection, "kitchen", "")

    assert form_of(counter.connection, ticket) == standard_templates()["kitchen"]
    assert stations.forms(counter.connection) == {}


@pytest.mark.parametrize("body", ["{", "[]", MINE.replace("dishes", "dishwasher"), MINE.replace('"kitchen"', '"kitchn"')])
def test_what_cannot_be_printed_is_refused_and_the_old_one_stays(counter: Shop, body: str) -> None:
    save_form(counter.connection, "mine", MINE)
    with pytest.raises(RefusalError, match=r"\w"):
        save_form(counter.connection, "mine", body)

    assert stations.forms(counter.connection) == {"mine": MINE}


def test_a_form_that_another_release_wrote_gives_way_to_the_shipped_one(
    counter: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    stations.save_form(counter.connection, "kitchen", MINE.replace("dishes", "hologram"), NOON)

    assert form_of(counter.connection, counter.tickets[0].ticket) == standard_templates()["kitchen"]
    assert "template_not_read" in caplog.text
