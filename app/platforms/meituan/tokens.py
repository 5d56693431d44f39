"""Tokens of both doors: the forms that ask for them, the page where a shop's owner consents, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from app import steady
from app.platforms.api import AuthError, ProtocolError
from app.platforms.meituan.signing import sign_partner
from app.platforms.renewing import lifetime
from app.texts import N_, tr

OWN, ISV, PARTNER = N_("own app"), N_("ISV app"), N_("service provider")  # the account form's choice of a door
CONSENT = "https://open-erp.meituan.com/general/auth"


def exchange_form(code: str) -> dict[str, str]:
    """What `/oauth/token` wants beside the common fields."""
    return {"code": code, "grantType": "authorization_code"}


def renewal_form(refresh_token: str) -> dict[str, str]:
    """What `/oauth/refresh` wants beside the common fields."""
    return {"refreshToken": refresh_token, "grantType": "refresh_token", "scope": "all"}


def consent_page(values: Mapping[str, str], address: str) -> str:
    """Where the shop's owner gives consent to a service provider; "" for the doors that need none."""
    if values.get("door") != PARTNER:
        return ""
    query = {"developerId": values["app_id"], "businessId": "2", "charset": "UTF-8", "timestamp": str(int(steady.time()))}
    query["state"] = "order-console"
    query["sign"] = sign_partner(query, values["secret"])
    page = f"{address.rstrip('/')}/general/auth" if address else CONSENT
    return f"{page}?{urlencode(query, quote_via=quote)}"


def granted(given: Any, now: float) -> dict[str, str]:
    """The settings to keep of a granted token, either door's words. AuthError when there is none in it.

    Lifetimes are taken from the answer: 30 days is only what a comment in a source says.
    """
    if not isinstance(given, dict):
        raise ProtocolError(tr("Meituan granted a token of an unknown form"))
    token = given.get("accessToken") or given.get("access_token")
    if not token:
        raise AuthError(str(given.get("msg") or given.get("message") or tr("Meituan granted no token")))
    refresh, ends = given.get("refreshToken") or given.get("refresh_token"), given.get("re_expires_in")
    try:
        kept = {"access_token": str(token), **lifetime(given.get("expireIn", given.get("expires_in")), now)}
        kept |= {} if ends is None else {"refresh_ends_at": str(int(now + float(ends)))}
    except (TypeError, ValueError, OverflowError):
        raise ProtocolError(tr("Meituan granted a token of an unknown form")) from None
    return kept | ({"refresh_token": str(refresh)} if refresh else {})
