"""The control wire of a virtual printer, on 127.0.0.1 only: its paper as text and PNG, its knobs, refill and the plug."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from app.platforms.listening import Listener
from app.practice.printer import VirtualPrinter
from app.practice.printer_faults import FaultError, default_of
from app.practice.printer_pictures import draw_png
from app.practice.printer_pieces import PaperTicket

PAPER = "/_practice/paper"


class PrinterControl:
    """Serves one printer; lives in that printer's loop. `address` is known after `start`."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self.address = ""
        self._printer = printer
        self._listener: Listener | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and answer the base address."""
        application = web.Application(middlewares=[_in_words])
        router = application.router
        router.add_get(PAPER, self._paper)
        router.add_get(PAPER + "/{name}.png", self._png)
        router.add_get("/_practice/faults", self._faults)
        router.add_put("/_practice/fault/{name}", self._set)
        router.add_delete("/_practice/fault/{name}", self._mend)
        router.add_post("/_practice/refill", self._refill)
        router.add_post("/_practice/power_cut", self._power_cut)
        router.add_post("/_practice/power_on", self._power_on)
        router.add_post("/_practice/move", self._move)
        self._listener = Listener(application)
        self.address = await self._listener.open(port)
        return self.address

    async def stop(self) -> None:
        """Stop listening."""
        if self._listener:
            await self._listener.close()

    async def _paper(self, _: web.Request) -> web.Response:
        hanging = self._printer.hanging
        pieces = [_described(piece, str(number), piece.state) for number, piece in enumerate(self._printer.paper, 1)]
        return web.json_response(
            {"pieces": pieces, "hanging": _described(hanging, "hanging", "hanging") if hanging else None, **self._state()}
        )

    async def _png(self, request: web.Request) -> web.Response:
        """Drawn in a thread, so that a long piece does not hold up the printer's answers."""
        name = request.match_info["name"]
        found = {str(number): piece for number, piece in enumerate(self._printer.paper, 1)}
        piece = self._printer.hanging if name == "hanging" else found.get(name)
        if piece is None:
            return web.json_response({"error": f"there is no piece {name}; there are {len(found)}"}, status=404)
        drawn = await asyncio.to_thread(draw_png, piece, "hanging" if name == "hanging" else "")
        return web.Response(body=drawn, content_type="image/png")

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._printer.faults.to_json())

    async def _set(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        default_of(name)
        self._printer.change(**{name: await _value(request)})
        return self._knob(name)

    async def _mend(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self._printer.mend(name)
        return self._knob(name)

    async def _refill(self, request: web.Request) -> web.Response:
        """Body: nothing for an endless roll, or {"lines": n}."""
        self._printer.refill((await _wish(request)).get("lines"))
        return web.json_response(self._state())

    async def _power_cut(self, _: web.Request) -> web.Response:
        self._printer.power_cut()
        return web.json_response(self._state())

    async def _power_on(self, _: web.Request) -> web.Response:
        self._printer.power_on()
        return web.json_response(self._state())

    async def _move(self, request: web.Request) -> web.Response:
        """Body: nothing for any free port, or {"port": n}."""
        port = (await _wish(request)).get("port", 0)
        if type(port) is not int or not 0 <= port <= 65535:
            raise FaultError(f"port: a number from 0 to 65535, not {port!r}")
        self._printer.move(port)
        return web.json_response(self._state())

    def _knob(self, name: str) -> web.Response:
        return web.json_response({name: self._printer.faults.to_json()[name]})

    def _state(self) -> dict[str, Any]:
        printer, condition = self._printer, self._printer.condition
        return {
            "address": f"{printer.host}:{printer.port}",
            "powered": printer.powered,
            "idle": printer.idle,
            "paper_out": condition.paper_out,
            "near_end": condition.near_end,
            "cover_open": condition.cover_open,
            "jammed": condition.jammed,
            "offline": condition.offline,
        }


@web.middleware
async def _in_words(request: web.Request, handler: Any) -> web.StreamResponse:
    """A wrong knob, value or port is answered by 400 and words."""
    try:
        answer: web.StreamResponse = await handler(request)
    except (FaultError, OSError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return answer


async def _value(request: web.Request) -> Any:
    """The body's JSON value. Raises FaultError."""
    try:
        return json.loads(await request.text())
    except ValueError as error:
        raise FaultError(f"the body must be one JSON value: {error}") from None


async def _wish(request: web.Request) -> dict[str, Any]:
    """The body's JSON object, {} for an empty body. Raises FaultError."""
    if not (await request.text()).strip():
        return {}
    wish = await _value(request)
    if not isinstance(wish, dict):
        raise FaultError("the body must be a JSON object, or nothing")
    return wish


def _described(piece: PaperTicket, name: str, state: str) -> dict[str, Any]:
    return {
        "name": name,
        "state": state,
        "complete": piece.complete,
        "glued": piece.glued,
        "ticket_id": piece.ticket_id,
        "text": piece.text,
        "marks": sorted(piece.marks),
        "errors": list(piece.errors),
        "beeps": piece.beeps,
        "codes": [{"content": code.decode("gb18030", "replace"), "module": code.module} for code in piece.codes],
        "pictures": len(piece.pictures),
        "started_at": piece.started_at,
        "last_byte_at": piece.last_byte_at,
        "finished_at": piece.finished_at,
        "png": f"{PAPER}/{name}.png",
    }
