"""What customers said, as the Reviews page shows it: which come first, and a score as stars and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from app import steady
from app.domain.shop import Review
from app.engine.facade import Facade
from app.engine.views import Ability, Storefront
from app.reports.statements import OurOrder
from app.texts import N_, tr
from app.ui.shops import shops

DAYS = 30  # what is older is not shown
_WORDS = {1: N_("very bad"), 2: N_("bad"), 3: N_("so-so"), 4: N_("good"), 5: N_("very good")}

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """One review with the shop it is about, and its order where that is stored here."""

    front: Storefront
    review: Review
    order: OurOrder | None = None

    @property
    def key(self) -> Key:
        """Account and review."""
        return self.front.account_id, self.review.review_id


def stars(score: float) -> int:
    """1 to 5, halves upwards; what lies outside belongs to the nearer end."""
    return min(5, max(1, int(score + 0.5)))


def drawn(score: float | None) -> str:
    """Five stars, the earned ones black."""
    return "" if score is None else "★" * stars(score) + "☆" * (5 - stars(score))


def said(score: float | None) -> str:
    """The score in words: "2 of 5: bad"."""
    if score is None:
        return tr("No stars given")
    return tr("{n} of 5: {words}", n=f"{score:g}", words=tr(_WORDS[stars(score)]))


def hearing(fronts: Iterable[Storefront]) -> list[Storefront]:
    """The accounts whose reviews can be read now."""
    return [front for front in fronts if front.enabled and Ability.HEARS_REVIEWS in front.abilities]


def every_review(facade: Facade) -> list[Heard]:
    """All that was heard in the last days, of every account, also those that are off now."""
    since, found = steady.now() - timedelta(days=DAYS), []
    for front in shops(facade):
        some = facade.stored_reviews(front.account_id, since)
        names = {one.order_id for one in some if one.order_id}
        orders = facade.known_orders(front.account_id, names) if names else {}
        found += [Heard(front, one, orders.get(one.order_id)) for one in some]
    return found


def ordered(heard: Iterable[Heard], unanswered_first: bool) -> list[Heard]:
    """The newest first; before them, if wanted, those that nobody answered."""
    newest = sorted(heard, key=lambda one: (one.review.at, one.key), reverse=True)
    return sorted(newest, key=lambda one: bool(one.review.reply)) if unanswered_first else newest
