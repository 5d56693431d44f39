"""What a good member of staff presses: the right button for each card, at a human pace, and always the same for a seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.changes import CustomerRequest, RequestKind, RequestState, Urge
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Fulfilment
from app.engine.views import Card, CommandState, CommandView, Lane, PrintState
from app.practice.habits import Habits

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HABITS = Habits(seed=1, speed=20.0)

NEW = Card(
    id=17,
    platform="eleme",
    mark="饿",
    color="#0088ff",
    call_number="饿#1",
    source="",
    lane=Lane.NEW,
    kitchen=Kitchen.NEW,
    delivery=Delivery.NONE,
    payment=Payment.PAID,
    fulfilment=Fulfilment.DELIVERY,
    placed_at=NOON,
    total=Money(5000, "CNY"),
    items=(("1", "米饭"),),
    primary=CommandKind.ACCEPT,
)
COOKING = replace(NEW, lane=Lane.COOKING, kitchen=Kitchen.ACCEPTED, primary=CommandKind.READY)
READY = replace(NEW, lane=Lane.READY, kitchen=Kitchen.READY, primary=CommandKind.HAND_OVER)


def buttons(card: Card, habits: Habits = HABITS) -> list[str]:
    return [wish.button for wish in habits.wishes(card, NOON)]


def test_a_new_order_is_accepted_within_a_human_time() -> None:
    (wish,) = HABITS.wishes(NEW, NOON)
    assert wish.button == "primary-17"
    assert 4 <= wish.wait <= 20


def test_cooking_takes_its_time() -> None:
    (wish,) = HABITS.wishes(COOKING, NOON)
    assert 240 <= wish.wait <= 600


def test_a_share_of_the_new_orders_is_rejected() -> None:
    first = [buttons(replace(NEW, id=number))[0] for number in range(1000)]
    rejected = sum(button.startswith("more-") for button in first)
    assert 20 <= rejected <= 90


def test_the_same_seed_has_the_same_ways() -> None:
    assert list(HABITS.wishes(COOKING, NOON)) == list(Habits(1, 20.0).wishes(COOKING, NOON))
    assert list(HABITS.wishes(COOKING, NOON)) != list(Habits(2, 20.0).wishes(COOKING, NOON))


def test_nothing_is_pressed_while_the_platform_is_being_told() -> None:
    assert buttons(replace(COOKING, command=CommandView(1, CommandKind.ACCEPT, CommandState.IN_FLIGHT))) == []


def test_food_is_handed_over_only_to_a_courier_who_is_there() -> None:
    assert buttons(READY) == []
    assert buttons(replace(READY, delivery=Delivery.AT_STORE)) == ["primary-17"]
    assert buttons(replace(READY, fulfilment=Fulfilment.PICKUP)) == ["primary-17"]


def test_an_order_on_its_way_is_not_complete() -> None:
    away = replace(READY, lane=Lane.ON_THE_WAY, primary=CommandKind.COMPLETE, delivery=Delivery.PICKED_UP)
    assert buttons(away) == []
    assert buttons(replace(away, delivery=Delivery.DELIVERED)) == ["primary-17"]


def test_an_order_for_later_is_not_cooked_now() -> None:
    due = NOON + timedelta(seconds=60)  # 1200 simulated seconds
    (later,) = HABITS.wishes(replace(COOKING, scheduled=True, due_at=due, lane=Lane.SCHEDULED), NOON)
    assert later.wait == float("inf")
    (now,) = HABITS.wishes(replace(COOKING, scheduled=True, due_at=due), NOON)
    assert 800 <= now.wait <= 1200


def test_customers_are_answered_before_anything_else() -> None:
    card = replace(
        COOKING,
        request=CustomerRequest(RequestKind.CANCEL, RequestState.OPEN),
        urges=(Urge("u", NOON),),
    )
    first, second, third = buttons(card)
    assert first in ("agree-17", "refuse-17")
    assert (second, third) == ("urge-17", "primary-17")


def test_an_answered_urge_is_left_alone() -> None:
    assert buttons(replace(COOKING, urges=(Urge("u", NOON, replied=True),))) == ["primary-17"]


def test_a_cancelled_order_is_only_acknowledged() -> None:
    assert buttons(replace(COOKING, closed_attention=True)) == ["acknowledge-17"]


def test_a_ticket_of_unknown_fate_is_looked_after() -> None:
    assert buttons(replace(COOKING, print_state=PrintState.UNKNOWN))[0] == "card-17"
