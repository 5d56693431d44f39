"""What trouble with the network becomes: words for a person, and never another kind of error."""

from __future__ import annotations

import httpx
import pytest

from app.platforms.api import TemporaryError
from app.platforms.http import call
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
