"""`order-console voucher`: look at a voucher's code, redeem it, take a redemption back, ask again, list the day."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from app.cli.listing import line
from app.cli.shop import asked, printed
from app.domain.money import Money
from app.domain.vouchers import RedemptionState, VoucherState
from app.texts import tr

DONE = {"redeem": RedemptionState.REDEEMED, "take-back": RedemptionState.TAKEN_BACK}


def run(arguments: Namespace) -> int:
    """0 only if it is so: a voucher that is good, redeemed, taken back. 1: refused in the platform's words, or no answer."""
    answer = asked(arguments, f"voucher-{arguments.action}", **_wish(arguments))
    good = _is_good(arguments.action, answer)
    if arguments.json:
        printed(answer)
        return 0 if good else 1
    for words in _lines(arguments.action, answer):
        print(words, file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def _wish(arguments: Namespace) -> dict[str, Any]:
    match arguments.action:
        case "look":
            return {"code": " ".join(arguments.code), "accounts": arguments.account}
        case "redeem":
            return {"code": " ".join(arguments.code), "accounts": arguments.account, "uses": arguments.uses}
        case "list":
            return {}
        case _:
            return {"redemption": arguments.redemption}


def _is_good(action: str, answer: Any) -> bool:
    match action:
        case "look":
            return bool(answer["voucher"]["state"] == VoucherState.GOOD)
        case "list":
            return True
        case "ask":  # a yes is what was wanted; beside "redeemed" a text says why it could not be taken back
            return answer["state"] in DONE.values() and not answer["text"]
        case _:
            return bool(answer["state"] == DONE[action])


def _lines(action: str, answer: Any) -> Iterator[str]:
    if action == "list":
        yield from map(_redemption, answer)
    elif action == "look":
        yield _voucher(answer["title"], answer["voucher"])
    else:
        yield _redemption(answer)


def _voucher(platform: str, found: Mapping[str, Any]) -> str:
    uses = tr("{n} of {total} uses left", n=found["left"], total=found["total"])
    until = tr("valid until {time}", time=found["valid_until"]) if found["valid_until"] else ""
    return line(platform, found["title"], found["state"], uses, _money(found["worth"]), until, found["refusal"])


def _redemption(one: Mapping[str, Any]) -> str:
    uses = tr("{n} uses", n=one["uses"])
    return line(f"#{one['id']}", one["state"], one["title"], uses, _money(one["worth"]), one["asked_at"], one["text"])


def _money(worth: Mapping[str, Any] | None) -> str:
    return str(Money(worth["minor"], worth["currency"])) if worth else ""
