"""The pretend Meituan's tokens: codes used once, refresh tokens that are replaced, lifetimes that can be cut short."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import steady
from app.platforms.meituan.simulated_orders import SHOP_ID
from app.platforms.meituan.simulated_shop import RefusedError


@dataclass(slots=True)
class Tokens:
    """`bound` is a token of the older store mapping, which does not expire; `lifetime` in seconds; `grants` the asked."""

    chance: random.Random
    lifetime: float = 30 * 86_400.0  # from a comment in a source
    bound: str = "practice-app-auth-token"
    access: dict[str, float] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    grants: list[str] = field(default_factory=list)

    def alive(self, token: str) -> bool:
        """Whether a token works now."""
        return bool(token) and (token == self.bound or self.access.get(token, 0.0) > steady.time())

    def code(self) -> str:
        """What the consent page hands out, good for one exchange."""
        code = f"{self.chance.getrandbits(64):016x}"
        self.codes.add(code)
        return code

    def partner(self, form: Mapping[str, str]) -> dict[str, Any]:
        """`/oauth/token` and `/oauth/refresh`. RefusedError for a dead code or refresh token."""
        match form:
            case {"grantType": "authorization_code", "code": code} if code in self.codes:
                self.codes.remove(code)
            case {"grantType": "refresh_token", "refreshToken": old, "scope": "all"} if old in self.refresh:
                self.refresh.remove(old)
            case _:
                raise RefusedError("授权码或refreshToken无效", 4001)
        access, refresh = self._pair(form["grantType"])
        return {"accessToken": access, "refreshToken": refresh, "expireIn": int(self.lifetime)}

    def open(self, params: Mapping[str, str]) -> dict[str, Any]:
        """Door A's `oauth/authorize` and `oauth/token`."""
        match params:
            case {"response_type": "token", "app_poi_code": shop} if shop == SHOP_ID:
                kind = "token"
            case {"grant_type": "refresh_token", "refresh_token": old} if old in self.refresh:
                self.refresh.remove(old)
                kind = "refresh_token"
            case _:
                return {"status": 1, "message": "refresh_token无效"}
        access, refresh = self._pair(kind)
        kept = {"access_token": access, "expires_in": int(self.lifetime), "refresh_token": refresh}
        return kept | {"status": 0, "re_expires_in": int(self.lifetime) * 2, "message": "ok", "state": ""}

    def _pair(self, kind: str) -> tuple[str, str]:
        self.grants.append(kind)
        access, refresh = (f"token_{self.chance.getrandbits(96):024x}" for _ in range(2))
        self.access[access] = steady.time() + self.lifetime
        self.refresh.add(refresh)
        return access, refresh
