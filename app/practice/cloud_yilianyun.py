"""Yilianyun's cloud for practice and tests: tokens, idempotence by origin_id, strict about signature, UUID and fields.

Codes 2, 8, 10, 11, 12, 13, 14, 18, 33 and their words are the vendor's list; which of them it gives for a stale time stamp,
too many tokens or an origin_id out of form is recalled.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app.practice import cloud_paper
from app.practice.cloud_paper import Slip
from app.practice.cloud_printers import CloudSimulator, Job

MOST_TOKENS = 20  # a day
REMEMBERED = 2 * 3600.0  # seconds that an origin_id is remembered
LONGEST = 32767
WORDS = {
    2: "client_id不存在",
    8: "打印机信息错误，参数有误",
    10: "权限不足",
    11: "sign验证失败",
    12: "缺少必要参数",
    13: "打印失败，参数有误",
    14: "access_token错误",
    18: "access_token过期或错误，请刷新access_token或者重新授权",
    33: "Uuid不合法",
}
PRIVATE = {
    "oauth/oauth": ("grant_type", "scope"),
    "print/index": ("access_token", "machine_code", "content", "origin_id"),
    "printer/getorderstatus": ("access_token", "machine_code", "order_id"),
    "printer/getprintstatus": ("access_token", "machine_code"),
    "printer/addprinter": ("access_token", "machine_code", "msign"),
}


class _RefusalError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(WORDS[code])
        self.code = code


class YilianyunSimulator(CloudSimulator):
    """`added`: whether the printer is in the application. `expire_tokens()` makes every token given so far stale."""

    def __init__(self) -> None:
        super().__init__()
        self.added = True
        self.tokens_given = 0
        self._client_id, self._secret = f"10{uuid.uuid4().int % 10**8:08}", "practice-secret"
        self._machine, self._msign = "4004628158", "practice-msign"
        self._tokens: set[str] = set()
        self._stale: set[str] = set()

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "client_id": self._client_id,
            "client_secret": self._secret,
            "machine_code": self._machine,
            "msign": self._msign,
            "address": self.address,
        }

    def expire_tokens(self) -> None:
        self._stale |= self._tokens
        self._tokens.clear()

    def cancel(self) -> None:
        """Somebody cancels what waits, at the vendor's own console."""
        for job in self.jobs:
            if job.state == "waiting":
                job.state = "cancelled"

    def routes(self, router: web.UrlDispatcher) -> None:
        for path in PRIVATE:
            router.add_post(f"/{path}", self._called)

    def printed(self, content: str) -> Slip:
        return cloud_paper.yilianyun(content)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        path = request.path.strip("/")
        return await self.serve(request, path, fields, lambda known: self._answer(path, known))

    def _answer(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        try:
            self._check(path, fields)
            body = self._do(path, fields)
        except _RefusalError as refusal:
            return {"error": str(refusal.code), "error_description": str(refusal)}
        return {"error": "0", "error_description": "success", "body": body}

    def _check(self, path: str, fields: dict[str, str]) -> None:
        if any(not fields.get(each) for each in ("client_id", "timestamp", "sign", "id", *PRIVATE[path])):
            raise _RefusalError(12)
        if fields["client_id"] != self._client_id:
            raise _RefusalError(2)
        signed = hashlib.md5((self._client_id + fields["timestamp"] + self._secret).encode()).hexdigest()  # noqa: S324 - theirs
        if fields["sign"] != signed or not self.fresh(fields["timestamp"]):
            raise _RefusalError(11)
        if not _is_uuid4(fields["id"]):
            raise _RefusalError(33)
        self._check_access(path, fields)

    def _check_access(self, path: str, fields: dict[str, str]) -> None:
        if path == "oauth/oauth":
            return
        if fields["access_token"] not in self._tokens:
            raise _RefusalError(18 if fields["access_token"] in self._stale else 14)
        if fields["machine_code"] != self._machine:
            raise _RefusalError(8)
        if not self.added and path != "printer/addprinter":
            raise _RefusalError(10)

    def _do(self, path: str, fields: dict[str, str]) -> Any:
        match path:
            case "oauth/oauth":
                return self._token(fields)
            case "print/index":
                return self._print(fields)
            case "printer/getorderstatus":
                return self._order(fields["order_id"])
            case "printer/getprintstatus":
                return {"state": "0" if not self.online else "2" if self.paper_out else "1"}
        if fields["msign"] != self._msign:
            raise _RefusalError(8)
        self.added = True
        return ""

    def _token(self, fields: dict[str, str]) -> dict[str, Any]:
        if fields["grant_type"] != "client_credentials" or fields["scope"] != "all" or self.tokens_given >= MOST_TOKENS:
            raise _RefusalError(10)
        self.tokens_given += 1
        token = uuid.uuid4().hex
        self._tokens.add(token)
        return {"access_token": token, "refresh_token": uuid.uuid4().hex, "expires_in": 2592000, "scope": "all"}

    def _print(self, fields: dict[str, str]) -> dict[str, str]:
        if not re.fullmatch("[0-9A-Za-z]{1,32}", fields["origin_id"]) or len(fields["content"]) > LONGEST:
            raise _RefusalError(13)
        job = self._remembered(fields["origin_id"]) if fields.get("idempotence") == "1" else None
        job = job or self.take(str(137550437 + len(self.jobs)), fields["content"], origin_id=fields["origin_id"])
        return {"id": job.number, "origin_id": job.origin_id}

    def _remembered(self, origin_id: str) -> Job | None:
        young = self.now() - REMEMBERED
        return next((job for job in self.jobs if job.origin_id == origin_id and job.taken_at > young), None)

    def _order(self, number: str) -> dict[str, Any]:
        job = next((job for job in self.jobs if job.number == number), None)
        if job is None:
            raise _RefusalError(8)
        status = {"waiting": 0, "printed": 1, "cancelled": 2}[job.state]
        return {"id": number, "origin_id": job.origin_id, "status": status, "print_time": str(int(job.printed_at))}


def _is_uuid4(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower() and uuid.UUID(text).version == 4
    except ValueError:
        return False
