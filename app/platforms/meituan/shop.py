"""The shop as customers see it at Meituan: open or resting, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from app.domain.shop import Review, ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.meituan.client import Client
from app.platforms.meituan.doors import Door
from app.platforms.meituan.payloads import CHINA, Text, Wire, shape
from app.platforms.meituan.routes import Ask
from app.texts import tr

OPEN_NOW, RESTING = "1", "3"
REVIEWS_PAGE = 20  # documented maximum
REVIEWS_PAGES = 50
REVIEWS_SPAN = timedelta(days=30)  # documented maximum of one question
ANY_REPLY = -1  # `replyStatus`: answered or not; recalled


class Comment(Wire):
    """A review. `food_comment_score` is the shop's stars, the others taste, delivery and packing."""

    comment_id: str = Field(min_length=1)
    comment_content: Text = ""
    food_comment_score: Annotated[float, Field(ge=0, le=5)] | None = None
    comment_time: str
    add_comment: Text = ""
    e_reply_content: Text = ""


def status_of(details: Mapping[str, Any]) -> ShopStatus:
    """Door B's `isOpen` (1 open, 3 resting, 0 not online) is documented in its SDK; door A's `open_level` is recalled."""
    online = str(details.get("isOnline", details.get("is_online", 1)))
    level = str(details.get("isOpen", details.get("open_level", "")))
    if online == "0" or level == "0":
        return ShopStatus(ShopState.CLOSED)
    states = {OPEN_NOW: ShopState.OPEN, RESTING: ShopState.PAUSED}
    if level not in states:
        raise ProtocolError(tr("Meituan answered in an unknown form"))
    return ShopStatus(states[level])


async def shop_of(door: Door) -> ShopStatus:
    """How the signed-in shop stands."""
    for shop_id, _, details in await door.shops():
        if shop_id == door.shop_id:
            return status_of(details)
    raise RejectedError(tr("Meituan does not know shop {shop}", shop=door.shop_id))


async def reviews_since(client: Client, shop_id: str, since: date, today: date) -> list[Review]:
    """Oldest first; asked for a month and twenty at a time."""
    found: list[Review] = []
    start = since
    while start <= today:
        end = min(start + REVIEWS_SPAN - timedelta(days=1), today)
        found += await _reviews_between(client, shop_id, start, end)
        start = end + timedelta(days=1)
    return sorted(found, key=lambda review: (review.at, review.review_id))


async def _reviews_between(client: Client, shop_id: str, start: date, end: date) -> list[Review]:
    found: list[Review] = []
    days = {"start_time": f"{start:%Y%m%d}", "end_time": f"{end:%Y%m%d}"}
    for page in range(REVIEWS_PAGES):
        paging = {"pageoffset": page * REVIEWS_PAGE, "pagesize": REVIEWS_PAGE, "replyStatus": ANY_REPLY}
        result = await client.call(Ask.REVIEWS, app_poi_code=shop_id, **days, **paging)
        some = result.value if isinstance(result.value, list) else []
        found += [_review(shape(Comment, one)) for one in some]
        if len(some) < REVIEWS_PAGE:
            break
    return found


def _review(comment: Comment) -> Review:
    text = "；".join(filter(None, (comment.comment_content, comment.add_comment)))
    return Review(
        comment.comment_id, _moment(comment.comment_time), comment.food_comment_score, text, reply=comment.e_reply_content
    )


def _moment(text: str) -> datetime:
    """Local time of China as text, or epoch seconds: the sources show the field, not its form."""
    try:
        if text.isdecimal() and len(text) > 8:
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ProtocolError(tr("Meituan sent fields of an unknown form: {fields}", fields="comment_time")) from None
