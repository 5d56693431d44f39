"""The pretend Square's OAuth with PKCE: codes and refresh tokens that work once, access tokens that end."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from app import steady
from app.platforms.square.sign_in import challenge
from app.platforms.square.simulated_orders import moment
from app.platforms.square.simulated_shop import WireError

CODE_LIFE, TOKEN_LIFE, REFRESH_LIFE = 300.0, 30 * 86_400.0, 90 * 86_400.0  # real seconds: nothing of the kitchen's


class Tokens:
    """`personal` never ends; the others do."""

    def __init__(self, chance: random.Random, application: str, redirect: str, personal: str) -> None:
        self._chance, self._application, self._redirect = chance, application, redirect
        self.access = {personal: float("inf")}
        self.refresh: dict[str, float] = {}
        self._codes: dict[str, tuple[str, float]] = {}
        self.granted = 0

    def authorize(self, query: Mapping[str, str]) -> str:
        """Where the browser ends, once the shop's owner has said yes."""
        if query.get("client_id") != self._application or not query.get("code_challenge") or not query.get("scope"):
            raise WireError("BAD_REQUEST", "client_id, scope or code_challenge is invalid")
        if query.get("redirect_uri", self._redirect) != self._redirect:
            raise WireError("BAD_REQUEST", "redirect_uri is not registered")
        code = self._new()
        self._codes[code] = (query["code_challenge"], steady.time() + CODE_LIFE)
        answer = {"code": code, "response_type": "code", "state": query.get("state", "")}
        return f"{self._redirect}?{urlencode(answer)}"

    def grant(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Answer `/oauth2/token`. No secret is asked for: the verifier stands in its place."""
        if form.get("client_id") != self._application:
            raise _refused("Not authorized")
        if form.get("grant_type") == "authorization_code":
            self._redeem(form)
        elif form.get("grant_type") == "refresh_token":
            if self.refresh.pop(str(form.get("refresh_token")), 0.0) <= steady.time():
                raise _refused("The refresh token is expired or was used")
        else:
            raise WireError("BAD_REQUEST", "grant_type is invalid")
        return self.issue()

    def check(self, authorization: str) -> None:
        """A living bearer token. WireError otherwise."""
        kind, _, token = authorization.partition(" ")
        ends = self.access.get(token)
        if kind != "Bearer" or ends is None:
            raise _refused("This request could not be authorized.")
        if ends <= steady.time():
            raise WireError("ACCESS_TOKEN_EXPIRED", "The access token has expired.", 401, "AUTHENTICATION_ERROR")

    def issue(self) -> dict[str, Any]:
        """A new pair of tokens."""
        self.granted += 1
        access, refresh, now = self._new(), self._new(), steady.time()
        self.access[access] = now + TOKEN_LIFE
        self.refresh[refresh] = now + REFRESH_LIFE
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_at": moment(datetime.fromtimestamp(self.access[access], UTC)),
            "merchant_id": "MPRACTICE",
            "refresh_token": refresh,
            "refresh_token_expires_at": moment(datetime.fromtimestamp(self.refresh[refresh], UTC)),
            "short_lived": False,
        }

    def expire(self) -> None:
        """Every token of the sign-in ends now, whatever it was promised."""
        self.access = {token: ends if ends == float("inf") else 0.0 for token, ends in self.access.items()}

    def _redeem(self, form: Mapping[str, Any]) -> None:
        wanted, ends = self._codes.pop(str(form.get("code")), ("", 0.0))
        if ends <= steady.time() or challenge(str(form.get("code_verifier"))) != wanted:
            raise _refused("The authorization code is invalid or expired")
        if form.get("redirect_uri", self._redirect) != self._redirect:
            raise _refused("redirect_uri does not match")

    def _new(self) -> str:
        return f"EAAA{self._chance.getrandbits(128):032x}"


def _refused(text: str) -> WireError:
    return WireError("UNAUTHORIZED", text, 401, "AUTHENTICATION_ERROR")
