"""The pretend gateway's notifications: signed forms, sent again until somebody answers exactly `success`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app import steady
from app.platforms.koubei.signing import notice_texts, sign
from app.platforms.koubei.simulated_gateway import APP_ID
from app.platforms.simulated_pushes import LastingBell, Push
from app.platforms.simulation import Simulator

SUCCESS = b"success"
# Real seconds between tries: 4, 10, 10 minutes, 1, 2, 6 and 15 hours are recalled of the platform.
PAUSES = (0.02, 0.05, 0.1) + (0.2,) * 1500


class Notices(LastingBell[dict[str, str]]):
    """Forms. There is no list to find an order in, so a message waits for an address for as long as it takes."""

    pauses = PAUSES

    def __init__(self, simulator: Simulator, key: RSAPrivateKey, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.key = key

    def send(self, order_id: str, name: str, content: dict[str, Any]) -> None:
        """Send one message."""
        form = self._form(name, {"order_id": order_id} | content)
        self.ring(Push(order_id, form, {"name": name, "notify_id": form["notify_id"]}))

    async def acknowledged(self, client: httpx.AsyncClient, content: dict[str, str]) -> bool:
        """Seven characters and nothing else; everything else is asked again."""
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        answer = await client.post(self.simulator.push_to, content=urlencode(content).encode(), headers=headers)
        return (answer.status_code, answer.content) == (200, SUCCESS)

    def _form(self, name: str, content: dict[str, Any]) -> dict[str, str]:
        simulator = self.simulator
        form = {
            "notify_id": f"{simulator.random.getrandbits(128):032x}",
            "utc_timestamp": str(int(steady.time() * 1000)),
            "msg_method": name,
            "app_id": APP_ID,
            "version": "1.1",
            "charset": "UTF-8" if simulator.chance(simulator.faults.odd) else "utf-8",
            "biz_content": json.dumps(content, ensure_ascii=False),
        }
        form["sign_type"] = "RSA2"
        texts = notice_texts(form)
        # which of the two the platform signs is not certain for this kind: both must be understood
        return form | {"sign": sign(texts[simulator.chance(simulator.faults.odd)], self.key)}
