"""Tickets of no order: a hard but likely example of every kind for the preview, and the settings page of a new printer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app import steady
from app.domain.orders import Fulfilment, OptionKind
from app.domain.tickets import Difference, Note, NoteKind, Restated, Sum, Ticket, TicketKind, TicketLine, TicketOption
from app.texts import N_, say

AT = datetime(2026, 11, 22, 4, 3, 10, tzinfo=UTC)  # a Sunday noon in Shanghai
PRINTER = (N_("Printer"), N_("Kitchen printer, 80 mm, LAN"))


def sample_ticket(kind: TicketKind, language: str, zone: str = "Asia/Shanghai") -> Ticket:
    """What a paper of `kind` looks like on a hard day: long names, options, an allergy, two bags. Always the same."""
    ticket = _SHAPES.get(kind, _kitchen)(_order(kind, language))
    return replace(ticket, zone=zone)


def trial_ticket(
    language: str = "zh", zone: str = "Asia/Shanghai", at: datetime | None = None, about: tuple[str, ...] = ()
) -> Ticket:
    """The settings page in `language`, made `at` (now by default): ruler, hanzi, sizes, reverse, code, bell and knife.

    `about` is what is known of the printer, a text a row.
    """
    page = sample_ticket(TicketKind.TEST, language, zone)
    return replace(page, created_at=at or steady.now(), lines=tuple(TicketLine("", text) for text in about))


def _order(kind: TicketKind, language: str) -> Ticket:
    """Everything that stands on most papers."""
    chinese = language == "zh"
    return Ticket(
        kind=kind,
        call_number="饿#27",
        platform="饿了么" if chinese else "Ele.me",
        ticket_id="T-8F21C0DE",
        created_at=AT,
        zone="Asia/Shanghai",
        lines=_dishes(chinese),
        fulfilment=Fulfilment.DELIVERY,
        language=language,
        due_at=AT + timedelta(minutes=22),
        notes=(
            Note(NoteKind.ALLERGY, "花生过敏，谢谢" if chinese else "severe peanut allergy"),
            Note(NoteKind.CHANGE, "汤不要香菜，米饭多一点" if chinese else "no coriander in the soup, extra rice"),
            Note(NoteKind.COURTESY, "到了请放前台" if chinese else "please leave it at the front desk"),
        ),
        items_total="7",
        tableware=2,
    )


def _dishes(chinese: bool) -> tuple[TicketLine, ...]:
    """Long names, many options, a hanzi that no printer has, a fraction."""
    add, remove = OptionKind.ADD, OptionKind.REMOVE
    if chinese:
        return (
            TicketLine(
                "2",
                "宫保鸡丁盖饭（大份）配例汤一份",
                (TicketOption("去葱", remove), TicketOption("加饭", add, 2), TicketOption("微辣")),
                "少盐",
                "Kung Pao chicken",
            ),
            TicketLine("1", "水煮牛肉", (TicketOption("特辣"),), "", "Sichuan boiled beef"),
            TicketLine("3", "米饭"),
            TicketLine("1", "𩽾𩾌鱼豆腐煲", (TicketOption("去姜", remove),), "", "Monkfish and tofu pot"),
        )
    return (
        TicketLine(
            "2",
            "Kung Pao chicken with rice (large) and a bowl of the soup of the day",
            (TicketOption("spring onion", remove), TicketOption("rice", add, 2), TicketOption("mild")),
            "less salt",
            "宫保鸡丁盖饭（大份）",
        ),
        TicketLine("1", "Sichuan boiled beef", (TicketOption("extra hot"),), "", "水煮牛肉"),
        TicketLine("3", "Steamed rice", (), "", "米饭"),
        TicketLine("1", "Jalapeño poppers", (TicketOption("ginger", remove),), "", "墨西哥辣椒"),
    )


def _kitchen(ticket: Ticket) -> Ticket:
    chinese = ticket.language == "zh"
    return replace(
        ticket,
        station="热菜" if chinese else "Hot",
        also_at=("面点", "凉菜") if chinese else ("Noodles", "Cold"),
        station_total="7",
        items_total="11",
    )


def _dish(ticket: Ticket) -> Ticket:
    return replace(_kitchen(ticket), lines=ticket.lines[:1], sheet=3, sheets=5)


def _label(ticket: Ticket) -> Ticket:
    chinese = ticket.language == "zh"
    options = ("大杯", "少冰", "三分糖", "加珍珠") if chinese else ("large", "less ice", "30% sugar", "add tapioca pearls")
    name = "杨枝甘露奶绿" if chinese else "Mango pomelo green tea"
    return replace(
        ticket, lines=(TicketLine("1", name, tuple(map(TicketOption, options))),), notes=ticket.notes[:1], sheet=1, sheets=3
    )


def _expediter(ticket: Ticket) -> Ticket:
    return replace(ticket, also_at=("热菜", "面点", "凉菜") if ticket.language == "zh" else ("Hot", "Noodles", "Cold"))


def _bag(ticket: Ticket) -> Ticket:
    chinese = ticket.language == "zh"
    return replace(
        ticket,
        sheet=1,
        sheets=2,
        bags=2,
        pickup_code="8842",
        shop="老街小炒（人民路店）" if chinese else "Old Street Kitchen",
        reference="8003 1234 5678 9012 345",
        customer="张*" if chinese else "Z. L.",
        phone="138****0042",
        address="人民路 188 号金融大厦 A 座前台" if chinese else "front desk, Finance Tower A, 188 Renmin Road",
        courier="李师傅 139****7788" if chinese else "Mr Li 139****7788",
        scan="ELEME:8003123456789012345",
    )


def _receipt(ticket: Ticket) -> Ticket:
    chinese = ticket.language == "zh"
    amounts = ("76.00", "58.00", "9.00", "48.00")
    rows = (("小计", "191.00"), ("打包费", "4.00"), ("配送费", "5.00"), ("满减", "-20.00"), ("合计", "￥180.00"))
    english = ("Subtotal", "Packaging", "Delivery", "Discount", "Total")
    named = [(name if chinese else other, amount) for (name, amount), other in zip(rows, english, strict=True)]
    return replace(
        _bag(ticket),
        lines=tuple(replace(line, amount=amount) for line, amount in zip(ticket.lines, amounts, strict=True)),
        sums=tuple(Sum(name, amount, strong=amount.startswith("￥")) for name, amount in named),
        payment="在线支付" if chinese else "paid online",
        notes=(),
        sheets=1,
    )


def _changed(ticket: Ticket) -> Ticket:
    added, removed = Difference.ADDED, Difference.REMOVED
    first, second, third, _ = ticket.lines
    old = AT + timedelta(minutes=22)
    due = Restated(say(ticket.language, "DUE {time}", time="12:45"), f"{old.astimezone(ZoneInfo(ticket.zone)):%H:%M}")
    note = ticket.notes[1].text
    facts = (due, Restated(say(ticket.language, "New: {note}", note=note)))
    more = [replace(line, difference=added) for line in (replace(first, quantity="1"), third)]
    return replace(
        _again(_kitchen(ticket)),
        due_at=AT + timedelta(minutes=42),
        restated=facts,
        lines=(*more, replace(second, difference=removed)),
        notes=ticket.notes[:2],
    )


def _void(ticket: Ticket) -> Ticket:
    reason = "顾客取消：等太久了" if ticket.language == "zh" else "cancelled by the customer: waited too long"
    return replace(_again(_kitchen(ticket)), reason=reason)


def _urge(ticket: Ticket) -> Ticket:
    reason = "骑手已到店，等了 8 分钟" if ticket.language == "zh" else "the courier has been waiting for 8 minutes"
    return replace(_again(_kitchen(ticket)), reason=reason)


def _again(ticket: Ticket) -> Ticket:
    later = AT + timedelta(minutes=9)
    return replace(ticket, original_id=ticket.ticket_id, ticket_id="T-1B5EFACE", was_printed_at=AT, created_at=later)


def _totals(ticket: Ticket) -> Ticket:
    chinese = ticket.language == "zh"
    counts, amounts = ("38", "21", "112", "9"), ("1444.00", "1218.00", "336.00", "432.00")
    rows = (("饿了么", "美团", "合计") if chinese else ("Ele.me", "Meituan", "Total"), ("2180.00", "1250.00", "￥3430.00"))
    return replace(
        ticket,
        call_number="11-22",
        platform="",
        shop="老街小炒（人民路店）" if chinese else "Old Street Kitchen",
        lines=tuple(
            TicketLine(count, line.name, amount=amount)
            for line, count, amount in zip(ticket.lines, counts, amounts, strict=True)
        ),
        sums=tuple(Sum(name, amount, strong=amount.startswith("￥")) for name, amount in zip(*rows, strict=True)),
        notes=(),
        items_total="180",
        tableware=None,
    )


def _test(ticket: Ticket) -> Ticket:
    lines = tuple(TicketLine("", say(ticket.language, text)) for text in PRINTER)
    return replace(
        ticket,
        call_number="测#88",
        platform="",
        ticket_id="T-TEST",
        lines=lines,
        notes=(),
        scan="ORDER CONSOLE",
    )


_SHAPES = {
    TicketKind.DISH: _dish,
    TicketKind.LABEL: _label,
    TicketKind.EXPEDITER: _expediter,
    TicketKind.PACKING: _bag,
    TicketKind.COURIER: _bag,
    TicketKind.RECEIPT: _receipt,
    TicketKind.CHANGED: _changed,
    TicketKind.VOID: _void,
    TicketKind.URGE: _urge,
    TicketKind.TOTALS: _totals,
    TicketKind.TEST: _test,
}
