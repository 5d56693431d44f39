"""The pretend shop's /webhooks: made, listed, switched on again; their secrets are never shown (observed)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from app.platforms.woocommerce.simulated_books import Books
from app.platforms.woocommerce.simulated_hooks import Hook, Hooks
from app.platforms.woocommerce.simulated_keys import WireError
from app.platforms.woocommerce.simulated_lists import paged
from app.platforms.woocommerce.simulated_requests import body_of, invalid, missing

Route = tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]

STATUSES = ("active", "paused", "disabled")
TOPIC = re.compile(r"(?:coupon|customer|order|product)\.(?:created|updated|deleted)|action\.\w+")
URL = re.compile(r"https?://[^\s/]+\S*")


class Webhooks:
    """The routes over the shop's hooks."""

    def __init__(self, hooks: Hooks, books: Books) -> None:
        self._hooks, self._books = hooks, books

    def routes(self, path: str) -> list[Route]:
        """The routes of webhooks."""
        one = f"{path}/webhooks/{{hook:\\d+}}"
        return [
            ("GET", f"{path}/webhooks", self._list),
            ("POST", f"{path}/webhooks", self._create),
            ("GET", one, self._one),
            ("PUT", one, self._change),
            ("POST", one, self._change),
            ("PATCH", one, self._change),
            ("DELETE", one, self._delete),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        wanted = request.query.get("status", "all")
        if wanted not in ("all", *STATUSES):
            raise invalid("status")
        rows = [hook for hook in self._hooks.rows.values() if self._hooks.url(hook) and wanted in ("all", hook.status)]
        return paged(request, [self._shown(hook) for hook in reversed(rows)])

    async def _one(self, request: web.Request) -> web.Response:
        return web.json_response(self._shown(self._found(request, 404)))

    async def _create(self, request: web.Request) -> web.Response:
        """Any address is taken; whether anything can be delivered there shows later. It waits for the ping."""
        body = await body_of(request)
        for name in ("topic", "delivery_url"):
            if name not in body:
                raise missing(name)
        number = self._books.new_id()
        hook = Hook(number, "", str(body.get("secret") or f"generated-{number}"), name=str(body.get("name") or "Webhook"))
        self._fill(hook, {"status": "active", **body})
        self._hooks.rows[number] = hook
        await self._hooks.ping(hook)
        return web.json_response(self._shown(hook), status=201)

    async def _change(self, request: web.Request) -> web.Response:
        """Switching on forgives no failure (observed)."""
        hook = self._found(request, 400)
        self._fill(hook, await body_of(request))
        return web.json_response(self._shown(hook))

    async def _delete(self, request: web.Request) -> web.Response:
        hook = self._found(request, 404)
        if request.query.get("force") not in ("true", "1"):
            raise WireError(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        del self._hooks.rows[hook.id]
        return web.json_response(self._shown(hook))

    def _fill(self, hook: Hook, body: dict[str, Any]) -> None:
        given = {name: body[name] for name in ("topic", "delivery_url", "secret", "status", "name") if body.get(name)}
        for name, value in given.items():
            if not isinstance(value, str):
                raise invalid(name)
        hook.topic = _allowed("topic", given.get("topic", hook.topic), TOPIC)
        if "delivery_url" in body:
            hook.url = _allowed("delivery_url", given.get("delivery_url", ""), URL)
        hook.status = _allowed("status", given.get("status", hook.status), re.compile("|".join(STATUSES)))
        hook.secret, hook.name = given.get("secret", hook.secret), given.get("name", hook.name)
        hook.changed = self._books.now()

    def _found(self, request: web.Request, status: int) -> Hook:
        hook = self._hooks.rows.get(int(request.match_info["hook"]))
        if hook is None:
            raise WireError(status, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return hook

    def _shown(self, hook: Hook) -> dict[str, Any]:
        resource, _, event = hook.topic.partition(".")
        changed = hook.changed or self._books.now()
        return {
            "id": hook.id,
            "name": hook.name,
            "status": hook.status,
            "topic": hook.topic,
            "resource": resource,
            "event": event,
            "hooks": [],
            "delivery_url": self._hooks.url(hook),
            "date_created": self._books.local(changed),
            "date_created_gmt": changed,
            "date_modified": self._books.local(changed),
            "date_modified_gmt": changed,
        }


def _allowed(name: str, value: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(value):
        raise WireError(400, f"woocommerce_rest_shop_webhook_invalid_{name}", f"Webhook {name} must be valid.")
    return value
