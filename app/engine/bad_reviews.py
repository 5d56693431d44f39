"""A bad review is told: as a sentence for a person, until somebody answered it or saw it on the Reviews page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db import audit, statements
from app.db.accounts import Account
from app.domain.shop import Review
from app.engine.house import House
from app.engine.views import ShopNotice
from app.texts import N_, language, tr

BAD = 2.5  # a score below: one or two stars
NEWS = timedelta(days=7)  # what is older is history
LONGEST = 40  # characters of what the customer wrote

_SEEN = "reviews_seen"
_ONE = N_("Bad review at {shop}: {stars} of 5 stars. {text}")
_SEVERAL = N_("{n} bad reviews at {shop}")


def bad_reviews(connection: Connection, house: House, every: Iterable[Account], now: datetime) -> list[ShopNotice]:
    """One sentence for each account with bad reviews that nobody answered or saw."""
    found = []
    for account in every:
        fresh = _fresh(connection, account, now) if account.enabled else []
        if fresh:
            found.append(ShopNotice(account.id, _words(house.title(account.platform, language()), fresh), urgent=False))
    return found


def seen(connection: Connection, shown: Mapping[int, Collection[str]], now: datetime) -> None:
    """Somebody has these reviews (ids by account) in front of them: they are told no more."""
    known = _seen(connection)
    for account_id, ids in shown.items():
        recent = {one.review_id for one in statements.stored_reviews(connection, account_id, now - NEWS)}
        known[str(account_id)] = sorted(recent & {*known.get(str(account_id), ()), *ids})
    audit.set_preference(connection, _SEEN, known)


def _fresh(connection: Connection, account: Account, now: datetime) -> list[Review]:
    known = _seen(connection).get(str(account.id), ())
    recent = statements.stored_reviews(connection, account.id, now - NEWS)
    return [one for one in recent if is_bad(one) and not one.reply and one.review_id not in known]


def is_bad(review: Review) -> bool:
    """One or two stars."""
    return review.score is not None and review.score < BAD


def _words(shop: str, fresh: list[Review]) -> str:
    if len(fresh) > 1:
        return tr(_SEVERAL, n=len(fresh), shop=shop)
    (one,) = fresh
    text = one.text if len(one.text) <= LONGEST else f"{one.text[:LONGEST]}…"
    return tr(_ONE, shop=shop, stars=f"{one.score:g}", text=text).strip()


def _seen(connection: Connection) -> dict[str, list[str]]:
    return dict(audit.preference(connection, _SEEN, {}))
