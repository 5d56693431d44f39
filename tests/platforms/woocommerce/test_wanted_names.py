"""Fields that shops name themselves: a wish for a time is read or told, and nothing else raises an alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.orders import OrderFacts
from app.platforms.api import Message
from app.platforms.woocommerce.wanted_names import speaks_of_it

from .test_wanted import facts

Load = Callable[..., Message]
Saying = Callable[..., OrderFacts]
SATURDAY = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)  # 19:30 in Paris


@pytest.fixture
def saying(message: Load) -> Saying:
    """The facts of an order, placed in Paris on Sunday 2026-11-22 at noon, whose add-on wrote `meta`."""
    placed = {"date_created": "2026-11-22T12:00:00", "date_created_gmt": "2026-11-22T11:00:00", "customer_note": ""}

    def load(meta: dict[str, Any], **settings: str) -> OrderFacts:
        rows = [{"key": key, "value": value} for key, value in meta.items()]
        return facts(message("order_placed", meta_data=rows, **placed), time_zone="Europe/Paris", **settings)

    return load


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Liefertermin", "Samstag 28.11. 19:30"),
        ("Liefertermin", "Sa., 28.11. 19.30 Uhr"),
        ("Wunschtermin", "28.11.2026 19:30"),
        ("Date souhaitée", "28/11/2026 19h30"),
        ("Livraison souhaitée le", "28/11/2026 19h30"),
        ("Horário de entrega", "28/11/2026 19:30"),
        ("Jour de livraison", "samedi 28/11 19h30"),
        ("Lieferung", "28.11.2026 19:30"),
        ("Abholung am", "28.11. um 19:30 Uhr"),
        ("Vorbestellung für", "28. November 19:30"),
        ("Date et heure", "28 novembre 2026 à 19:30"),
        ("Termin", "28.11.2026 19:30"),
        ("Fecha y hora de recogida", "28/11/2026 19:30"),
        ("Dia da entrega", "28/11/2026 19:30"),
        ("Data e ora di consegna", "28/11/2026 19:30"),
        ("Bezorgmoment", "28-11-2026 19:30"),
        ("Termin dostawy", "28.11.2026 19:30"),
        ("Leveringstidspunkt", "28.11.2026 19:30"),
        ("Teslimat tarihi", "28.11.2026 19:30"),
        ("Дата доставки", "28.11.2026 19:30"),
        ("موعد التوصيل", "2026-11-28 19:30"),
        ("预约时间", "11月28日 19:30"),
        ("お届け日時", "2026年11月28日 19:30"),
        ("배달 시간", "2026-11-28 19:30"),
        ("preferred_delivery", "Saturday 28 November 2026 7:30 PM"),
        ("When would you like it?", "Saturday, 28 November 2026, 7:30 pm"),
        ("Order for", "28.11.2026 19:30"),
        ("Data", "28/11/2026 19:30"),
        ("Datum & Uhrzeit", "28.11.2026 19:30"),
        ("Arrival time", "28/11/2026 19:30"),
        ("delivery_timestamp", "1795890600"),
        ("Scheduled for", "2026-11-28 19:30"),
        ("_wc_other/shop/delivery-date", "2026-11-28 19:30"),
        ("Delivery date note", "2026-11-28 19:30"),
        ("deliveryDateTime", "2026-11-28T19:30:00"),
    ],
)
def test_a_wish_by_any_name_is_read(saying: Saying, key: str, value: str) -> None:
    found = saying({key: value})
    assert (found.due_at, found.scheduled, found.checks, found.note) == (SATURDAY, True, (), "")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Lieferung am", "Samstag gegen halb acht"),
        ("Jour de livraison", "samedi 28/11"),
        ("Delivery time", "late in the evening"),
        ("Lieferzeit", "abends"),
        ("Livraison souhaitée", "samedi soir"),
        ("Uhrzeit", "gegen halb acht"),
        ("Créneau horaire", "le plus tard"),
        ("Wunschtermin", "nach Absprache"),
        ("Horario de entrega", "por la noche"),
        ("Pickup", "Saturday around seven"),
        ("delivery_slot", "4"),
        ("Delivery day", "Saturday, asap"),
        ("送餐时间", "晚上"),
        ("_wc_other/shop/pickup-time", "in the evening"),
        ("Bestellung für wann?", "Samstag"),
        ("Quand ?", "samedi"),
        ("Wunschzeit", "in 90 Minuten"),
        ("Delivery date", "x" * 300),
        ("Lieferdatum", "5/12"),
    ],
)
def test_a_wish_that_nobody_can_read_is_told(saying: Saying, key: str, value: str) -> None:
    found = saying({key: value})
    assert (found.due_at, found.scheduled) == (None, True)
    assert found.note == f"Wanted: {value[:80]}"
    assert len(found.checks) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Delivery cost", "4.90"),
        ("Lieferkosten", "4,90 EUR"),
        ("Frais de livraison", "4,90"),
        ("Delivery status", "out for delivery"),
        ("delivery_status_date", "2026-11-28 19:30"),
        ("Tracking number", "1Z999AA10123456784"),
        ("delivery_tracking_date", "2026-11-28"),
        ("_delivery_slot_id", "4412"),
        ("_delivery_slot", "a8f3-99c0"),
        ("_pickup_time", "4412"),
        ("_pickup_location_id", "7"),
        ("_delivery_date_enabled", "1"),
        ("delivery_time_enabled", "yes"),
        ("Delivery time", "30-45 min"),
        ("Lieferzeit", "ca. 2-3 Werktage"),
        ("Délai / jour de livraison", "2 jours ouvrés"),
        ("Estimated delivery date", "2026-11-28"),
        ("Lieferart", "Kurier"),
        ("Gewünschte Lieferart", "Express"),
        ("Delivery method", "Flat rate 28"),
        ("Delivery", "yes"),
        ("Lieferung", "bis zur Haustür"),
        ("Pickup location", "4 Day Street"),
        ("Preferred pickup location", "Main St 12"),
        ("Lieferhinweis", "bitte klingeln"),
        ("Wunsch", "extra scharf"),
        ("Delivery request", "leave it at the door"),
        ("Delivery time", "no"),
        ("Liefertermin", ""),
        ("Lieferzeit", "so schnell wie möglich"),
        ("Delivery time", "now"),
        ("Lieferzeit", "Sofort"),
        ("Date of birth", "1990-11-28"),
        ("Geburtsdatum", "28.11.1990"),
        ("Invoice date", "2026-11-28"),
        ("Datenschutz", "akzeptiert am 28.11.2026 19:30"),
        ("is_vat_exempt", "no"),
        ("shipping_days", "3"),
        ("order_date", "2026-11-28 19:30"),
        ("data", "a:1:{i:0;s:4}"),
        ("_wcfm_delivery_slot", "12"),
        ("_wc_order_attribution_session_start_time", "2026-11-28 10:00:00"),
        ("date", "1795000000"),
        ("Preferred contact time", "19:30"),
        ("_date_paid", "2026-11-28 19:30"),
        ("_stripe_intent_id", "pi_3Oday28"),
        ("pickup_store_hours", "Mon-Fri 9:00-17:00"),
        ("delivery_date_updated", "2026-11-28 19:30"),
        ("配送费", "5"),
    ],
)
def test_what_is_plainly_something_else_raises_no_alarm(saying: Saying, key: str, value: str) -> None:
    found = saying({key: value})
    assert (found.due_at, found.scheduled, found.note, found.checks) == (None, False, "", ())


def test_a_day_beside_a_known_time_is_not_lost(saying: Saying) -> None:
    assert saying({"delivery_time": "19:30", "Jour de livraison": "samedi 28/11"}).due_at == SATURDAY
    assert saying({"delivery_time": "ASAP", "Wunschtermin": "28.11.2026 19:30"}).due_at == SATURDAY
    assert saying({"delivery_time": "19:30", "Jour de livraison": "samedi"}).due_at is None


@given(key=st.text(max_size=60), value=st.text(max_size=120))
def test_no_name_breaks_the_reading(key: str, value: str) -> None:
    assert speaks_of_it(key, value, day_first=True, today=None) in (True, False)
