"""Every instant of 2024 to 2026 falls into exactly one business day, in zones with every kind of clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.business_day import BusinessCalendar

ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]
DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(3 * 365 + 1)]
INSTANTS = some.datetimes(datetime(2024, 1, 2), datetime(2026, 12, 30)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001
CALENDARS = some.builds(BusinessCalendar.of, some.sampled_from(ZONES), some.integers(0, 8))


@given(CALENDARS, INSTANTS)
def test_an_instant_is_in_its_own_day_and_in_no_neighbour(calendar: BusinessCalendar, instant: datetime) -> None:
    day = calendar.day(instant)

    first, end = calendar.bounds(day)
    assert first <= instant < end
    for other in (day - timedelta(days=1), day + timedelta(days=1)):
        first, end = calendar.bounds(other)
        assert not first <= instant < end


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cutoff", [0, 4])
def test_three_years_have_no_gap_and_no_overlap(zone: str, cutoff: int) -> None:
    calendar = BusinessCalendar.of(zone, cutoff)

    bounds = [calendar.bounds(day) for day in DAYS]
    assert [end for _, end in bounds[:-1]] == [first for first, _ in bounds[1:]]
    for day, (first, end) in zip(DAYS, bounds, strict=True):
        assert (calendar.day(first), calendar.day(end - timedelta(microseconds=1))) == (day, day)


@pytest.mark.parametrize(
    ("zone", "lengths"),
    [
        ("Asia/Shanghai", {24.0}),
        ("Europe/London", {23.0, 24.0, 25.0}),
        ("Australia/Lord_Howe", {23.5, 24.0, 24.5}),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, lengths: set[float]) -> None:
    calendar = BusinessCalendar.of(zone)

    found = {(end - first).total_seconds() / 3600 for first, end in map(calendar.bounds, DAYS)}
    assert found == lengths


def test_a_late_order_belongs_to_the_evening_before() -> None:
    calendar = BusinessCalendar.of("Asia/Shanghai", 4)

    assert calendar.day(datetime(2026, 11, 22, 19, 59, 59, tzinfo=UTC)) == date(2026, 11, 22)  # 03:59:59 on the 23rd
    assert calendar.day(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert calendar.hour(datetime(2026, 11, 22, 19, 59, tzinfo=UTC)) == 3
