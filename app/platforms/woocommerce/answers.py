"""What a WordPress site may answer, told apart: JSON behind a plug-in's warning, web pages, refusals of five kinds."""

from __future__ import annotations

import html
import json
import re
from itertools import islice
from typing import Any

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.http import RETRY_STATUSES, Answer, retry_after, server_time
from app.texts import N_, tr

FIREWALL_PAUSE = 60.0  # seconds; asking faster keeps most of them shut
MOST_NOISE = 100  # places where the JSON may begin; a page has thousands
NO_SUCH_ORDER = "woocommerce_rest_shop_order_invalid_id"
NO_INTERFACE = N_("The shop's interface for orders is missing: is WooCommerce switched on?")
WEB_PAGE = N_("The shop answered with a web page instead of figures (HTTP {status}): see its address and its permalinks")
_TAG = re.compile(r"<[^<>]*>")
_BEFORE_JSON = re.compile(r">\s*+(?=[\[{])|\n[^\S\n]*+(?=[\[{])")  # no blank is read twice: a page may be nothing else


def answer_of(response: httpx.Response, elapsed: float) -> Answer:
    """The answer with its JSON read. ProtocolError for a page, unless its status says that trying again is worth while.

    Plain permalinks answer a write with 200 and the home page (observed): a yes without JSON is never a yes.
    """
    if 300 <= response.status_code < 400:
        raise ProtocolError(_moved(response))
    body = json_of(response.content)
    if body is _NOTHING:
        if response.status_code == 403:  # WordPress would have said it in JSON (recalled: hosts' firewalls do not)
            raise TemporaryError(tr("The shop's host turned the call away (HTTP 403)"), FIREWALL_PAUSE)
        if response.status_code not in RETRY_STATUSES:
            raise ProtocolError(tr(WEB_PAGE, status=response.status_code))
        body = None
    clock = (server_time(response.headers) or steady.time()) - elapsed - 1.0
    return Answer(body, response.status_code, int(clock * 1000), response.headers, response.content)


def json_of(content: bytes) -> Any:
    """The JSON in an answer, also behind a byte-order mark or what a bad plug-in printed before it (both observed)."""
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text)
    except (ValueError, RecursionError):
        return _after_noise(content.decode("utf-8", "replace"))


def _after_noise(text: str) -> Any:
    """PHP prints warnings in whole lines, of HTML or plain: what follows the last tag or line, up to the very end, is the
    JSON."""
    for start in islice(_BEFORE_JSON.finditer(text[:20_000]), MOST_NOISE):
        try:
            return json.loads(text[start.end() :])
        except (ValueError, RecursionError):
            continue
    return _NOTHING


def error_of(answer: Answer) -> PlatformError:
    """The contract's error for an answer that is no yes, judged by its code; texts are in the site's language (observed)."""
    code, text = refusal(answer.body)
    if answer.status == 401:
        return AuthError(tr("The shop does not accept the key ({reason})", reason=text or code or "HTTP 401"))
    if code == "rest_no_route":
        return ProtocolError(tr(NO_INTERFACE))
    if answer.status >= 500 and code.startswith("woocommerce_rest_"):
        return RejectedError(text, code)  # a business refusal with HTTP 500: a refund that cannot be (observed)
    if answer.status in RETRY_STATUSES:
        wait = retry_after(answer.headers)
        return TemporaryError(tr("The shop is out of order for the moment (HTTP {status})", status=answer.status), wait)
    return http.error_for(answer, text, code)


def refusal(body: Any) -> tuple[str, str]:
    """The code and the words of an error; the words may be HTML."""
    if not isinstance(body, dict):
        return "", ""
    return str(body.get("code") or ""), html.unescape(_TAG.sub("", str(body.get("message") or ""))).strip()


def _moved(response: httpx.Response) -> str:
    place = response.headers.get("location", "").partition("?")[0]  # behind it stand a key's name and a signature
    return tr("The shop sends every call on to {place}: correct its address, or its permalinks", place=place or "?")


_NOTHING = object()
