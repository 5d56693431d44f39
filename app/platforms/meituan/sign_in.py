"""The sign-in of each door: a service provider's code becomes tokens; the other doors need nobody's consent."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from app.platforms.api import AuthError, Settings
from app.platforms.meituan.client import PartnerClient
from app.platforms.meituan.tokens import PARTNER
from app.texts import tr


async def exchange(values: Mapping[str, str], address: str, client: httpx.AsyncClient) -> Mapping[str, str]:
    """Turn the pasted code into the tokens to keep; nothing where the app's own secret is enough."""
    if values.get("door") != PARTNER:
        return {}
    code = values.get("code", "").strip()
    if not code and values.get("access_token"):
        return {}  # bound the older way: the token was pasted itself
    if not code:
        raise AuthError(tr("Meituan needs the shop's consent: open its page and paste the code"))

    async def keep(_: Mapping[str, str]) -> None:
        """The caller stores what is answered."""

    return await PartnerClient(Settings(0, values, keep, address), client).exchange(code)
