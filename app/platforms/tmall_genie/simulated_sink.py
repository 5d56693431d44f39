"""Where announcements end in practice: both interfaces, as strict about signature, clock and nonce as the real ones."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from app import steady
from app.platforms.tmall_genie.announcing import (
    FORM,
    IAP_ACTION,
    IAP_PATH,
    IAP_VERSION,
    TOP_ANSWER,
    TOP_METHOD,
    TOP_PATH,
    TOP_ZONE,
)
from app.platforms.tmall_genie.signing import ALGORITHM, body_hash, sign_acs3, sign_top, signed_names

IAP_CLOCK, TOP_CLOCK = 15 * 60.0, 10 * 60.0  # seconds a call may be off
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{{64}})")
_UNICAST = {"MessageTemplateId", "PlaceHolder", "SendTarget", "OrganizationId", "EncodeType", "EncodeKey", "IsDebug"}
_TOP_COMMON = {"method", "app_key", "sign_method", "timestamp", "format", "v", "session", "sign"}
_TOP_OWN = {"push_type", "user_id", "uuid", "skill_id", "content", "account_type", "auth_account_type", "test"}


class SinkError(Exception):
    """A refusal: HTTP status (of iap), code and words."""

    def __init__(self, code: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code, self.status = code, status


class Sink:
    """Hears what speakers are made to say. `values` are the account's; `now` is Unix seconds."""

    def __init__(self, values: Callable[[], Mapping[str, str]], now: Callable[[], float] = steady.time) -> None:
        self._values = values
        self._now = now
        self._nonces: set[str] = set()
        self.announced: list[str] = []
        self.refused: list[str] = []
        self.in_the_way: Callable[[], str] = lambda: ""  # "throttle", "break" or "lose" when a fault is due
        self.subscribed = True  # whether the user wants the skill's messages

    def routes(self, router: web.UrlDispatcher) -> None:
        """Both interfaces; any method at the cloud's address, since a wrong one must be told apart from a wrong path."""
        router.add_route("*", IAP_PATH, self._iap)
        router.add_post(TOP_PATH, self._top)

    async def _iap(self, request: web.Request) -> web.Response:
        body = await request.read()
        fault = self.in_the_way()
        if fault in ("throttle", "break"):
            return web.json_response({"Code": "Throttling", "Message": "busy"}, status=429 if fault == "throttle" else 503)
        try:
            text = self._notified(request.method, {name.lower(): value for name, value in request.headers.items()}, body)
        except SinkError as error:
            self.refused.append(error.code)
            return web.json_response({"RequestId": "r", "Code": error.code, "Message": str(error)}, status=error.status)
        self.announced.append(text)
        return _lost(request) if fault == "lose" else web.json_response({"RequestId": "r", "Success": True})

    def _notified(self, method: str, headers: Mapping[str, str], body: bytes) -> str:
        self._check_acs3(method, headers, body)
        found = parse_qs(body.decode())
        if "NotificationUnicastRequest" not in found or set(found) - {"NotificationUnicastRequest", "TenantInfo"}:
            raise SinkError("InvalidParameter", f"missing or unknown: {sorted(found)}")
        wanted = json.loads(found["NotificationUnicastRequest"][0])
        values = self._values()
        if set(wanted) - _UNICAST or wanted.get("MessageTemplateId") != values["template_id"]:
            raise SinkError("InvalidTemplate", "no such approved template")
        if set(wanted.get("PlaceHolder", {})) != {values["placeholder"]}:
            raise SinkError("InvalidPlaceHolder", "the template has other places")
        if wanted.get("SendTarget") != {"TargetType": values["target_type"], "TargetIdentity": values["target"]}:
            raise SinkError("InvalidTarget", "no such target")
        return str(wanted["PlaceHolder"][values["placeholder"]])

    def _check_acs3(self, method: str, headers: Mapping[str, str], body: bytes) -> None:
        values = self._values()
        given = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if given is None or given[1] != values["app_key"]:
            raise SinkError("InvalidAccessKeyId.NotFound", "unknown access key", 404)
        if method != "PUT" or (headers.get("x-acs-action"), headers.get("x-acs-version")) != (IAP_ACTION, IAP_VERSION):
            raise SinkError("InvalidAction.NotFound", "no such action", 404)
        if headers.get("content-type") != FORM or headers.get("x-acs-content-sha256") != body_hash(body):
            raise SinkError("InvalidParameter", "content type or hash of the body")
        expected = sign_acs3(method, IAP_PATH, {}, headers, body, values["app_secret"])
        if given[2] != ";".join(signed_names(headers)) or not hmac.compare_digest(given[3], expected):
            raise SinkError("SignatureDoesNotMatch", "the signature is wrong")
        if headers.get("x-acs-aligenie-access-token") != values["access_token"]:
            raise SinkError("InvalidAccessToken", "the token is wrong", 401)
        if _off(headers.get("x-acs-date", ""), "%Y-%m-%dT%H:%M:%SZ", UTC, self._now()) > IAP_CLOCK:
            raise SinkError("InvalidTimeStamp.Expired", "the call is too old")
        nonce = headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            raise SinkError("SignatureNonceUsed", "the nonce is missing or was used")
        self._nonces.add(nonce)

    async def _top(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        fault = self.in_the_way()
        if fault == "break":
            return web.Response(status=503)
        if fault == "throttle":
            return _top_refusal("7", "App Call Limited")
        try:
            self._check_top(fields)
        except SinkError as error:
            self.refused.append(error.code)
            return _top_refusal(error.code, str(error))
        if fields["push_type"] != "BROADCAST" and not self.subscribed:
            self.refused.append("NOT_SUBSCRIBED")
            result = {"push_result": False, "push_error_code": "NOT_SUBSCRIBED", "push_error_msg": "not subscribed"}
            return web.json_response({TOP_ANSWER: {"request_id": "r", **result}})
        self.announced.append(fields["content"])
        result = {"request_id": "r", "push_result": True, "model": True}
        return _lost(request) if fault == "lose" else web.json_response({TOP_ANSWER: result})

    def _check_top(self, fields: Mapping[str, str]) -> None:
        values = self._values()
        if unknown := set(fields) - _TOP_COMMON - _TOP_OWN:
            raise SinkError("41", f"Invalid Arguments: {sorted(unknown)}")
        if fields.get("method") != TOP_METHOD or (fields.get("v"), fields.get("format")) != ("2.0", "json"):
            raise SinkError("22", "Invalid Method")
        if fields.get("app_key") != values["app_key"]:
            raise SinkError("29", "Invalid App Key")
        if fields.get("sign_method") not in ("md5", "hmac"):
            raise SinkError("25", "Invalid Signature")
        if not hmac.compare_digest(fields.get("sign", ""), sign_top(fields, values["app_secret"])):
            raise SinkError("25", "Invalid Signature")
        if _off(fields.get("timestamp", ""), "%Y-%m-%d %H:%M:%S", TOP_ZONE, self._now()) > TOP_CLOCK:
            raise SinkError("31", "Invalid Timestamp")
        _check_push(fields, values)


def _check_push(fields: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Reference 4b: who is meant decides what else must be there."""
    if not (fields.get("content") and fields.get("skill_id") == values["skill_id"]):
        raise SinkError("40", "Missing Required Arguments")
    if fields.get("push_type") not in ("TO_USER", "TO_APP_BOX", "BROADCAST"):
        raise SinkError("41", "Invalid Arguments: push_type")
    needs_user = fields["push_type"] == "TO_USER" or "uuid" in fields
    if needs_user and fields.get("user_id") != values["target"]:
        raise SinkError("40", "Missing Required Arguments: user_id")


def _off(text: str, form: str, zone: tzinfo, now: float) -> float:
    """Seconds between a call's own time and now; endless for one that cannot be read."""
    try:
        return abs(datetime.strptime(text, form).replace(tzinfo=zone).timestamp() - now)
    except ValueError:
        return float("inf")


def _top_refusal(code: str, words: str) -> web.Response:
    return web.json_response({"error_response": {"code": int(code), "msg": words, "request_id": "r"}})


def _lost(request: web.Request) -> web.Response:
    """Carried out, but the answer never arrives."""
    if request.transport:
        request.transport.close()
    return web.Response()


def summary(sink: Sink) -> dict[str, Any]:
    """What was heard so far, for the control wire."""
    return {"announced": sink.announced, "refused": sink.refused}
