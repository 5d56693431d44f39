"""A day and a time of day out of words, as add-ons, sites and people of many languages write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest

LONGEST = 200  # characters that are looked at: a customer may have typed any number of them


def bare(text: str) -> str:
    """Without accents; of a pattern too, which is written in small letters but for its classes."""
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


# WordPress writes a date in the site's language, many of them with the month in the genitive. Abbreviations are prefixes.
_MONTH_NAMES = """
january february march april may june july august september october november december
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
januar februar märz april mai juni juli august september oktober november dezember
jänner feber märz april mai juni juli august september oktober november dezember
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november desember
januari februari maret april mei juni juli agustus september oktober november desember
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
"""
_SOON = (
    "asap|as soon as possible|right now|des que possible|le plus tot possible|so (?:schnell|bald) wie moglich"
    "|schnellstmoglich|lo antes posible|cuanto antes|prima possibile|(?:assim|logo) que possivel|mais rapido possivel"
    "|zo snel mogelijk|jak najszybciej|как можно скорее|尽快|盡快|立即|马上|できるだけ早|なるべく早|가능한 빨리"
)
_TODAY = "today|aujourd.hui|heute|hoy|oggi|hoje|vandaag|dzis|dzisiaj|сегодня|bugun|今天|今日|오늘"
_TOMORROW = "tomorrow|demain|morgen|(?<!la )manana|domani|amanha|jutro|завтра|yarin|明天|明日|내일"
# What means the same if nothing else is said: "not now, but on Saturday" does not.
_NOW = (
    "now|immediately|sofort|jetzt|maintenant|immediatement|tout de suite|ahora|inmediatamente|subito|adesso|agora"
    "|imediatamente|nu|direct|meteen|teraz|hemen|simdi|сейчас|立刻|现在|現在|即时|今すぐ|最短|지금|바로"
)
_WEEKDAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|(?:lun|mart|mierc|juev|viern)es|mercoledi"
    r"|miercoles|sabado|domingo|(?:lune|marte|giove|vener)di|sabato|domenica|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?"
    r"|(?:maan|dins|woens|donder|vrij|zater|zon)dag|(?:周|星期|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일"
)
_LETTERS = r"[^\W\d_]{3,}"

WEEKDAY = re.compile(rf"(?<![^\W\d_])(?:{bare(_WEEKDAYS)})(?![a-z])")
_AT_ONCE = re.compile(rf"\W*(?:{bare(_NOW)})\W*")
_CLOCK = re.compile(r"\d\s?(?:[:h]\s?\d\d|uhr|uur|[ap]\.?m\b|h\b|[点點時时시])")
_UNIX = re.compile(r"(?<!\d)(\d{10})(?:\d{3})?(?!\d)", re.ASCII)
# Beside a day "18:00-19:30" is a slot; only behind a "T" or seconds a minus begins a zone.
_ZONED = re.compile(r"\d{4}-\d\d-\d\d(?:t\d\d:\d\d| \d\d:\d\d(?!-))(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d:?\d\d)(?![\d:])")
_RUN = re.compile(r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?:([0-2]\d)([0-5]\d)(?:[0-5]\d)?)?(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[./年년-]\s?(\d{1,2})\s?[./月월-]\s?(\d{1,2})(?!\d)\s?[日일]?")
# Of "28.11. 19:30" the end is no year.
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2}(?![:.]\d|\s?(?:h|u|[ap]\.?m)))(?!\d)")
# "28.11." is a day everywhere. "28/11" is one too, "5/12" may be anything; and "18/11h" is a slot.
_DOTTED = re.compile(r"(?<![\d.:/])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)")
_SLASHED = re.compile(r"(?<![\d.:/h])(1[3-9]|2\d|3[01])/(0?[1-9]|1[0-2])(?![\d/.:]|\s?[aphu])")
_SLASHED_MONTH = re.compile(r"(?<![\d.:/h])(0?[1-9]|1[0-2])/(1[3-9]|2\d|3[01])(?![\d/.:]|\s?[aphu])")
_NO_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})(?!\d)\s?[日일号號]?")
_NUMBERED = re.compile(r"(?<!\d)(\d{1,2})\s+thang\s+(\d{1,2}),?\s+(\d{4})(?!\d)")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|[ao.])?[\s-]*(?:de\s|of\s|d['’]|ב)?({_LETTERS})[.,،]?"
    r"(?:(?:\s|-)*(?:de\s|del\s|of\s)?(\d{4})(?!\d))?"
)
_MONTH_DAY = re.compile(rf"({_LETTERS})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:\s*,)?(?:\s+(\d{{4}})(?!\d))?")
_YEAR_MONTH_DAY = re.compile(rf"(?<!\d)(\d{{4}})\.?\s+({_LETTERS})\s+(\d{{1,2}})(?!\d)\.?")

_MORNING, _EVENING = "上午|早上|早晨|凌晨|午前|오전", "下午|晚上|傍晚|午后|午後|오후"
_AM = r"π\.?\s?μ|ص|sang|oo|утра|rano|morgens|fruh|du matin|de la manana|da manha|in the morning"
_PM = (
    r"μ\.?\s?μ|م|chieu|toi|os|дня|вечера|wieczorem|abends|nachmittags|du soir|de l.apres-midi|de la (?:tarde|noche)"
    r"|da (?:tarde|noite)|in the (?:afternoon|evening)|at night"
)
_TIME = re.compile(
    rf"(?P<before>{_MORNING}|{_EVENING}|中午)?\s?(?<![\d.,:])(?P<hour>\d{{1,2}})(?!\d)"
    r"(?:(?:[:.]|\s?h\s?|u)(?P<minute>\d{2})(?!\d)(?:[:.]\d{2}(?!\d))?"
    r"|\s?[点點时時시]\s?(?:(?P<east>\d{1,2})(?!\d)\s?[分분]?|(?P<past>半))?)?"
    r"(?P<word>\s?(?:h|uhr|uur|u|hrs?|час(?:ов|а)?|ч)(?![^\W\d_]))?"
    rf"(?:\s?(?:(?P<half>[ap])\.?\s?m|(?P<am>{_AM})|(?P<pm>{_PM}))(?![^\W\d_])\.?)?"
)
_FOUR = re.compile(r"(?<![\d.,:])([01]\d|2[0-3])([0-5]\d)(?!\d)")
_UNTIL = re.compile(r"\s*(?:[-–—~/至到]+|to|bis|a|au|al|as|e|y|und|and|until|till|tot|do)\s*")
_NO_TIME = re.compile(r"(?<!\d)00:00:00(?!\d)")  # how a field for dates alone is stored


@dataclass(frozen=True, slots=True)
class Written:
    """What a text says: the day, the time of day on the shop's wall, or `at`, a moment on its own (aware UTC).

    `soon`: it asks for no time at all but the earliest. `rest`: what stands beside the day and nobody could read.
    """

    day: date | None = None
    clock: time | None = None
    at: datetime | None = None
    soon: bool = False
    rest: str = ""


def read(text: str, day_first: bool, today: date | None) -> Written:
    """Read it; of a slot, its begin counts. `today` is the day on which it was written, for "tomorrow" and a missing year.

    `day_first` says how 03/04 is meant; a number above twelve says it itself.
    """
    said = plain(text[:LONGEST])
    if at := _moment(said):
        return Written(at=at)
    day, clock, rest = _day(said, day_first, today)
    soon = re.search(rf"(?<!\w)(?:{bare(_SOON)})", rest) is not None or _AT_ONCE.fullmatch(rest) is not None
    if day is None:
        return Written(clock=_clock(said) if _only_times(said) else None, soon=soon)
    clock = clock or _clock(rest) or _four(rest)
    return Written(day, clock, soon=soon, rest="" if clock else "".join(re.findall(r"\w+", _beside(rest))))


def names_a_time(text: str, day_first: bool, today: date | None) -> bool:
    """Whether a day, a weekday or a time of day stands in it, even beside what nobody can read."""
    found, said = read(text, day_first, today), plain(text[:LONGEST])
    return bool(found.at or found.day or _CLOCK.search(said) or WEEKDAY.search(said))


def _beside(rest: str) -> str:
    """Without the weekday, which says nothing new beside a day, and the empty time of a stored date."""
    return WEEKDAY.sub(" ", _NO_TIME.sub(" ", rest))


def plain(text: str) -> str:
    """Small letters without accents, and the common form of each digit and sign."""
    return bare(text.casefold())


def _months() -> dict[str, int]:
    found: dict[str, set[int]] = {}
    whole: dict[str, int] = {}
    for names in _MONTH_NAMES.strip().splitlines():
        for number, name in enumerate(plain(names).split(), 1):
            whole[name] = number
            for end in range(3, len(name)):
                found.setdefault(name[:end], set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1} | whole


_MONTHS = _months()


def _moment(text: str) -> datetime | None:
    """Unix seconds or milliseconds, or a time that names its zone."""
    unix, zoned = _UNIX.fullmatch(text.strip()), _ZONED.search(text)
    try:
        if unix:
            return datetime.fromtimestamp(int(unix[1]), UTC)
        return datetime.fromisoformat(zoned[0].upper()).astimezone(UTC) if zoned else None
    except (ValueError, OverflowError, OSError):
        return None


def _day(text: str, day_first: bool, today: date | None) -> tuple[date | None, time | None, str]:
    """The first day in the text, a time that is written in one with it, and what is left when all such days are gone."""
    if run := _RUN.search(text):
        clock = _time(int(run[4]), int(run[5])) if run[4] else None
        return _date(int(run[1]), int(run[2]), int(run[3])), clock, _RUN.sub(" ", text)
    if found := _YEAR_FIRST.search(text):
        return _date(*map(int, found.groups())), None, _YEAR_FIRST.sub(" ", text)
    if found := _YEAR_LAST.search(text):
        return _by_custom(found, day_first), None, _YEAR_LAST.sub(" ", text)
    return _named(text, today)


def _by_custom(found: re.Match[str], day_first: bool) -> date | None:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (first, second) if (day_first and second <= 12) or first > 12 else (second, first)
    return _date(year + (2000 if year < 100 else 0), month, day)


def _named(text: str, today: date | None) -> tuple[date | None, time | None, str]:
    """A day with its month in letters, else without its year or named from today."""
    if found := _NUMBERED.search(text):
        return _date(int(found[3]), int(found[2]), int(found[1])), None, _NUMBERED.sub(" ", text)
    for form, year, month, day in ((_YEAR_MONTH_DAY, 1, 2, 3), (_DAY_MONTH, 3, 2, 1), (_MONTH_DAY, 3, 1, 2)):
        for found in form.finditer(text):
            if number := _MONTHS.get(found[month]):
                rest = f"{text[: found.start()]} {text[found.end() :]}"
                rest = rest if found[year] else _FOUR.sub(" year ", rest)  # four digits may be the year, and no time
                return _in_year(found[year], number, int(found[day]), today), None, rest
    return _short(text, today)


def _short(text: str, today: date | None) -> tuple[date | None, time | None, str]:
    """A day in numbers without its year, or named from today."""
    for short, month_place, day_place in ((_NO_YEAR, 1, 2), (_DOTTED, 2, 1), (_SLASHED, 2, 1), (_SLASHED_MONTH, 1, 2)):
        if found := short.search(text):
            return _in_year("", int(found[month_place]), int(found[day_place]), today), None, short.sub(" ", text)
    for words, later in ((_TODAY, 0), (_TOMORROW, 1)):
        if today and re.search(rf"(?<![^\W\d_])(?:{words})", text):
            return today + timedelta(days=later), None, re.sub(rf"(?<![^\W\d_])(?:{words})", " ", text)
    return None, None, text


def _in_year(year: str | None, month: int, day: int, today: date | None) -> date | None:
    """Without a year: the next such day."""
    if year:
        return _date(int(year), month, day)
    this = _date(today.year, month, day) if today else None
    return _date(this.year + 1, month, day) if this and today and this < today else this


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 2000 <= year < 2100 else None
    except ValueError:
        return None


def _time(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _clock(text: str) -> time | None:
    """The first time of day. A number alone is one only as the begin of a slot: "6 - 7 pm"."""
    return next((_begin(one, end) for one, end in _slots(text) if _is_time(one) or (end and _is_time(end))), None)


def _only_times(text: str) -> bool:
    """Whether there is nothing else in it: "Sunday 18:00" and "5/12 18:00" are wanted on no day that was read."""
    ends = False
    for one, end in _slots(text):
        if not (ends or _is_time(one) or (end and _is_time(end))):
            return False
        ends = end is not None and _is_time(one)
    left = _TIME.sub(" ", _FOUR.sub("x", text)).replace(",", " ")
    return all(_UNTIL.fullmatch(word) for word in left.split())


def _slots(text: str) -> Iterator[tuple[re.Match[str], re.Match[str] | None]]:
    """Every number that may be a time, with the one that it is said to last until."""
    found = list(_TIME.finditer(_NO_TIME.sub(" ", text)))
    for one, then in zip_longest(found, found[1:]):
        yield one, then if then and _UNTIL.fullmatch(one.string, one.end(), then.start()) else None


def _is_time(one: re.Match[str]) -> bool:
    return one[0].strip() != one["hour"]


def _begin(begin: re.Match[str], end: re.Match[str] | None) -> time | None:
    """Of "6:00 - 7:00 pm" both are in the evening, of "11 - 1 pm" only the end is."""
    own = _half(begin)
    minute = int(begin["minute"] or begin["east"] or (30 if begin["past"] else 0))
    hour = _hour(begin, own)
    if end and not own and _half(end) and int(begin["hour"]) <= 12:
        hour = _hour(begin, _half(end))
        if (hour, minute) > (_hour(end, _half(end)), int(end["minute"] or 0)):
            hour = (hour + 12) % 24
    return _time(hour, minute)


def _half(one: re.Match[str]) -> str:
    """ "a" before noon, "p" after it, "" where it does not say."""
    if one["before"]:
        noon = one["before"] == "中午"
        return ("p" if int(one["hour"]) < 6 else "") if noon else "a" if re.fullmatch(_MORNING, one["before"]) else "p"
    return one["half"] or ("a" if one["am"] else "p" if one["pm"] else "")


def _hour(one: re.Match[str], half: str) -> int:
    hour = int(one["hour"])
    return hour % 12 + (12 if half == "p" else 0) if half and hour <= 12 else hour


def _four(text: str) -> time | None:
    """A time in four digits (PHP's "Hi"), as beside a day."""
    found = _FOUR.search(text)
    return _time(int(found[1]), int(found[2])) if found else None
