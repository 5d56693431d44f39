"""What a typed sentence means to the pretend skill: a small keyword grammar in place of the platform's language model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_DIGITS = "0-9零〇一二两三四五六七八九十百幺"
_NUMBER = rf"(?P<daySn>[A-Za-z]?[{_DIGITS}]+)"
_SECOND = r"(?P<second>[A-Za-z0-9-]+)"
_SHOP = rf"(?P<platform>[^{_DIGITS}]+?)?\s*"
# The console's name of an intent, and what is said for it, most particular first.
_GRAMMAR: tuple[tuple[str, str], ...] = (
    ("sold_out", r"(?P<dish>.+?)\s*(卖完了|卖光了|售罄|停售|(is )?sold out)$"),
    ("pause_shop", r"(暂停|停止).*(营业|接单)|pause( the shop)?( on (?P<platform>.+))?$"),
    ("open_shop", r"(恢复|开始|继续).*(营业|接单)|open the shop( on (?P<platform>.+))?$"),
    ("takings", r"营业额|卖了多少|takings"),
    ("new_orders", r"(几|多少).*(新订单|新单|单)|how many"),
    ("next_order", r"下一[单个]|读.*单|next order"),
    ("order_ready", rf"^{_SHOP}{_NUMBER}号.*(出餐|好了|做好)|^number {_SECOND} is ready"),
    ("order_ready", r"出餐|ready"),
    ("accept_order", rf"接{_SHOP}{_NUMBER}号|accept number {_SECOND}"),
    ("accept_order", r"接单|accept"),
    ("help", r"帮助|怎么用|help"),
)
_YES = re.compile(r"是的?|好的?|对|确认|确定|可以|yes|ok", re.IGNORECASE)
_NO = re.compile(r"不.*|否|算了|取消|no", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """An intent by its name in the console, and the slots that were filled."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)


def understand(sentence: str) -> Understood:
    """The intent of a sentence; "fallback" for one that fits nothing."""
    for intent, pattern in _GRAMMAR:
        if found := re.search(pattern, sentence.strip(), re.IGNORECASE):
            named = found.groupdict()
            slots = {name: value for name, value in named.items() if value}
            number = slots.pop("second", "")
            return Understood(intent, slots | ({"daySn": number} if number else {}))
    return Understood("fallback")


def confirmation(sentence: str) -> str:
    """CONFIRMED, DENIED or NONE."""
    if _YES.fullmatch(sentence.strip()):
        return "CONFIRMED"
    return "DENIED" if _NO.fullmatch(sentence.strip()) else "NONE"
