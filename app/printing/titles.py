"""What the values in a template are called on screen: types of blocks, sizes, positions, and things a ticket may say."""

from __future__ import annotations

from collections.abc import Mapping

from app.texts import N_

# Value in the JSON -> English text to be translated. A word means the same wherever it stands.
TITLES: Mapping[str, str] = {
    "call_number": N_("Call number"),
    "station": N_("Station and how the food leaves"),
    "due": N_("Due time"),
    "allergy": N_("Allergies"),
    "notes": N_("Customer's notes"),
    "dishes": N_("Dishes"),
    "totals": N_("Number of dishes, other stations, cutlery"),
    "pickup_code": N_("Pickup code"),
    "customer": N_("Customer (masked)"),
    "phone": N_("Phone (masked)"),
    "address": N_("Address"),
    "courier": N_("Courier"),
    "payment": N_("Payment"),
    "reference": N_("Order number of the platform"),
    "sums": N_("Sums"),
    "origin": N_("Reason and earlier ticket"),
    "text": N_("Own words"),
    "rule": N_("Line across"),
    "blank": N_("Empty lines"),
    "qr": N_("QR code"),
    "ruler": N_("Ruler"),
    "small": N_("Small"),
    "tall": N_("Tall"),
    "big": N_("Big"),
    "huge": N_("Huge"),
    "left": N_("Left"),
    "center": N_("Middle"),
    "right": N_("Right"),
    "change": N_("Changes to the food"),
    "courtesy": N_("Courtesies"),
    "scan": N_("Scan code"),
    "ticket_id": N_("Ticket"),
    "also_at": N_("Other stations"),
    "due_at": N_("Due time"),
    "scheduled": N_("Ordered for later"),
    "tableware": N_("Cutlery"),
    "items_total": N_("Number of dishes"),
    "station_total": N_("Number of dishes here"),
    "sheets": N_("Several papers"),
    "reason": N_("Reason"),
    "was_printed_at": N_("Time of the earlier ticket"),
    "original_id": N_("Earlier ticket"),
    "shop": N_("Shop"),
    "-": N_("dashes"),
    "=": N_("double line"),
    "*": N_("stars"),
}
