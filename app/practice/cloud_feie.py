"""Feie's cloud for practice and tests: one address for all calls, strict about signature, printer and content.

Codes -2, -3, 1001 and 1002 with their words are those of public SDKs; everything else that is refused here has a recalled
code, and the words say so to nobody: the console must not depend on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app.practice import cloud_paper
from app.practice.cloud_paper import Slip
from app.practice.cloud_printers import CloudSimulator

LONGEST = 5000
DAY = 24 * 3600
PRIVATE = {
    "Open_printMsg": ("sn", "content"),
    "Open_queryOrderState": ("orderid",),
    "Open_queryPrinterStatus": ("sn",),
    "Open_printerAddlist": ("printerContent",),
}


class _RefusalError(Exception):
    """`code` and words for the answer."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class FeieSimulator(CloudSimulator):
    """`added`: whether the printer is in the account. `words`: overrides the sentence about its state."""

    def __init__(self) -> None:
        super().__init__()
        self.added = True
        self.words = ""
        self._user, self._ukey = "practice@example.test", "practice-ukey-12"
        self._sn, self._key = "316500011", "abcdefgh"

    @property
    def settings(self) -> Mapping[str, str]:
        return {"user": self._user, "ukey": self._ukey, "sn": self._sn, "key": self._key, "address": self.address}

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/Api/Open/", self._open)

    def printed(self, content: str) -> Slip:
        return cloud_paper.feie(content)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        return await self.serve(request, fields.get("apiname", ""), fields, self._answer)

    def _answer(self, fields: dict[str, str]) -> dict[str, Any]:
        try:
            self._check(fields)
            result = self._do(fields)
        except _RefusalError as refusal:
            return {"msg": str(refusal), "ret": refusal.code, "data": None, "serverExecutedTime": 3}
        return {"msg": "ok", "ret": 0, "data": result, "serverExecutedTime": 6}

    def _check(self, fields: dict[str, str]) -> None:
        name = fields.get("apiname", "")
        if name not in PRIVATE:
            raise _RefusalError(-1, "参数错误 : 接口不存在.")
        if any(not fields.get(each) for each in ("user", "stime", "sig", *PRIVATE[name])):
            raise _RefusalError(-2, '参数错误 : 参数值不能传空字符，""、"null"、"undefined".')
        if fields["user"] != self._user:
            raise _RefusalError(-2, "参数错误 : 该帐号未注册.")
        if not self.fresh(fields["stime"]):
            raise _RefusalError(1001, "参数错误 : 时间格式不正确。")
        if fields["sig"] != hashlib.sha1((self._user + self._ukey + fields["stime"]).encode()).hexdigest():  # noqa: S324 - theirs
            raise _RefusalError(-3, "验证失败 : 签名错误.")
        if "sn" in PRIVATE[name] and not (fields["sn"] == self._sn and self.added):
            raise _RefusalError(1002, "验证失败 : 打印机编号和用户不匹配.")

    def _do(self, fields: dict[str, str]) -> Any:
        match fields["apiname"]:
            case "Open_printMsg":
                return self._print(fields)
            case "Open_queryOrderState":
                return self._state(fields["orderid"])
            case "Open_queryPrinterStatus":
                return self._status()
        return self._add(fields["printerContent"])

    def _print(self, fields: dict[str, str]) -> str:
        if len(fields["content"].encode()) > LONGEST:
            raise _RefusalError(1003, "参数错误 : 打印内容太长.")
        expires = fields.get("expired", "")
        if expires and not (expires.isdigit() and self.now() < int(expires) <= self.now() + DAY):
            raise _RefusalError(1004, "参数错误 : 订单失效时间不正确.")
        if not 1 <= int(fields.get("times", "1")) <= 10:
            raise _RefusalError(1005, "参数错误 : 打印次数不正确.")
        number = f"{self._sn}_{int(self.now())}_{len(self.jobs) + 1}"
        return self.take(number, fields["content"], float(expires) if expires else None).number

    def _state(self, number: str) -> bool:
        job = next((job for job in self.jobs if job.number == number), None)
        if job is None:
            raise _RefusalError(1006, "参数错误 : 订单不存在.")
        return job.state == "printed"

    def _status(self) -> str:
        if self.words:
            return self.words
        if not self.online:
            return "离线。"
        return "在线，工作状态不正常。" if self.paper_out else "在线，工作状态正常。"

    def _add(self, content: str) -> dict[str, list[str]]:
        if content != f"{self._sn}#{self._key}":
            return {"ok": [], "no": [f"{content} （错误：识别码不正确）"]}
        if self.added:
            return {"ok": [], "no": [f"{content} （错误：已被添加过）"]}
        self.added = True
        return {"ok": [content], "no": []}
