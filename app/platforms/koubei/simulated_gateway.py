"""The pretend gateway: keys made at run time, the checks of a signed request, signed answers in unusual but honest JSON."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app import steady
from app.platforms.koubei.payloads import CHINA
from app.platforms.koubei.signing import is_signed, request_text, sign

APP_ID = "2021000000000001"
CLOCK_WINDOW = 900.0  # seconds a timestamp may be off; the real figure is not known
COMMON = {"app_id", "method", "format", "charset", "sign_type", "timestamp", "version", "sign"}
OPTIONAL = {"app_auth_token", "notify_url", "biz_content"}
FIXED = {"format": "json", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}
TOKEN_METHOD = "alipay.open.auth.token.app"


class GatewayError(Exception):
    """A refusal with the gateway's codes; `bare` ones come as error_response and unsigned."""

    def __init__(self, code: str, sub_code: str, words: str, bare: bool = False) -> None:
        super().__init__(words)
        self.code, self.sub_code, self.bare = code, sub_code, bare


@dataclass(frozen=True, slots=True)
class Keys:
    """Both parties' RSA-2048 pairs; texts in the form that Alipay's tools hand out (Base64 without armour)."""

    app: rsa.RSAPrivateKey
    gateway: rsa.RSAPrivateKey

    @property
    def app_text(self) -> str:
        """What the account form takes as the app's private key (PKCS#8)."""
        return base64.b64encode(self.app.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()

    @property
    def gateway_text(self) -> str:
        """What the account form takes as Alipay's public key."""
        public = self.gateway.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(public).decode()


@cache
def practice_keys() -> Keys:
    """One pair for each party in this process: none is kept in a file."""
    return Keys(rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048))


@dataclass(slots=True)
class Tokens:
    """`required`: the app acts for a merchant, so every business call needs a living token."""

    chance: random.Random
    required: bool = False
    lifetime: float = 365 * 86_400.0
    alive: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    grants: list[str] = field(default_factory=list)

    def code(self) -> str:
        """What the consent page hands out, good for one exchange."""
        code = f"P{self.chance.getrandbits(64):016x}"
        self.codes.add(code)
        return code

    def grant(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """alipay.open.auth.token.app."""
        self.grants.append(str(content.get("grant_type")))
        match content:
            case {"grant_type": "authorization_code", "code": code} if code in self.codes:
                self.codes.remove(code)
            case {"grant_type": "refresh_token", "refresh_token": old} if self.refresh.get(old, 0.0) > steady.time():
                del self.refresh[old]  # whether it works again is not known: the strict reading
            case _:
                raise GatewayError("40002", "isv.code-invalid", "授权码或刷新令牌无效")
        return self._pair()

    def _pair(self) -> dict[str, Any]:
        token, refresh = (f"202506BB{self.chance.getrandbits(96):024x}" for _ in range(2))
        self.alive[token] = steady.time() + self.lifetime
        self.refresh[refresh] = steady.time() + 2 * self.lifetime
        pair = {"app_auth_token": token, "app_refresh_token": refresh, "auth_app_id": APP_ID, "user_id": "2088000000000001"}
        return pair | {"expires_in": str(int(self.lifetime)), "re_expires_in": str(int(2 * self.lifetime))}


def content_of(params: Mapping[str, str], keys: Keys, tokens: Tokens) -> dict[str, Any]:
    """`biz_content` of a request that passed the gateway. Raises GatewayError, in the order of the platform's checks."""
    if params.get("app_id") != APP_ID:
        raise GatewayError("40002", "isv.invalid-app-id", "无效的AppID参数", bare=True)
    names = set(params)
    if not names >= COMMON or names - COMMON - OPTIONAL or any(params[name] != value for name, value in FIXED.items()):
        raise GatewayError("40002", "isv.invalid-parameter", "公共参数错误", bare=True)
    if not is_signed(request_text(params), params["sign"], keys.app.public_key()):
        raise GatewayError("40002", "isv.invalid-signature", "验签出错，请检查sign值")
    _fresh(params["timestamp"])
    token = params.get("app_auth_token", "")
    if params["method"] != TOKEN_METHOD and (tokens.required or token) and tokens.alive.get(token, 0.0) <= steady.time():
        raise GatewayError("20001", "aop.invalid-app-auth-token", "无效的应用授权令牌")
    try:
        content = json.loads(params.get("biz_content", ""))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise GatewayError("40002", "isv.invalid-parameter", "biz_content不是JSON对象")
    return content


def answer(method: str, content: Mapping[str, Any], keys: Keys, chance: random.Random) -> web.Response:
    """A yes or a signed no. Spacing and escapes vary, so that only the received characters themselves can be verified."""
    inner = _written(content, chance)
    blank = chance.choice(("", " ", "\n  "))
    name = method.replace(".", "_") + "_response"
    text = f'{{"{name}":{blank}{inner}{blank},"sign":"{sign(inner, keys.gateway)}"}}'
    return web.Response(text=text, content_type="text/html")


def refusal(method: str, error: GatewayError, keys: Keys, chance: random.Random) -> web.Response:
    """See `GatewayError`."""
    content = {"code": error.code, "msg": "Business Failed", "sub_code": error.sub_code, "sub_msg": str(error)}
    if error.bare:
        text = json.dumps({"error_response": content}, ensure_ascii=False)
        return web.Response(text=text, content_type="text/html")
    return answer(method, content, keys, chance)


def _written(content: Mapping[str, Any], chance: random.Random) -> str:
    match chance.randrange(3):
        case 0:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        case 1:
            return json.dumps(content, indent=1).replace("/", "\\/")
    return json.dumps(content, ensure_ascii=chance.random() < 0.5, separators=(" ,", ": "))


def _fresh(stamp: str) -> None:
    try:
        told = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).timestamp()
    except ValueError:
        told = 0.0
    if abs(told - steady.time()) > CLOCK_WINDOW:
        raise GatewayError("40002", "isv.invalid-timestamp", "非法的时间戳参数")
