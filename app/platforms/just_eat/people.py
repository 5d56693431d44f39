"""Who receives, fetches or carries an order, as far as Just Eat shows them."""

from __future__ import annotations

from app.domain.orders import Courier, Customer
from app.platforms.just_eat.older import Prepare
from app.platforms.just_eat.wire import Person
from app.platforms.shapes import masked


def customer_of(person: Person | None) -> Customer:
    if person is None:
        return Customer()
    street = _shown(person.line_one) or f"{_shown(person.street)} {_shown(person.street_number)}".strip()
    town = f"{_shown(person.postcode)} {_shown(person.city)}".strip()
    place = (_shown(person.company_name), street, _shown(person.line_two), town)
    phone = _phone(person.phone_number, person.phone_masking_code)
    return Customer(_name(person), phone, ", ".join(part for part in place if part) if street else "")


def older_customer_of(order: Prepare) -> Customer:
    found, way = order.customer, order.fulfilment
    address = way.address if way else None
    town = f"{address.postal_code} {address.city}".strip() if address else ""
    place = [*address.lines, town] if address and address.lines else []
    phone = _phone(way.phone, way.masking_code) if way else ""
    before = found.orders_before if found else None
    return Customer(found.name if found else "", phone, ", ".join(part for part in place if part), before)


def courier_of(driver: Person) -> Courier:
    return Courier(_name(driver), _phone(driver.phone_number, driver.phone_masking_code))


def _name(person: Person) -> str:
    return f"{_shown(person.first_name)} {_shown(person.last_name)}".strip()


def _shown(text: str) -> str:
    """What Just Eat hides wholly (`****`) is nothing."""
    return "" if not text.strip("* ") else text


def _phone(number: str, code: str) -> str:
    """A number with a code is Just Eat's relay and may be shown; any other is somebody's own."""
    return f"{number} #{code}" if number and code else masked(number)
