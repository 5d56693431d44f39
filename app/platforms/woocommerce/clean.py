"""WordPress's texts as a person reads them: entities decoded, its own tags taken out, whatever else was typed kept."""

from __future__ import annotations

import html
import re
from typing import Any

# Only real HTML: "<no peanuts>" is what somebody typed, and must reach the kitchen.
_NAMES = (
    "a|abbr|b|big|br|center|code|del|div|em|font|h[1-6]|hr|i|img|ins|label|li|ol|p|script|small|span|strike|strong|style|sub"
    "|sup|svg|table|tbody|td|th|tr|u|ul|bdi"
)
_BREAK = re.compile(r"<br\s*/?>|</p>|</li>|</div>", re.IGNORECASE)
# A comment ends before the next begins: else a note of nothing but begins would be searched to its end from each of them.
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>|<!--(?:(?!<!--).)*?-->", re.IGNORECASE | re.DOTALL)


def text(value: str) -> str:
    """A text of any length; line breaks stay."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", value))).replace("\r\n", "\n").strip()


def line(value: str) -> str:
    """The same on one line: a name."""
    return " ".join(text(value).split())


def flat(value: Any) -> str:
    """A plug-in's value, which may be a list or a map of lists, as words in a row."""
    if isinstance(value, dict):
        return ", ".join(filter(None, (flat(one) for one in value.values())))
    if isinstance(value, list):
        return ", ".join(filter(None, (flat(one) for one in value)))
    if value is None or isinstance(value, bool):
        return ""
    return line(str(value))
