"""When the customer wants the food: read in every common form, and never silently taken for "as soon as possible"."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.orders import Fulfilment, OrderFacts
from app.platforms.api import Message
from app.platforms.woocommerce.wanted import LONGEST, MONTH_FIRST, zone_of
from app.platforms.woocommerce.written import Written, read

from .conftest import offline

Load = Callable[..., Message]
TODAY = date(2026, 1, 1)
SATURDAY, HALF_PAST_SIX = date(2026, 1, 3), time(18, 30)


def facts(message: Message, **settings: str) -> OrderFacts:
    (update,) = offline(**settings).read(message)
    assert update.facts is not None
    return update.facts


@pytest.fixture
def saying(message: Load) -> Callable[..., OrderFacts]:
    """The facts of an order, placed in Paris on 2026-01-01 at 12:00:05 unless changed, whose add-on wrote `meta`."""

    def load(meta: dict[str, Any], changed: dict[str, Any] | None = None, **settings: str) -> OrderFacts:
        rows = [{"key": key, "value": value} for key, value in meta.items()]
        return facts(message("order_placed", meta_data=rows, **(changed or {})), **settings)

    return load


Saying = Callable[..., OrderFacts]

# -- words


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-03 18:30",
        "2026-01-03T18:30:00",
        "2026/01/03 6:30 pm",
        "20260103 1830/1900",
        "2026-01-03 18:30-19:00",
        "Table 5, 2026-01-03 18:30",
        "2026-01-03 #3 18:30 - 19:00",
        "2026-01-03, 2 persons, 18:30",
        "2026-01-03 18:30 -- 19",
        "2026-01-03 18:30-1900",
        "2026-01-03 18:30:00-19:00:00",
        "2026-01-03T18:30:00-19:00:00",
        "202601031830",
        "03/01/2026 18:30 - 19:00",
        "03/01/2026 18.30 - 19.00",
        "03/01/2026 6:30 - 7:00 PM",
        "03.01.26 18h30",
        "3. 1. 2026 18:30",
        "Saturday, January 3, 2026 6:30 PM",
        "Jan 3rd, 2026 18:30",
        "3-Jan-2026 18:30",
        "samedi 3 janvier 2026 18 h 30",
        "3. Januar 2026 18:30 Uhr",
        "3 de enero de 2026 6:30 p. m.",
        "3 Gennaio 2026 18:30",
        "3 de janeiro de 2026 18:30",
        "3 januari 2026 18u30",
        "3 stycznia 2026 18:30",
        "3. ledna 2026 18:30",
        "2026. január 3. 18:30",
        "3 ianuarie 2026 18:30",
        "3 Ocak 2026 18.30",
        "3 января 2026 г. 18:30",
        "3 Ιανουαρίου 2026 6:30 μ.μ.",
        "3 يناير، 2026 18:30",
        "3 בינואר 2026 18:30",
        "3 Tháng 1, 2026 18:30",
        "2026年1月3日 下午6点30分",
        "1月3日 晚上6点半",
        "2026년 1월 3일 오후 6시 30분",
        "Sat 3 Jan, 18:30",
        "３ janvier 2026 １８：３０",
    ],
)
def test_a_day_and_a_time_in_the_forms_of_addons_and_languages(text: str) -> None:
    assert read(text, True, TODAY) == Written(SATURDAY, HALF_PAST_SIX)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("10 AM", 10, 0),
        ("12 am", 0, 0),
        ("12pm", 12, 0),
        ("6 PM - 7 PM", 18, 0),
        ("6-7 PM", 18, 0),
        ("11:30 - 1:00 PM", 11, 30),
        ("12 - 1 PM", 12, 0),
        ("18 - 19 h", 18, 0),
        ("19 Uhr bis 20 Uhr", 19, 0),
        ("à 12h", 12, 0),
        ("6:30 de la tarde", 18, 30),
        ("7 вечера", 19, 0),
        ("中午12点", 12, 0),
        ("上午9:05", 9, 5),
    ],
)
def test_hours_without_minutes_and_halves_of_the_day(text: str, hour: int, minute: int) -> None:
    assert read(f"2026-01-03 {text}", True, TODAY).clock == time(hour, minute)


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("03/04/2026", True, date(2026, 4, 3)),
        ("03/04/2026", False, date(2026, 3, 4)),
        ("12/25/2026", True, date(2026, 12, 25)),
        ("25/12/2026", False, date(2026, 12, 25)),
        ("tomorrow", True, date(2026, 1, 2)),
        ("aujourd'hui", True, TODAY),
        ("mañana", True, date(2026, 1, 2)),
        ("31 décembre", True, date(2026, 12, 31)),
        ("2026-01-03 00:00:00", True, SATURDAY),
        ("Jan 3 (2026)", True, SATURDAY),  # which is no 20:26
    ],
)
def test_a_day_alone(text: str, day_first: bool, day: date) -> None:
    found = read(text, day_first, TODAY)
    assert (found.day, found.clock, found.at) == (day, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "1767268800",
        "1767268800000",
        "2026-01-01T13:00:00+01:00",
        "2026-01-01T12:00:00.000Z",
        "2026-01-01 13:00+01:00",
        "2026-01-01 07:00:00-05:00",
        "2026-01-01T07:00-0500",
    ],
)
def test_a_moment_that_needs_no_zone(text: str) -> None:
    assert read(text, True, TODAY) == Written(at=datetime(2026, 1, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize("text", ["ASAP", "As soon as possible", "Dès que possible", "so schnell wie möglich", "尽快送达"])
def test_as_soon_as_possible_is_what_it_says(text: str) -> None:
    assert read(text, True, TODAY).soon


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2 persons",
        "2 x 18:30",
        "Sunday 18:00",
        "31/31/2026 12:00",
        "May 40, 2026 12:00",
        "1145/1200",
        "27:99",
        "5/12 18:30",
        "3 18:30",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read(text, True, TODAY) == Written()


@given(st.text(max_size=400), st.booleans(), st.sampled_from([TODAY, None]))
def test_no_text_breaks_the_reader(text: str, day_first: bool, today: date | None) -> None:
    found = read(text, day_first, today)
    assert found.at is None or found.at.tzinfo is UTC


@given(st.dates(date(2026, 1, 1), date(2099, 12, 31)), st.times(), st.sampled_from(["%Y-%m-%d %H:%M", "%d/%m/%Y %I:%M %p"]))
def test_what_was_written_is_what_is_read(day: date, clock: time, form: str) -> None:
    written = datetime.combine(day, clock).strftime(form)
    assert read(written, True, TODAY) == Written(day, clock.replace(second=0, microsecond=0))


# -- orders


def test_the_sample_of_the_documentation_to_the_letter(message: Load) -> None:
    found = facts(message("order_as_documented"))
    assert (found.due_at, found.scheduled) == (datetime(2026, 1, 1, 11, 45, tzinfo=UTC), False)
    assert (found.note, found.checks) == ("Allergie: arachide", ())


@pytest.mark.parametrize(
    "meta",
    [
        {"lpac_dps_delivery_date": "2026-01-03", "lpac_dps_delivery_time": "6:30 PM"},
        {"jckwds_date_ymd": "20260103", "jckwds_date": "03/01/2026", "jckwds_timeslot": "6:30 PM - 7 PM"},
        {"jckwds_date": "03/01/2026", "jckwds_timeslot": "1830/1900"},
        {"pi_system_delivery_date": "2026/01/03", "pi_delivery_date": "January 3", "pi_delivery_time": "18:30"},
        {"delivery_date": "3 janvier 2026", "delivery_time": "18:30 - 19:00"},
        {"Delivery Date": "3 January, 2026", "Time Slot": "18:30 - 19:00"},
        {
            "exwfood_datetime_deli_unix": 1767465000,  # 18:30, counted as if it were 18:30 in UTC
            "exwfood_date_deli": "January 3, 2026",
            "exwfood_time_deli": "06:30 PM",
        },
        {"jckwds_timestamp": 1767465000, "jckwds_date_ymd": "20260103", "jckwds_timeslot": "18:30 - 19:00"},
    ],
)
def test_known_addons(saying: Saying, meta: dict[str, Any]) -> None:
    found = saying(meta)
    assert (found.due_at, found.scheduled) == (datetime(2026, 1, 3, 17, 30, tzinfo=UTC), True)
    assert (found.note, found.checks) == ("Allergie: arachide", ())


@pytest.mark.parametrize(
    ("meta", "shown"),
    [
        ({"delivery_date": "next Saturday", "delivery_time": "evening"}, "next Saturday evening"),
        ({"delivery_date": "Samedi prochain", "delivery_time": "18:30"}, "Samedi prochain 18:30"),
        ({"jckwds_date": "Samedi prochain", "jckwds_timeslot": "18:30"}, "Samedi prochain 18:30"),
        ({"delivery_date": "2026-01-01", "delivery_time": "noon"}, "2026-01-01 noon"),
        ({"delivery_date": "2025-12-31", "delivery_time": "18:30"}, "2025-12-31 18:30"),
        ({"delivery_time": "11:00"}, "11:00"),
        ({"delivery_date": ["?", {"a": "b"}]}, "?, b"),
    ],
)
def test_a_time_that_cannot_be_read_is_told_and_never_means_at_once(
    saying: Saying, meta: dict[str, Any], shown: str
) -> None:
    found = saying(meta)
    assert (found.due_at, found.scheduled) == (None, True)
    assert found.checks == (f"wanted: {shown} - not understood, see the order in the shop",)
    assert found.note == f"Wanted: {shown}\nAllergie: arachide"


@pytest.mark.parametrize(
    "meta",
    [
        {"delivery_date": "2026-01-03"},
        {"jckwds_timestamp": 1767430800, "jckwds_date": "2026-01-03"},  # 10:00, which nobody asked for
    ],
)
def test_a_later_day_without_a_time_is_no_order_for_now(saying: Saying, meta: dict[str, Any]) -> None:
    found = saying(meta)
    assert (found.due_at, found.scheduled) == (None, True)
    assert found.note == "Wanted: 2026-01-03\nAllergie: arachide"
    assert found.checks == ("wanted: 2026-01-03 - without a time of day",)


def test_today_without_a_time_is_today(saying: Saying) -> None:
    found = saying({"delivery_date": "2026-01-01"})
    assert (found.due_at, found.scheduled, found.checks) == (None, False, ())
    assert found.note == "Wanted: 2026-01-01\nAllergie: arachide"


@pytest.mark.parametrize("meta", [{}, {"delivery_time": "ASAP"}, {"delivery_date": "2026-01-01", "delivery_time": "asap"}])
def test_as_soon_as_possible_needs_no_words(saying: Saying, meta: dict[str, Any]) -> None:
    found = saying(meta)
    assert (found.due_at, found.scheduled, found.note, found.checks) == (None, False, "Allergie: arachide", ())


@pytest.mark.parametrize("text", ["18:30", "18:30-19", "6:30 - 7 pm", "18:30, 19:00"])
def test_a_time_alone_is_of_the_day_of_the_order(saying: Saying, text: str) -> None:
    assert saying({"delivery_time": text}).due_at == datetime(2026, 1, 1, 17, 30, tzinfo=UTC)


def test_words_of_a_customer_command_nothing(saying: Saying) -> None:
    found = saying({"delivery_date": "\x1b[2J{text}\u202e<b>never</b>\n" + "x" * 999})
    (check,) = found.checks
    assert "\x1b" not in check + found.note
    assert "\u202e" not in check + found.note
    assert check.startswith("wanted: [2J{text}never x")
    assert len(check) < LONGEST + 60


@given(day=st.text(max_size=60), clock=st.text(max_size=60))
def test_no_words_keep_an_order_from_being_read(day: str, clock: str) -> None:
    rows = [{"key": "delivery_date", "value": day}, {"key": "delivery_time", "value": clock}]
    times = {"date_created": "2026-01-01T12:00:00", "date_created_gmt": "2026-01-01T11:00:00"}
    order = {"id": 1, "status": "processing", "currency": "EUR", "total": "0", "meta_data": rows, **times}
    found = facts(Message("x", "order", json.dumps(order).encode(), 1, "1"), time_zone="Europe/Paris")
    assert found.due_at is None or found.due_at > datetime(2025, 12, 30, tzinfo=UTC)


def test_the_shops_own_fields_go_first(saying: Saying) -> None:
    meta = {"slot": "02/03/2026 19:30", "delivery_date": "2026-01-01", "how": "À emporter"}
    found = saying(meta, time_keys="slot", date_order=MONTH_FIRST, type_keys="how")
    assert found.due_at == datetime(2026, 2, 3, 18, 30, tzinfo=UTC)
    assert (found.scheduled, found.fulfilment) == (True, Fulfilment.PICKUP)


@pytest.mark.parametrize(
    "meta",
    [
        {"ywcdd_order_delivery_date": "2026-01-03", "ywcdd_order_slot_from": "", "delivery-hour": "18:30"},
        {"_billing_pickup_time": "18:30", "_billing_pickup_date": "3 janvier 2026"},
        {"Abholzeit": "03.01.2026 18:30"},
        {"Date de livraison": "samedi 3 janvier 2026", "Créneau de livraison": "18h30 - 19h"},
        {"配送时间": "2026年1月3日 18:30"},
    ],
)
def test_fields_nobody_named_are_known_by_their_names(saying: Saying, meta: dict[str, Any]) -> None:
    found = saying(meta)
    assert (found.due_at, found.scheduled, found.checks) == (datetime(2026, 1, 3, 17, 30, tzinfo=UTC), True, ())


def test_a_field_nobody_named_and_nobody_can_read_is_told(saying: Saying) -> None:
    found = saying({"delivery_slot": "Slot 4 on Saturday"})
    assert (found.due_at, found.scheduled) == (None, True)
    assert found.note.startswith("Wanted: Slot 4 on Saturday\n")


def test_named_fields_are_believed_alone(saying: Saying) -> None:
    found = saying({"slot": "03/01/2026 18:30", "Delivery_day_guess": "2026-02-02 10:00"}, time_keys="slot")
    assert found.due_at == datetime(2026, 1, 3, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("delivery_time_zone", "5"),
        ("_delivery_date_id", "77"),
        ("delivery_updated_at", "2026-01-01 12:00"),
        ("pickup_day_fee", "2.50"),
        ("collection_data", {"x": [1] * 99}),
        ("delivery_date", ""),
        ("delivery_date_note", "please ring"),
        ("_date_paid", "2026-01-05 10:00"),
    ],
)
def test_what_only_looks_like_a_wish_is_none(saying: Saying, key: str, value: Any) -> None:
    found = saying({key: value})
    assert (found.due_at, found.scheduled, found.note, found.checks) == (None, False, "Allergie: arachide", ())


# -- the shop's clock

ACROSS = {"lpac_dps_delivery_date": "2026-10-25", "lpac_dps_delivery_time": "12:00 PM"}
SUMMER = {"date_created": "2026-10-24T12:00:00", "date_created_gmt": "2026-10-24T10:00:00"}


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Europe/Paris", 11),
        ("", 10),  # nobody asked the shop: the distance of the order's own day
        ("2", 10),
        ("America/New_York", 10),  # the shop moved since it was asked: the order's own two times say so
        ("../etc/passwd", 10),
    ],
)
def test_the_clocks_may_change_before_the_wanted_day(saying: Saying, zone: str, hour: int) -> None:
    assert saying(ACROSS, SUMMER, time_zone=zone).due_at == datetime(2026, 10, 25, hour, tzinfo=UTC)


def test_time_zones_as_wordpress_tells_them() -> None:
    def distance(name: str) -> timedelta | None:
        zone = zone_of(name)
        return zone.utcoffset(datetime(2026, 7, 1, tzinfo=zone)) if zone else None

    assert distance("Europe/Paris") == timedelta(hours=2)
    assert [distance(name) for name in ("5.5", "-3", "+0")] == [timedelta(hours=hours) for hours in (5.5, -3, 0)]
    assert [distance(name) for name in ("", "99", "nan", "Europe", "No/Where", "a" * 500, "x\0y")] == [None] * 7
