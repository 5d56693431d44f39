"""What customers say at Ele.me, and the shop's answers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from app.domain.shop import Review
from app.platforms.api import RejectedError
from app.platforms.eleme.client import Client
from app.platforms.eleme.payloads import CHINA, Time, Wire, shape
from app.platforms.eleme.polling import as_list

PAGE = 20  # of a size that no source limits
SPAN = timedelta(days=90) - timedelta(hours=1)  # documented: 90 days; an hour for two clocks that differ
SHORTEST = timedelta(seconds=2)


class Reply(Wire):
    """OpenapiRateReply."""

    content: str = ""


class Tag(Wire):
    """OpenapiRateTag. An anonymous review names no order (announced by Ele.me in 2022)."""

    order_id: str = ""


class DishRate(Wire):
    """OpenapiItemRate: what is said of one dish."""

    item_name: str = ""
    rate_content: str = ""


class Rate(Wire):
    """OpenapiOrderRate."""

    id: str = Field(min_length=1)
    rating: Annotated[float, Field(ge=0, le=5)] | None = None
    rate_content: str = ""
    rated_at: Time
    item_rates: list[DishRate] = Field(default_factory=list)
    order_rate_reply: Reply = Reply()
    rate_tag: Tag = Tag()


async def reviews_since(client: Client, shop_id: int, since: date, now: datetime) -> list[Review]:
    """Oldest first; Ele.me tells those of the last 90 days."""
    start = max(datetime.combine(since, time(), CHINA), now.astimezone(CHINA) - SPAN)
    found = await _between(client, shop_id, start.replace(microsecond=0), now.astimezone(CHINA).replace(microsecond=0))
    return sorted(found.values(), key=lambda review: (review.at, review.review_id))


async def reply_review(client: Client, shop_id: int, review_id: str, text: str, now: datetime) -> None:
    """Answer one; one that has an answer is done."""
    words = {"rateId": review_id, "shopId": str(shop_id), "replyType": "ORDER", "reply": text}
    try:
        await client.call("eleme.ugc.replyRateByRateIdAndShopId", words)
    except RejectedError:
        known = await reviews_since(client, shop_id, (now - SPAN).date(), now)
        if not any(one.reply for one in known if one.review_id == review_id):
            raise


async def _between(client: Client, shop_id: int, start: datetime, end: datetime) -> dict[str, Review]:
    """Both moments included. No source tells whether `offset` counts reviews or pages, so a full page is asked for again in
    two halves of the time, and no second page of anything."""
    if start > end:
        return {}
    span = {"startTime": _local(start), "endTime": _local(end), "offset": 0, "pageSize": PAGE}
    page = as_list((await client.call("eleme.ugc.getOrderRatesByShopId", {"shopId": str(shop_id)} | span)).value)
    if len(page) < PAGE or end - start < SHORTEST:
        return {rate.id: _review(rate) for rate in (shape(Rate, one) for one in page)}
    middle = start + timedelta(seconds=(end - start) // timedelta(seconds=2))
    return await _between(client, shop_id, start, middle) | await _between(client, shop_id, middle, end)


def _review(rate: Rate) -> Review:
    said = (": ".join(filter(None, (one.item_name, one.rate_content))) for one in rate.item_rates if one.rate_content)
    text = "；".join(filter(None, (rate.rate_content, *said)))
    # a review without stars is said to be of none; nobody gives nought
    return Review(
        rate.id, rate.rated_at, rate.rating or None, text, rate.rate_tag.order_id, reply=rate.order_rate_reply.content
    )


def _local(moment: datetime) -> str:
    """The form in which the official Java SDK writes a Date."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
