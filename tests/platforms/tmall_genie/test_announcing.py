"""Announcements over real HTTP: what is sent, what a strict platform refuses, and which error says who must act."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from app import steady
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.simulation import Faults
from app.platforms.tmall_genie import announcing
from app.platforms.tmall_genie.announcing import by_cloud, by_open_platform
from app.platforms.tmall_genie.signing import sign_top
from app.platforms.tmall_genie.simulator import TmallGenieSimulator

WORDS = "饿了么新订单，七号，共三份"
KINDS = ("iap", "top")


async def announce(genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str, **changed: str) -> None:
    genie.announce = kind
    speak = by_cloud if kind == "iap" else by_open_platform
    await speak(client, {**genie.credentials, **changed}, genie.address, WORDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_speaker_says_our_words(genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str) -> None:
    await announce(genie, client, kind)
    assert genie.sink.announced == [WORDS]


async def test_the_open_platforms_other_signature_works_too(genie: TmallGenieSimulator, client: httpx.AsyncClient) -> None:
    await announce(genie, client, "top", sign_method="hmac")
    await announce(genie, client, "top", push_type="BROADCAST", target="")
    await announce(genie, client, "top", device="do-1")
    assert genie.sink.announced == [WORDS] * 3


@pytest.mark.parametrize(
    ("kind", "changed", "error"),
    [
        ("iap", {"app_secret": "wrong"}, AuthError),
        ("iap", {"app_key": "nobody"}, AuthError),
        ("iap", {"access_token": "old"}, AuthError),
        ("iap", {"template_id": "tpl99"}, RejectedError),
        ("iap", {"placeholder": "content"}, RejectedError),
        ("iap", {"target": "do-2"}, RejectedError),
        ("top", {"app_secret": "wrong"}, AuthError),
        ("top", {"app_key": "nobody"}, AuthError),
        ("top", {"skill_id": "7"}, RejectedError),
        ("top", {"target": ""}, RejectedError),
        ("top", {"device": "do-1", "push_type": "BROADCAST", "target": ""}, RejectedError),
    ],
)
async def test_what_is_wrong_is_refused_in_the_contracts_words(
    genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str, changed: Mapping[str, str], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        await announce(genie, client, kind, **changed)
    assert genie.sink.announced == []
    assert len(genie.sink.refused) == 1


async def test_only_subscribers_hear_the_open_platform(genie: TmallGenieSimulator, client: httpx.AsyncClient) -> None:
    genie.sink.subscribed = False
    with pytest.raises(RejectedError, match="not subscribed"):
        await announce(genie, client, "top")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["throttle", "break_call"])
async def test_what_may_pass_is_temporary(
    genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str, fault: str
) -> None:
    genie.faults = Faults(**{fault: 1.0})
    with pytest.raises(TemporaryError):
        await announce(genie, client, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_lost_answer_is_temporary_although_it_was_said(
    genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str
) -> None:
    genie.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await announce(genie, client, kind)
    assert genie.sink.announced == [WORDS]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_from_another_hour_is_refused(
    genie: TmallGenieSimulator, client: httpx.AsyncClient, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genie.sink, "_now", lambda: steady.time() + 3600)
    with pytest.raises(RejectedError):
        await announce(genie, client, kind)
    assert genie.sink.refused == ["InvalidTimeStamp.Expired" if kind == "iap" else "31"]


async def test_a_nonce_counts_once(
    genie: TmallGenieSimulator, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Same:
        hex = "0123456789abcdef"

    monkeypatch.setattr(announcing, "uuid4", Same)
    await announce(genie, client, "iap")
    with pytest.raises(RejectedError):
        await announce(genie, client, "iap")
    assert genie.sink.refused == ["SignatureNonceUsed"]


class Replying(httpx.AsyncBaseTransport):
    """A platform whose every answer the test writes."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await asyncio.sleep(0)
        return httpx.Response(self.status, json=self.answer)


VALUES = {"skill_id": "1", "app_key": "k", "app_secret": "s", "target": "u", "template_id": "t", "access_token": "x"}


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, {"Success": False, "Code": "NoTemplate", "Message": "not approved"}, RejectedError),
        (400, {"Code": "SignatureDoesNotMatch"}, AuthError),
        (403, {}, AuthError),
        (500, "oops", TemporaryError),
        (400, ["?"], RejectedError),
    ],
)
async def test_the_clouds_refusals(status: int, answer: Any, error: type[PlatformError]) -> None:
    async with httpx.AsyncClient(transport=Replying(status, answer)) as client:
        with pytest.raises(error):
            await by_cloud(client, {**VALUES, "host": "genie.example"}, "", WORDS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error_response": {"code": 7, "msg": "App Call Limited"}}, TemporaryError),
        ({"error_response": {"code": 27, "msg": "Invalid session"}}, AuthError),
        ({"error_response": {"code": 15, "sub_code": "isv.x", "sub_msg": "no"}}, RejectedError),
        ({"error_response": "?"}, RejectedError),
        ({announcing.TOP_ANSWER: {"push_result": "false", "push_error_msg": "no device"}}, RejectedError),
        ({}, ProtocolError),
    ],
)
async def test_the_open_platforms_refusals(answer: Any, error: type[PlatformError]) -> None:
    async with httpx.AsyncClient(transport=Replying(200, answer)) as client:
        with pytest.raises(error):
            await by_open_platform(client, VALUES, "", WORDS)


async def test_each_interface_has_its_own_address() -> None:
    cloud, top = Replying(200, {}), Replying(200, {announcing.TOP_ANSWER: {"push_result": True}})
    async with httpx.AsyncClient(transport=cloud) as client:
        await by_cloud(client, {**VALUES, "host": "genie.example", "organization_id": "org"}, "", WORDS)
    async with httpx.AsyncClient(transport=top) as client:
        await by_open_platform(client, VALUES, "", WORDS)
    assert str(cloud.requests[0].url) == "https://genie.example/v1.0/iap/notifications"
    assert cloud.requests[0].headers["host"] == "genie.example"
    assert str(top.requests[0].url) == "https://eco.taobao.com/router/rest"
    assert "org" in cloud.requests[0].content.decode()


async def test_an_empty_field_is_neither_sent_nor_signed() -> None:
    transport = Replying(200, {announcing.TOP_ANSWER: {"push_result": True}})
    async with httpx.AsyncClient(transport=transport) as client:
        await by_open_platform(client, {**VALUES, "access_token": "", "target": ""}, "", WORDS)
    sent = dict(httpx.QueryParams(transport.requests[0].content.decode()))
    assert not {"session", "user_id", "uuid"} & sent.keys()
    assert sent["sign"] == sign_top(sent, "s")
