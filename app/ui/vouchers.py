"""Vouchers and what became of them, in words for whoever stands at the counter."""

from __future__ import annotations

from datetime import datetime

from app.domain.vouchers import UNANSWERED, RedemptionState, Voucher, VoucherState
from app.engine.shop_views import Redemption
from app.engine.views import Ability, Storefront
from app.texts import N_, tr
from app.ui.shops import Standing
from app.ui.words import headed, moment, money, plain

_STATES = {
    VoucherState.GOOD: N_("Good: can be redeemed here"),
    VoucherState.USED: N_("Used up"),
    VoucherState.REFUNDED: N_("Refunded"),
    VoucherState.ELSEWHERE: N_("Not valid in this shop"),
    VoucherState.EXPIRED: N_("Expired"),
    VoucherState.NOT_YET: N_("Not valid yet"),
    VoucherState.OTHER: N_("Cannot be redeemed"),
}


def able_to_redeem(front: Storefront) -> bool:
    """Whether its platform's vouchers can be checked now."""
    return front.enabled and Ability.REDEEMS_VOUCHERS in front.abilities


def spoken(code: str) -> str:
    """A code in groups of four, as it is printed and read aloud."""
    bare = plain(code)
    return " ".join(bare[place : place + 4] for place in range(0, len(bare), 4))


def good(voucher: Voucher) -> Standing:
    """Whether it can be redeemed here: not in the colour of one that is."""
    fine = voucher.state is VoucherState.GOOD
    return Standing(tr(_STATES[voucher.state]), "question" if fine else "cross", "new" if fine else "late")


def left(voucher: Voucher, gone: int = 0) -> str:
    """How many uses it has, after `gone` more."""
    remaining = max(voucher.left - gone, 0)
    return tr("{n} of {total} uses left", n=remaining, total=voucher.total) if voucher.total > 1 else ""


def facts(voucher: Voucher, now: datetime, gone: int = 0) -> list[str]:
    """What must be read before it is redeemed, one a line: uses, worth, dates."""
    begins, ends = voucher.valid_from, voucher.valid_until
    each = voucher.total > 1 and voucher.worth is not None
    lines = [left(voucher, gone)]
    if voucher.worth:
        lines.append(tr("{amount} each" if each else "worth {amount}", amount=money(voucher.worth)))
    if begins and begins > now:
        lines.append(tr("valid from {time}", time=moment(begins, now)))
    if ends:
        lines.append(tr("valid until {time}" if ends > now else "was valid until {time}", time=moment(ends, now)))
    return [line for line in lines if line]


def outcome(one: Redemption) -> Standing:
    """What became of it, as far as anybody knows."""
    match one.state:
        case RedemptionState.REDEEMED if one.text:
            return Standing(tr("Still redeemed: it could not be taken back"), "cross", "late")
        case RedemptionState.REDEEMED:
            uses = tr("{n} uses", n=one.uses) if one.uses > 1 else ""
            return Standing(" · ".join(filter(None, (tr("Redeemed"), uses))), "check", "ready")
        case RedemptionState.REFUSED:
            return Standing(tr("NOT redeemed"), "cross", "late")
        case RedemptionState.TAKEN_BACK:
            return Standing(tr("Taken back: it can be used again"), "check", "muted")
    back = one.state is RedemptionState.TAKING_BACK
    if one.due_at is None:
        text = N_("Nobody knows whether it was taken back") if back else N_("Nobody knows whether it was redeemed")
        return Standing(tr(text), "question", "late")
    if not one.text:
        return Standing(tr("Taking it back…") if back else tr("Redeeming…"), "clock", "soon")
    text = N_("Asked to take it back, no answer yet") if back else N_("Asked, no answer yet")
    return Standing(tr(text), "clock", "soon")


def advice(one: Redemption, title: str) -> str:
    """What the platform said; while it says nothing, why not, and what to do meanwhile."""
    if one.state is RedemptionState.ASKED:
        meanwhile = tr("Serve nothing for it before it says redeemed. Asking again never redeems it twice.")
        return "\n".join(filter(None, (plain(one.text), meanwhile)))
    if one.state in UNANSWERED:
        return plain(one.text)
    return tr("{platform} says: {why}", platform=plain(title), why=plain(one.text)) if one.text else ""


def brief(one: Redemption) -> str:
    """Title and uses of a redemption, and what they are worth."""
    title = plain(one.title) or tr("Voucher")
    uses = tr("{n} uses", n=one.uses) if one.uses > 1 else ""
    worth = money(one.worth) if one.worth else ""
    return " · ".join(filter(None, (title, uses, worth)))


def asked(one: Redemption, title: str, now: datetime) -> str:
    """When it was asked for, where, and by whom; and the same of its taking back."""
    who = {"counter": N_("at the counter"), "command line": N_("from the command line")}
    parts = [moment(one.asked_at, now), plain(title), tr(who.get(one.who, plain(one.who))), _end(one.code)]
    if one.back_at:
        back = " ".join((moment(one.back_at, now), tr(who.get(one.back_by, plain(one.back_by)))))
        parts.append(headed(tr("taken back") if one.state is RedemptionState.TAKEN_BACK else tr("asked to take back"), back))
    return " · ".join(filter(None, parts))


def _end(code: str) -> str:
    """Enough of a code to tell two vouchers apart, and too little to use it."""
    return f"…{plain(code)[-4:]}"
