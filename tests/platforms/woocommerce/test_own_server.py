"""A shop on a server of its own, over real TLS: trusted by the authority that the account names, and in no other way."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from app.platforms.api import RejectedError, Settings, TemporaryError
from app.platforms.certificates import authority_of
from app.platforms.http import account_client, new_client
from app.platforms.woocommerce import platform
from app.platforms.woocommerce.simulator import WooCommerceSimulator
from app.texts import use
from tests.platforms import lines
from tests.platforms.pretend_authority import Authority


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


@pytest.fixture
def shop() -> WooCommerceSimulator:
    return WooCommerceSimulator(seed=3)


@asynccontextmanager
async def secured(shop: WooCommerceSimulator, certificate: ssl.SSLContext) -> AsyncIterator[str]:
    """The shop on its own https server; its address."""
    application = web.Application()
    shop.routes(application.router)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate).start()
        shop.home = f"https://127.0.0.1:{runner.addresses[0][1]}"
        yield shop.home
    finally:
        await runner.cleanup()


async def sign_in(shop: WooCommerceSimulator, address: str, authority: str = "") -> str:
    """Sign in as the account's form does; the shop's own title."""
    values = {**shop.credentials, "shop_address": address, "authority": authority}
    async with new_client(authority_of(platform, values)) as client:
        connector = platform.connect(Settings(0, values, lines.forget), client)
        try:
            return (await connector.verify()).title
        finally:
            await connector.aclose()


async def test_the_named_authority_is_trusted_and_nobody_else(
    shop: WooCommerceSimulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own, other = Authority(), Authority("Another CA")
    async with secured(shop, own.server(tmp_path)) as address:
        assert await sign_in(shop, address, own.pem)
        assert await sign_in(shop, address, own.pem.replace("\n", " ")), "as a form keeps what was pasted"
        for refused in ("", other.pem):
            with pytest.raises(TemporaryError, match=r"signed by Corner Shop CA.*More settings"):
                await sign_in(shop, address, refused)


@pytest.mark.parametrize(
    ("host", "expired", "reason"), [("127.0.0.2", False, "IP address mismatch"), ("127.0.0.1", True, "expired")]
)
async def test_a_named_authority_does_not_excuse_another_name_or_date(
    shop: WooCommerceSimulator, tmp_path: Path, host: str, expired: bool, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    own = Authority()
    async with secured(shop, own.server(tmp_path, host, expired=expired)) as address:
        with pytest.raises(TemporaryError, match=f"not valid: .*{reason}"):
            await sign_in(shop, address, own.pem)


async def test_one_accounts_authority_is_nothing_to_another_account(
    shop: WooCommerceSimulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = Authority()
    trusting, other = account_client(platform, {"authority": own.pem}), account_client(platform, {})
    async with secured(shop, own.server(tmp_path)) as address, trusting, other:
        assert (await trusting.get(f"{address}/wp-json/")).status_code == 200
        connector = platform.connect(Settings(2, {**shop.credentials, "shop_address": address}, lines.forget), other)
        with pytest.raises(TemporaryError, match="signed by"):
            await connector.fetch_orders("")
        await connector.aclose()


@pytest.mark.parametrize(
    "text",
    [
        "ca.pem",
        "-----BEGIN CERTIFICATE----- !!! -----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----",
        f"{Authority().pem}-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----",
    ],
    ids=["a name", "no letters", "no certificate", "a key", "a certificate with its key"],
)
async def test_what_is_no_certificate_is_told_before_anything_is_called(text: str) -> None:
    with pytest.raises(RejectedError, match="no certificate"):
        new_client(text)
    async with account_client(platform, {"authority": text}) as client:  # stored untested: it trusts nobody more
        assert not client.is_closed
