"""HubRise's sign-in for an installed program: a page in the browser, a code the person pastes back.

Documentation "authentication": redirect `urn:ietf:wg:oauth:2.0:oob`, codes live ten minutes and work once, tokens do not
expire; one client and location share one token unless each device names itself.
"""

from __future__ import annotations

import hashlib
import platform
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from app.platforms import http
from app.platforms.api import AuthError, RejectedError
from app.platforms.hubrise.client import error_text
from app.texts import tr

HOST = "https://manager.hubrise.com"
# Each for something this program does; the menu is only read.
SCOPE = "location[orders.write,catalog.read,inventory.write]"
KEPT = ("access_token", "location_id", "location_name", "catalog_id")


def page(values: Mapping[str, str], address: str) -> str:
    """The address to open in a browser; at its end HubRise shows the code."""
    query = {
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
        "client_id": values.get("client_id", ""),
        "scope": SCOPE,
        "device_id": device_id(),
    }
    return f"{address or HOST}/oauth2/v1/authorize?{urlencode(query)}"


async def exchange(values: Mapping[str, str], address: str, client: httpx.AsyncClient) -> Mapping[str, str]:
    """Turn the pasted code into the values to keep. RejectedError: code expired or used; AuthError: wrong client."""
    answer = await http.call(
        client,
        "POST",
        f"{address or HOST}/oauth2/v1/token",
        data={"code": values.get("code", "").strip()},
        auth=(values.get("client_id", ""), values.get("client_secret", "")),
    )
    if answer.status == 400:
        raise RejectedError(tr("HubRise does not take this code (used, or older than 10 minutes): get a new one"), "code")
    if answer.status == 401:
        raise AuthError(tr("HubRise does not know this client ID and secret"))
    http.raise_for(answer, error_text(answer.body)[1])
    if not isinstance(answer.body, dict) or not answer.body.get("access_token"):
        raise RejectedError(tr("HubRise answered without an access token"))
    return {name: str(answer.body[name]) for name in KEPT if answer.body.get(name)}


def device_id() -> str:
    """The same for this machine every time, and telling nothing about it."""
    return "counter-" + hashlib.sha256(f"{platform.node()}|{uuid.getnode()}".encode()).hexdigest()[:12]
