"""What trouble with the network becomes: words for a person, and never another kind of error."""

from __future__ import annotations

import httpx
import pytest

from app import steady
from app.platforms.api import TemporaryError
from app.platforms.http import call, retry_after, server_time
from app.texts import use


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (httpx.ConnectError("refused"), "No connection to the platform: nothing answers at its address"),
        (httpx.ConnectTimeout("slow"), "The platform did not answer in time"),
        (httpx.RemoteProtocolError("cut"), "No connection to the platform (RemoteProtocolError)"),
    ],
)
async def test_a_call_without_an_answer_is_told_in_words(trouble: httpx.HTTPError, words: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise trouble

    use("en")
    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as client:
        with pytest.raises(TemporaryError) as told:
            await call(client, "GET", "http://127.0.0.1/orders")
    assert str(told.value) == words


@pytest.mark.parametrize("date", ["", "soon", "Thu, 99 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 99999 12:00:00 GMT"])
async def test_a_date_nobody_can_read_spoils_no_answer(date: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[], headers={"date": date})

    before = int((steady.time() - 60) * 1000)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        found = await call(client, "GET", "http://127.0.0.1/orders")
    assert server_time(found.headers) is None
    assert found.version > before, "our own clock stands in"


@pytest.mark.parametrize("date", ["Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 12:00:00 -0000"])
def test_a_date_header_is_in_utc(date: str) -> None:
    assert server_time({"date": date}) == 1_767_268_800


@pytest.mark.parametrize(
    ("told", "seconds"), [("120", 120.0), ("0", 0.0), ("\u00b2", None), ("-5", None), ("soon", None), ("9" * 400, 86_400.0)]
)
def test_a_pause_is_a_plain_number(told: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": told}) == seconds
