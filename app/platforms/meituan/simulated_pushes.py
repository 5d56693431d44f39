"""The pretend Meituan's pushes: a probe first, then signed forms in the words of the door, three tries each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from app import steady
from app.platforms.meituan.events import CARRIERS
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulated_orders import SHOP_ID, camel, compact, flat
from app.platforms.simulated_pushes import Bell, Push
from app.platforms.simulation import Simulator

OPEN_OK, PARTNER_OK = b'{"data":"ok"}', b'{"data":"OK"}'
PAUSES = (0.1, 0.2, 0.3)  # real seconds; neither their number nor their length is known
IN_ADDRESS = ("urge", "privacy")  # kinds whose content does not tell them: registered with ?kind=


class Pushes(Bell[tuple[str, Mapping[str, str]]]):
    """Forms, with the address that each is posted to; `probes` are the addresses that have proved themselves."""

    pauses = PAUSES

    def __init__(self, simulator: Simulator, partner: bool, app_id: str, secret: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.partner, self.app_id, self.secret = partner, app_id, secret
        self.probes: list[str] = []

    def push(self, order_id: str, kind: str, fields: Mapping[str, Any]) -> None:
        """Send one message, unless there is no address to send it to, or a fault loses it."""
        if self.lost(order_id, kind=kind):
            return
        encoded = self.simulator.random.choice((1, 2)) if self.simulator.chance(self.simulator.faults.odd) else 0
        form = self._partner_form(kind, fields, encoded) if self.partner else self._open_form(kind, fields, encoded)
        self.ring(Push(order_id, (self._address(kind), form), {"kind": kind}, brings=kind == "pushed"))

    async def acknowledged(self, client: httpx.AsyncClient, content: tuple[str, Mapping[str, str]]) -> bool:
        """Only HTTP 200 with exactly the documented body counts; before the first push an address is probed."""
        address, form = content
        if address not in self.probes:
            if not self._is_ok(await (client.post(address) if self.partner else client.get(address))):
                return False
            self.probes.append(address)
        return self._is_ok(await client.post(address, data=dict(form)))

    def _is_ok(self, answer: httpx.Response) -> bool:
        return (answer.status_code, answer.content) == (200, PARTNER_OK if self.partner else OPEN_OK)

    def _address(self, kind: str) -> str:
        return f"{self.simulator.push_to}?kind={kind}" if kind in IN_ADDRESS else self.simulator.push_to

    def _open_form(self, kind: str, fields: Mapping[str, Any], encoded: int) -> dict[str, str]:
        form = {"app_id": self.app_id, "app_poi_code": SHOP_ID, "timestamp": str(int(steady.time()))}
        form |= flat(fields, encoded)
        return form | {"sig": sign_open(self._address(kind), form, self.secret)}

    def _partner_form(self, kind: str, fields: Mapping[str, Any], encoded: int) -> dict[str, str]:
        """One field with JSON text; the privacy downgrade has none."""
        form = {"developerId": self.app_id, "ePoiId": SHOP_ID, "timestamp": str(int(steady.time()))}
        names = {said: name for name, said in CARRIERS.items()}
        if kind in names:
            inner = camel(fields, encoded) if kind == "pushed" else _camel_flat(kind, fields)
            text = compact(inner)
            form[names[kind]] = quote(text, safe="") if encoded == 2 else text
        elif kind == "privacy":
            form["privacy"] = "1"
        return form | {"sign": sign_partner(form, self.secret)}


def _camel_flat(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Door B's words for everything but orders; refunds of the whole carry little more than what happened."""
    renamed = {"logistics_status": "shippingStatus"}
    kept = {"refund": ("order_id", "notify_type", "reason"), "cancelled": ("order_id", "reason", "reason_code")}
    part = ("order_id", "notify_type", "reason", "money", "food")
    names = {**kept, "part_refund": part}.get(kind, tuple(fields))
    return {_camel(renamed.get(name, name)): fields[name] for name in names}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
