"""Which fields of an order speak of when the customer wants it: shops name them themselves, in the language of the shop."""

from __future__ import annotations

import re
from datetime import date

from app.platforms.woocommerce.written import bare, names_a_time, plain

_MOST = 200  # characters of a name or of what it says that are looked at
LONGEST = 80  # characters of what is believed where the name alone does not tell

# Customers see and fill in these; every other name that begins with an underscore is an add-on's own book-keeping.
_PUBLIC = re.compile(r"^_(?:wc_(?:other|billing|shipping)/(?:[\w-]+/)?|(?:billing|shipping)_)")


def _any(*patterns: str) -> re.Pattern[str]:
    """Any of the patterns, which are written in small letters; accents are taken out as they are from the names."""
    return re.compile(bare("|".join(patterns)))


_ERRAND_WORDS = (
    r"deliver|pick ?up|collect|take ?(?:away|out)|carry ?out|shipping|livraison|livrer|retrait|emporter",
    r"liefer|abhol|zustell|entrega|\benvio|recog|\bretiro|recojo|domicilio|retirada|consegna|ritiro|asporto",
    r"bezorg|afha|\blever|ophal|dostaw|odbior|avhamt|\bhamt|afhent|\bhent|toimitus|nouto|doruc|vyzved|szallit|atvet",
    r"\blivrar|ridicar|teslim|достав|самовывоз|получен|παραδοσ|παραλαβ|توصيل|استلام|تسليم|משלוח|איסוף",
    r"配送|送达|送達|送餐|取餐|自取|送货|送貨|外送|取货|取貨|配達|届け|受取|受け取|배달|배송|픽업|수령",
    r"giao hang|nhan hang|จัดส่ง|\bantar|pengiriman|pengambilan",
)
_TIME_WORDS = (
    r"date|time|slot|day|hour|zeit|datum|uhr|termin(?!al|at)|fenster|(?:liefer|abhol|wunsch|wochen)\w*tag\b",
    r"heure|horaire|creneau|\bjour|fecha|horario|hora|\bdia\b|franja|turno|giorno|\bora\b|orario|fascia",
    r"\bdata\b|tijd|\bdag|godzin|dzien|\btid\b|dato\b|tidspunkt|klokk?e|aika|paiva|pvm|\bcas\b|hodin|idopont",
    r"\bziua\b|tarih|saat|\bzaman|дата|время|\bчас|день|\bсрок|ημερομηνια|\bωρα|تاريخ|وقت|موعد|תאריך|שעה|מועד",
    r"时间|時間|日期|时段|時段|日時|時刻|希望日|시간|일시|날짜|시각|\bngay\b|thoi gian|วัน|เวลา|tanggal|\bjam\b|waktu",
    r"\b(?:am|um|le|el|il|on)\W*$",
)
_WISH_WORDS = (
    r"wunsch|gewünscht|vorbestell|geplant|want|desire|prefer|request|pre ?order|schedul|souhait|desir|precommand",
    r"\bdese|solicit|program(?:ad|mat)|desider|richiest|gewenst|\bwens|żądan|ønsk|önsk|reserv|tercih|желаем",
    r"arriv|ankunft|llegada|booking|serving|servier|catering|event (?:date|day)|veranstaltung",
    r"希望|期望|预约|預約|预定|预订|指定|予約|희망|예약|مطلوب|רצוי",
)
_ASKING = _any(r"\b(?:when|wann|quand|cuando|quando|wanneer|kiedy|когда|коли)\b|什么时候|何时|いつ|언제")
_ERRAND, _TIME, _WISH = _any(*_ERRAND_WORDS), _any(*_TIME_WORDS), _any(*_WISH_WORDS)
_FILLER = re.compile(
    "and|und|et|y|e|en|i|of|de|del|du|des|di|da|do|der|die|das|the|for|fur|pour|para|per|from|at|by|ab|a|your|ihre?|votre|tu|su"
    "|am|um|le|el|il|on"
)
_BARE_ERRAND = re.compile(
    bare(rf"(?:selbst)?(?:order|bestellung|commande|pedido|ordine|data|{'|'.join(_ERRAND_WORDS)})\w{{0,6}}")
)
_BARE_TIME = re.compile(bare(rf"(?:{'|'.join(_TIME_WORDS)}){{1,3}}s?"))
# Times that are the machine's or the shop's own, and what is no time at all.
_NEVER = _any(
    r"zone|updat|creat|saved|modif|process|expir|fee\b|fees\b|cost|price|charge|kosten|gebühr|frais|\bprix|tarif|coste|precio",
    r"costo|prezzo|custo|preço\b|taxa|count(?!er)|status|estim|prepar|\beta\b|track|shipped|completed|delivered|\bpaid\b|\bsent\b",
    r"dispatched|birth|geburt|naissance|nacimiento|nascita|nascimento|invoice|rechnung|factur|fattur|distance|duration|dauer",
    r"durée|\blead\b|opening|store hours|öffnung|ouverture|apertura|enabled|version|callback|contact\b|rückruf",
    r"consent|renewal|remind|printed|notif|timeout|cut ?off|(?:delivery|collect\w*|pick ?up|shipping) data\b",
    r"费|費|状态|狀態",
)
# What a name may speak of beside the time: such a field counts if a time stands in it.
_BESIDE = _any(
    r"\bids?\b|type|method|methode|\bnote|notiz|hinweis|comment|remark|bemerkung|instruction|number|nummer|numero|name\b|label",
    r"format|location|place|store|branch|address|adresse|filiale|lieu|point|standort|lugar|luogo|\bart\b|\w{4,}art\b|option",
    r"\bdays\b|\bhours\b|\btage\b|door|gate|phone|telefon|mail|url|\bkey\b|hash|driver|courier|address|dirección|endereço|indirizzo|地址|方式|备注|門店|门店",
)
_LASTS = re.compile(
    bare(
        r"(?!in\b|dans\b|en\b|dentro)\D{0,20}\d+(?:[.,]\d)?\s*(?:(?:[-–]|bis|to|à|a)\s*\d+)?\s*(?:min\w*|分钟|分鐘|分|(?:werk|arbeits)tag\w*"
        r"|(?:business|working)?\s*days?|jours?(?: ouvr\w+)?|tage?|d[ií]as?|giorni)\W*"
    )
)
_NOTHING = re.compile(
    r"\W*(?:yes|no|on|off|true|false|none|null|n/?a|0|ja|nein|oui|non|si|nao|nee|keine?r?|是|否|无|没有)?\W*"
)


def speaks_of_it(key: str, words: str, day_first: bool, today: date | None) -> bool:
    """Whether the field `key`, which says `words`, is the customer's wish for a time, read or not."""
    name, said = _name(key[:_MOST]), plain(words[:_MOST])
    if _NOTHING.fullmatch(said) or _LASTS.fullmatch(said) or _NEVER.search(name):
        return False
    is_named = bool((_ERRAND.search(name) or _WISH.search(name)) and _TIME.search(name)) or bool(_ASKING.search(name))
    if key.startswith("_") and not _PUBLIC.match(key.casefold()):
        is_code = re.fullmatch(r"[\w-]*", said) and not names_a_time(words, day_first, today)
        return (
            is_named and not is_code and not _BESIDE.search(name) and len(words) <= LONGEST and any(map(str.isdigit, said))
        )
    is_stamp = said.isdigit() and len(said) > 4
    if (is_named or (_is_only(_BARE_TIME, name) and name != "data" and not is_stamp)) and not _BESIDE.search(name):
        return True
    is_likely = is_named or _is_only(_BARE_ERRAND, name) or _WISH.search(name)
    return bool(is_likely) and not is_stamp and len(words) <= LONGEST and names_a_time(words, day_first, today)


def _is_only(kind: re.Pattern[str], name: str) -> bool:
    """Whether nothing else stands in a name: "Uhrzeit", "Date et heure", "Lieferung für"."""
    own = [word for word in name.split() if not _FILLER.fullmatch(word)]
    return bool(own) and all(map(kind.fullmatch, own))


def _name(key: str) -> str:
    """The name in words: "_billing_delivery-date" is "delivery date"."""
    shown = plain(_PUBLIC.sub("", key.casefold()))
    words = " ".join(re.split(r"[\s_–/.,:;()\[\]?!*&+-]+", shown)).strip()
    return re.sub(r"\b(pick|take|carry) (up|away|out)\b", r"\1\2", words)
