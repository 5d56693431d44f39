"""A pushed message of either door: verified on its form fields before anything in it is used, then kept as it came.

The engine's hook is one address for each account, without sub-paths: register it for every kind, or with `?kind=cancelled`
and so on where the content would not tell (an urge without fields we know, the privacy downgrade).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.platforms.meituan.events import ORDER, URGE, form_of, order_id_of, unpacked, version_of
from app.platforms.meituan.signing import sign_open, sign_partner
from app.texts import tr

OPEN_OK = WebhookReply(body=b'{"data":"ok"}')
PARTNER_OK = WebhookReply(body=b'{"data":"OK"}')
KIND = "kind"  # the one parameter of the address that is ours
VOLATILE = frozenset({"timestamp", "sig", "sign"})  # differ between a push and its repetition


def receive_open(request: WebhookRequest, secret: str, registered: str) -> Received:
    """A push of waimaiopen (POST, some kinds GET). Without a signature it is the platform's probe, if it says nothing.

    `registered` is the address as it stands in Meituan's console; "" takes it from the request.
    """
    form = _fields(request)
    if "sig" not in form:
        return _probe(form, OPEN_OK)
    genuine = (sign_open(url, params, secret) for url, params in _addressed(request, form, registered))
    if not any(_same(form["sig"], one) for one in genuine):
        raise ForgedWebhookError(tr("a message with a wrong signature"))
    return Received((_message(request, form),), OPEN_OK)


def receive_partner(request: WebhookRequest, sign_key: str) -> Received:
    """A push of the service providers' gateway."""
    form = _fields(request)
    if "sign" not in form:
        return _probe(form, PARTNER_OK)
    if not _same(form["sign"], sign_partner(form, sign_key)):
        raise ForgedWebhookError(tr("a message with a wrong signature"))
    if not form.keys() - {"sign", "developerId", "ePoiId", "timestamp", "businessId"}:
        return Received((), PARTNER_OK)  # signed, but empty: a probe too
    return Received((_message(request, form),), PARTNER_OK)


def relay_reply(request: WebhookRequest) -> WebhookReply:
    """What either door wants to hear, told by the name its signature has; of probes, the open door's is a GET."""
    form = _fields(request)
    partner = "sign" in form if request.method == "GET" else "sig" not in form
    return PARTNER_OK if partner else OPEN_OK


def _fields(request: WebhookRequest) -> dict[str, str]:
    if request.method not in ("GET", "POST"):
        raise ProtocolError(tr("Meituan pushes with POST or GET"))
    query = {name: value for name, value in request.query.items() if name != KIND}
    return query | (form_of(request.body) if request.method == "POST" else {})


def _probe(form: Mapping[str, str], reply: WebhookReply) -> Received:
    if form:
        raise ForgedWebhookError(tr("a message without a signature"))
    return Received((), reply)


def _addressed(request: WebhookRequest, form: Mapping[str, str], registered: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Addresses and parameters that may have been signed. What an address with a query of its own makes of the text is not
    documented, so the three ways are tried; only the secret's owner can make any of them.
    """
    host = request.headers.get("host", "")
    bases = [registered] if registered else [f"{scheme}://{host}{request.path}" for scheme in ("https", "http")]
    kind = request.query.get(KIND, "")
    for address in bases:
        base = address.partition("?")[0]
        yield base, form
        if kind:
            yield base, {**form, KIND: kind}
            yield f"{base}?{KIND}={kind}", form


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.lower().encode("utf-8", "surrogatepass"), expected.encode())


def _message(request: WebhookRequest, form: Mapping[str, str]) -> Message:
    """The raw form; its key is its content without what differs between a push and its repetition."""
    pushed = unpacked(form, request.query.get(KIND, ""))
    order_id, version = order_id_of(pushed.content), version_of(pushed)
    kept = {name: value for name, value in form.items() if name not in VOLATILE}
    digest = hashlib.sha256(urlencode(sorted(kept.items()), errors="surrogatepass").encode()).hexdigest()
    # two urges without an id of their own are told apart by their minute
    minute = f":{version // 60_000}" if pushed.kind == URGE or pushed.sent == 0 else ""
    assert pushed.kind != ORDER  # that word is for a bare order
    raw = request.body if request.method == "POST" and not request.query.keys() - {KIND} else urlencode(form).encode()
    return Message(f"push:{pushed.kind}:{order_id}:{digest}{minute}", pushed.kind, raw, version, order_id)
