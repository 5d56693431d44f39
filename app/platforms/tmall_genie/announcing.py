"""The two ways to make a speaker talk unasked: the cloud's iap notifications and the open platform's message push."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.http import Answer
from app.platforms.tmall_genie.signing import authorization, body_hash, sign_acs3, sign_top
from app.texts import tr

IAP_PATH = "/v1.0/iap/notifications"
IAP_ACTION, IAP_VERSION = "PushNotifications", "iap_1.0"
# Recalled: what the cloud says of wrong keys, with status 400 or 404.
IAP_SIGNED_OUT = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidAccessToken")
TOP_ADDRESS = "https://eco.taobao.com"
TOP_PATH = "/router/rest"
TOP_METHOD = "alibaba.ailabs.aligenie.skill.message.push"
TOP_ANSWER = "alibaba_ailabs_aligenie_skill_message_push_response"
TOP_ZONE = timezone(timedelta(hours=8))  # the open platform's timestamps are Beijing's
TOP_BUSY = frozenset({"7"})  # recalled: the app's call limit
TOP_SIGNED_OUT = frozenset({"25", "26", "27", "28", "29"})  # recalled: signature, session, app key
FORM = "application/x-www-form-urlencoded"
# What each interface cannot do without.
NEEDED = {
    "iap": ("app_key", "app_secret", "access_token", "target", "template_id"),
    "top": ("app_key", "app_secret"),
}


async def by_cloud(client: httpx.AsyncClient, values: Mapping[str, str], address: str, text: str) -> None:
    """Fill the approved template with `text` (reference 4a). Raises the contract's errors."""
    url = httpx.URL((address or f"https://{values['host']}") + IAP_PATH)
    body = urlencode({"NotificationUnicastRequest": _compact(_notification(values, text))}).encode()
    headers = {
        "host": url.netloc.decode(),
        "content-type": FORM,
        "x-acs-action": IAP_ACTION,
        "x-acs-version": IAP_VERSION,
        "x-acs-date": steady.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-aligenie-access-token": values["access_token"],
        "x-acs-content-sha256": body_hash(body),
    }
    signature = sign_acs3("PUT", IAP_PATH, {}, headers, body, values["app_secret"])
    headers["authorization"] = authorization(headers, values["app_key"], signature)
    answer = await http.call(client, "PUT", str(url), content=body, headers=headers)
    told = _object(answer)
    code = str(told.get("Code") or "")
    if code.startswith(IAP_SIGNED_OUT):
        raise AuthError(str(told.get("Message") or code))
    http.raise_for(answer, str(told.get("Message") or ""), code)
    if told.get("Success") is False:  # recalled: some of the cloud's interfaces refuse with status 200
        raise RejectedError(str(told.get("Message") or code or "-"), code)


async def by_open_platform(client: httpx.AsyncClient, values: Mapping[str, str], address: str, text: str) -> None:
    """Push `text` to who subscribed to the skill's messages (reference 4b). Raises the contract's errors."""
    fields = {
        "method": TOP_METHOD,
        "app_key": values["app_key"],
        "sign_method": values.get("sign_method") or "md5",
        "timestamp": steady.now(TOP_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        "format": "json",
        "v": "2.0",
        "session": values.get("access_token", ""),
        "push_type": values.get("push_type") or "TO_USER",
        "skill_id": values["skill_id"],
        "user_id": values.get("target", ""),
        "uuid": values.get("device", ""),
        "content": text,
    }
    signed = {name: value for name, value in fields.items() if value}
    signed["sign"] = sign_top(signed, values["app_secret"])
    url = (address or TOP_ADDRESS) + TOP_PATH
    answer = await http.call(client, "POST", url, data=signed)
    told = _object(answer)
    if refusal := told.get("error_response"):
        raise _top_error(refusal)
    http.raise_for(answer, "")
    result = told.get(TOP_ANSWER)
    if not isinstance(result, dict):
        raise ProtocolError(tr("Tmall Genie answered something else than its documentation says"))
    if str(result.get("push_result")).lower() == "false" or result.get("push_error_code"):
        raise RejectedError(str(result.get("push_error_msg") or "-"), str(result.get("push_error_code") or ""))


def _notification(values: Mapping[str, str], text: str) -> dict[str, Any]:
    """CamelCase as the SDK sends it. EncodeType and EncodeKey are for encoded ids, which the form does not ask for."""
    wanted: dict[str, Any] = {
        "MessageTemplateId": values["template_id"],
        "PlaceHolder": {values.get("placeholder") or "text": text},
        "SendTarget": {"TargetType": values.get("target_type") or "DEVICE_OPEN_ID", "TargetIdentity": values["target"]},
    }
    if values.get("organization_id"):
        wanted["OrganizationId"] = values["organization_id"]
    return wanted


def _top_error(refusal: Any) -> PlatformError:
    told = refusal if isinstance(refusal, dict) else {}
    code = str(told.get("code") or "")
    words = " · ".join(str(told[name]) for name in ("msg", "sub_msg") if told.get(name)) or code or "-"
    if code in TOP_BUSY:
        return TemporaryError(words)
    return AuthError(words) if code in TOP_SIGNED_OUT else RejectedError(words, str(told.get("sub_code") or code))


def _object(answer: Answer) -> dict[str, Any]:
    return answer.body if isinstance(answer.body, dict) else {}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
