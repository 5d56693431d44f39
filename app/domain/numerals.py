"""Numbers as people say them and hear them: Chinese number words for a loudspeaker, and back from what staff said."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_LARGE = ("", "万", "亿")
_VALUES = {word: value for value, word in enumerate(_DIGITS)} | {"〇": 0, "幺": 1, "两": 2, "俩": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
LIMIT = 10**12  # what the large units reach
LONGEST_HEARD = 30  # characters
_WORDS = _VALUES.keys() | _TENS.keys() | _MYRIADS.keys()
LONGEST_READ_WHOLE = 3  # digits; a longer label is read digit by digit, like a telephone number


def spoken(number: int) -> str:
    """12 is 十二, 105 一百零五, 110 一百一十, 20000 二万. ValueError outside ±`LIMIT`."""
    if abs(number) >= LIMIT:
        raise ValueError(f"too large to be said: {number}")
    if number < 0:
        return f"负{spoken(-number)}"
    words = _whole(number)
    return words.removeprefix("一") if words.startswith("一十") else words


def counted(number: int) -> str:
    """The same before a measure word (两单, not 二单), where a single two is said 两."""
    return "两" if number == 2 else spoken(number)


def spoken_decimal(number: Decimal) -> str:
    """128.50 is 一百二十八点五: zeros at the end are not said."""
    sign = "负" if number < 0 else ""
    whole, _, rest = f"{abs(number):f}".partition(".")
    rest = rest.rstrip("0")
    words = spoken(int(whole)) + (f"点{_one_by_one(rest)}" if rest else "")
    return f"{sign if rest or whole.strip('0') else ''}{words}"


def label(text: str) -> str:
    """A number that names something (27号): short ones as a number, long ones and such with a leading zero digit by digit.

    What is no number stays as it is.
    """
    if not (text.isascii() and text.isdigit()):
        return text
    return spoken(int(text)) if len(text) <= LONGEST_READ_WHOLE and text == str(int(text)) else _one_by_one(text)


def heard(text: str) -> int | None:
    """The number in what somebody said: "12", "十二号", "一零八", "第两单"; None where there is none.

    Digits in a row without a unit are read one by one, as numbers are called out.
    """
    words = unicodedata.normalize("NFKC", text).strip().strip("第#号单个份")
    if words.isascii() and words.isdigit() and len(words) <= 15:
        return int(words)
    if not words or len(words) > LONGEST_HEARD or not set(words) <= _WORDS:
        return None
    if all(word in _VALUES for word in words):
        return int("".join(str(_VALUES[word]) for word in words))
    return _value(words)


def _whole(number: int) -> str:
    """Groups of four digits, each with its large unit; a gap between digits is one 零."""
    if number == 0:
        return _DIGITS[0]
    words, gap, place = "", False, 0
    while number:
        number, group = divmod(number, 10_000)
        if group:
            words = _group(group) + _LARGE[place] + (_DIGITS[0] if gap and words else "") + words
        gap = group < 1000
        place += 1
    return words


def _group(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            words += (_DIGITS[0] if gap and words else "") + _DIGITS[digit] + _UNITS[place]
        gap = digit == 0
    return words


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _value(words: str) -> int:
    total = part = digit = 0
    for word in words:
        if word in _MYRIADS:
            grown = (total + part + digit) * _MYRIADS[word] if _MYRIADS[word] > 10_000 else (part + digit) * _MYRIADS[word]
            total, part, digit = (grown if _MYRIADS[word] > 10_000 else total + grown), 0, 0
        elif word in _TENS:
            part, digit = part + (digit or 1) * _TENS[word], 0
        else:
            digit = _VALUES[word]
    return total + part + digit * _last_place(words)


def _last_place(words: str) -> int:
    """一百五 is 150: a last digit right after a unit counts tenths of it."""
    before = words[-2:-1]
    return max(1, (_TENS | _MYRIADS).get(before, 0) // 10)
