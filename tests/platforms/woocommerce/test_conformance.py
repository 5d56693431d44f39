"""WooCommerce keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.woocommerce import platform
from app.platforms.woocommerce.simulator import WooCommerceSimulator


class TestWooCommerce(ConformanceSuite):
    platform = platform
    simulator = WooCommerceSimulator
    speed = 600.0  # a webhook is at most a tenth of a second late

    def with_unknown_status(self, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()
