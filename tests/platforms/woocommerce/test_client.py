"""The client: every way to be believed by a shop, and every kind of answer that a WordPress host may give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from app.platforms.api import AuthError, ProtocolError, RejectedError, TemporaryError
from app.platforms.woocommerce.client import Client, base_of
from app.platforms.woocommerce.polling import NEWEST

from .conftest import Line

Answerer = Callable[[httpx.Request], httpx.Response]


def client_of(line: Line, address: str = "", **changed: str) -> Client:
    values = {**line.simulator.credentials, **changed}
    return Client(line.client, address or line.simulator.address, values["consumer_key"], values["consumer_secret"])


def mocked(answer: Answerer, address: str = "https://shop.example.test") -> Client:
    return Client(httpx.AsyncClient(transport=httpx.MockTransport(answer)), address, "ck_1", "cs_1")


def saying(status: int, content: str | bytes, kind: str = "application/json", **headers: str) -> Client:
    raw = content.encode() if isinstance(content, str) else content
    return mocked(lambda _: httpx.Response(status, content=raw, headers={"Content-Type": kind, **headers}))


def through_tls(line: Line) -> Client:
    """The simulator behind an https address, as far as the client can tell."""

    async def forward(request: httpx.Request) -> httpx.Response:
        url = line.simulator.address + request.url.raw_path.decode()
        headers = {name: value for name, value in request.headers.items() if name in ("authorization", "content-type")}
        there = await line.client.request(request.method, url, headers=headers, content=request.content)
        return httpx.Response(there.status_code, content=there.content, headers={"Content-Type": "application/json"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(forward))
    values = line.simulator.credentials
    return Client(http, "https://shop.example.test", values["consumer_key"], values["consumer_secret"])


# -- being believed


async def test_a_shop_on_plain_http_takes_signed_calls(line: Line) -> None:
    line.simulator.place()
    assert len((await client_of(line).orders(NEWEST)).body) == 1


async def test_the_signature_is_over_the_address_that_the_shop_knows_itself_by(line: Line) -> None:
    line.simulator.home = "https://localhost:8080"
    client = client_of(line)
    assert (await client.orders(NEWEST)).body == []
    assert client.address == line.simulator.address


async def test_a_wrong_clock_here_is_corrected_by_the_shops(line: Line) -> None:
    values = line.simulator.credentials
    late = Client(line.client, line.simulator.address, values["consumer_key"], values["consumer_secret"], lambda: 0.0)
    assert (await late.orders(NEWEST)).body == []
    assert (await late.orders(NEWEST)).body == []


@pytest.mark.parametrize("changed", [{"consumer_key": "ck_other"}, {"consumer_secret": "cs_other"}])
async def test_a_wrong_key_or_secret_needs_a_person(line: Line, changed: dict[str, str]) -> None:
    with pytest.raises(AuthError, match="does not accept the key"):
        await client_of(line, **changed).orders(NEWEST)


async def test_over_https_the_key_travels_as_basic(line: Line) -> None:
    line.simulator.keys.secure = True
    client = through_tls(line)
    assert (await client.orders(NEWEST)).body == []
    line.simulator.keys.known["ck_practice"] = ("changed", "read_write")
    with pytest.raises(AuthError, match="Consumer secret is invalid"):
        await client.orders(NEWEST)


async def test_a_proxy_that_hides_https_from_php_is_got_round_by_signing(line: Line) -> None:
    """Basic is then ignored, which looks like no key at all (observed)."""
    line.simulator.home = "https://shop.example.test"
    client = through_tls(line)
    order_id = line.simulator.place()
    assert [row["id"] for row in (await client.orders(NEWEST)).body] == [int(order_id)]
    assert (await client.change_order(order_id, {"status": "completed"})).body["status"] == "completed"


async def test_a_host_that_drops_the_header_is_got_round_by_signing(line: Line) -> None:
    line.simulator.keys.secure, line.simulator.home = True, "https://shop.example.test"
    client = through_tls(line)
    check = line.simulator.keys.check

    def without_header(request: object, form: Mapping[str, str]) -> None:
        clone = request.clone(headers={})  # type: ignore[attr-defined]  # aiohttp's request
        check(clone, form)

    line.simulator.keys.check = without_header  # type: ignore[method-assign]
    assert (await client.orders(NEWEST)).body == []


async def test_a_key_that_may_only_read_is_the_persons_business(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.keys.known["ck_practice"] = (line.simulator.credentials["consumer_secret"], "read")
    client = client_of(line)
    await client.order(order_id)
    with pytest.raises(AuthError, match="write permissions"):
        await client.change_order(order_id, {})
    assert line.order(order_id)["status"] in ("processing", "on-hold")


async def test_the_secret_never_leaves_in_an_address(line: Line) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        body = {"home": "http://shop.example.test"} if request.url.path.endswith("/wp-json/") else []
        return httpx.Response(200, json=body)

    await mocked(answer, "http://shop.example.test").orders(NEWEST)
    await mocked(answer).orders(NEWEST)
    assert len(seen) == 3
    assert not [url for url in seen if "cs_1" in url]


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("shop.example", "https://shop.example"),
        (" https://shop.example/ ", "https://shop.example"),
        ("http://10.0.0.2:8080/shop/wp-json/", "http://10.0.0.2:8080/shop"),
        ("https://shop.example/wp-json/wc/v3/orders/", "https://shop.example"),
        ("https://shop.example/wp-admin/admin.php?page=wc-settings#keys", "https://shop.example"),
        ("https://shop.example/wp-login.php", "https://shop.example"),
        ("https://shop.example/?utm=x", "https://shop.example"),
        ("HTTP://Shop.Example//", "http://Shop.Example"),
        ("", ""),
    ],
)
def test_addresses_as_people_type_them(typed: str, base: str) -> None:
    assert base_of(typed) == base


async def test_without_a_shop_there_is_no_connection() -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(TemporaryError, match="No connection"):
            await Client(http, "http://127.0.0.1:9", "k", "s").orders(NEWEST)


# -- answers

ORDER = json.dumps({"id": 7, "name": "é"})
PLAIN = "\nWarning: Undefined array key [1] in /srv/a.php on line 12\n"  # with PHP's html_errors off
WARNING = "<br />\n<b>Warning</b>:  Undefined array key [1] in <b>/srv/a.php</b> on line <b>12</b><br />\n"


@pytest.mark.parametrize(
    "content",
    [ORDER, "\ufeff" + ORDER, WARNING + ORDER, WARNING * 3 + ORDER, "<p>x</p>" + ORDER, PLAIN + ORDER],
    ids=lambda text: text[:9],
)
async def test_json_is_found_behind_what_plugins_print(content: str) -> None:
    assert (await saying(200, content).order("7")).body == {"id": 7, "name": "é"}


@pytest.mark.parametrize("content", ["<!DOCTYPE html><title>Shop</title>", WARNING, ORDER[:-3], "", b"\xff\xfe", "[" * 9000])
async def test_a_yes_without_json_is_no_yes(content: str | bytes) -> None:
    """Plain permalinks answer a write with 200 and the front page: nothing was done (observed)."""
    for kind in ("text/html", "application/json"):
        with pytest.raises(ProtocolError):
            await saying(200, content, kind).change_order("7", {"status": "completed"})


@pytest.mark.parametrize("content", ["", "{}", '{"code": "moved"}'])
async def test_a_redirect_is_never_an_answer(content: str) -> None:
    """A host that sends http on to https says so in whatever form: following would turn a write into a look."""
    for status in (301, 302, 307, 308):
        with pytest.raises(ProtocolError, match=r"sends every call on to https://shop\.example"):
            await saying(status, content, Location="https://shop.example/").change_order("7", {})


async def test_a_redirect_repeats_no_signature() -> None:
    place = "https://shop.example/wp-json/wc/v3/orders?oauth_signature=s&oauth_consumer_key=ck_1"
    with pytest.raises(ProtocolError, match=r"on to https://shop\.example/wp-json/wc/v3/orders: correct"):
        await saying(301, "", Location=place).orders(NEWEST)


async def test_a_shop_without_https_is_told_by_what_it_lacks(line: Line) -> None:
    bare = line.simulator.address.removeprefix("http://")
    with pytest.raises(TemporaryError, match=r"nothing speaks https.*http://"):
        await client_of(line, bare).orders(NEWEST)


async def test_the_console_says_who_it_is(line: Line) -> None:
    """Hosts' firewalls turn away what calls itself after a scripting library (recalled)."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["user-agent"])
        return httpx.Response(200, json=[])

    await mocked(answer).orders(NEWEST)
    assert seen == ["OrderConsole"]


async def test_a_shop_that_sends_us_on_says_where(line: Line) -> None:
    with pytest.raises(ProtocolError, match=r"https://www\.shop\.example"):
        await saying(301, "<html>", "text/html", Location="https://www.shop.example/").orders(NEWEST)
    line.simulator.weather.plain_permalinks = True
    with pytest.raises(ProtocolError, match="permalinks"):
        await client_of(line).index()


PAGE = "<html><center><h1>502 Bad Gateway</h1></center></html>"
DIED = json.dumps({"code": "internal_server_error", "message": "<p>Critical error</p>", "data": {"status": 500}})


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (500, PAGE, "text/html"),
        (502, PAGE, "text/html"),
        (503, PAGE, "text/html"),
        (429, PAGE, "text/html"),
        (403, PAGE, "text/html"),
        (500, DIED, "application/json"),
    ],
)
async def test_what_passes_is_tried_again(status: int, content: str, kind: str) -> None:
    with pytest.raises(TemporaryError):
        await saying(status, content, kind).orders(NEWEST)


async def test_a_shop_that_updates_itself_says_how_long() -> None:
    with pytest.raises(TemporaryError) as raised:
        await saying(503, PAGE, "text/html", **{"Retry-After": "600"}).orders(NEWEST)
    assert raised.value.retry_after == 600.0


async def test_business_says_no_with_500_and_a_bare_number() -> None:
    """A refund that cannot be (observed): trying again would be no use."""
    body = {"code": "woocommerce_rest_cannot_create_order_refund", "message": "Too <b>much</b>", "data": 500}
    with pytest.raises(RejectedError, match="Too much") as raised:
        await saying(500, json.dumps(body)).refund("7", {})
    assert raised.value.code == "woocommerce_rest_cannot_create_order_refund"


@pytest.mark.parametrize("status", [400, 404, 413])
async def test_other_refusals_are_final(status: int) -> None:
    body = json.dumps({"code": "rest_invalid_param", "message": "no", "data": {"status": status, "params": []}})
    with pytest.raises(RejectedError, match="no"):
        await saying(status, body).change_order("7", {})


async def test_without_woocommerce_there_is_no_route() -> None:
    body = json.dumps({"code": "rest_no_route", "message": "No route", "data": {"status": 404}})
    with pytest.raises(ProtocolError, match="switched on"):
        await saying(404, body).orders(NEWEST)


@pytest.mark.parametrize("order_id", ["", "7/notes", "../7", "abc", "７", "-1"])
async def test_an_id_that_is_no_number_never_becomes_an_address(line: Line, order_id: str) -> None:
    with pytest.raises(RejectedError):
        await client_of(line).order(order_id)
    assert line.simulator.records == []
