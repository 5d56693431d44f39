"""Feie (飞鹅) cloud printers: signed form posts to one address, and the vendor's tags.

Verified in public SDKs that carry the vendor's comments (houseme/feie, the vendor's PHP sample on cnblogs) and in
downstream notes on its API page: names of calls and fields, the signature, `{"ret", "msg", "data"}`, codes -2 (account),
-3 (signature), 1001 and 1002 (printer), the words of a status, 5000 bytes a job, one QR code a job, `expired`, tags, BOLD
inside L and W. L is taller and W wider in the vendor's own sample; one note has them the other way round. Recalled: that a
printer cuts where the tag says so and nowhere else, and that `expired` also holds for a job the printer already fetched.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from app.printing.cloud.device import CloudPrinter, Progress, filled
from app.printing.cloud.markup import Frame, jobs, tagged, wrapped
from app.printing.cloud.wire import CloudPatience, LostError, RefusedError, Wire
from app.printing.kinds import Device, Field, PrinterKind
from app.printing.lines import Line, Style
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.texts import N_, tr

DIALECT = "feie"
ADDRESS = "https://api.feieyun.cn"
PATH = "/Api/Open/"
LONGEST_JOB = 5000  # bytes; whether of UTF-8 or of GBK is not documented, so of the longer one
MOST_LIFE = 24 * 3600.0  # seconds that `expired` may lie ahead
ADDED_BEFORE = ("已被添加过", "already")  # a refusal to add a printer that means it is there

# Offline is Chinese at the mainland's address and English at others; it shows 2 to 5 minutes late.
OFFLINE = ("离线", "off-line", "offline")
ABNORMAL = ("不正常", "异常", "abnormal", "not normal")  # mostly no paper, or an open cover
NORMAL = ("正常", "normal")


def markup(lines: Iterable[Line], frame: Frame = lambda number, total, brief: ((), ())) -> bytes:
    """`lines`, then a cut; in parts, each in its `frame`, where that is longer than a job may be.

    Sizes above double become double; one QR code a job, others are text.
    """
    return jobs(tuple(lines), _job, LONGEST_JOB, frame)


def _job(lines: Iterable[Line]) -> str:
    rows = ["".join(map(wrapped, row)) + "<BR>" for row in tagged(lines, _tags)]
    return f"{''.join(rows)}<CUT>"


def _tags(style: Style) -> tuple[str, ...]:
    """L is double height, W double width, B both; BOLD stands inside them."""
    size = {(False, False): (), (False, True): ("L",), (True, False): ("W",), (True, True): ("B",)}
    return (*size[style.width > 1, style.height > 1], *(("BOLD",) if style.bold else ()))


class Feie:
    """The vendor's wire for one printer. It knows no idempotency key: a send is never repeated here.

    `life`: seconds after which the vendor drops a job that it could not print.
    """

    own_address = ADDRESS
    most = LONGEST_JOB

    def __init__(self, settings: Mapping[str, str], life: float) -> None:
        self._user = settings["user"]
        self._ukey = settings["ukey"]
        self._sn = settings["sn"]
        self._key = settings["key"]
        self._life = min(life, MOST_LIFE - 60.0)  # a minute for clocks and rounding
        self.learned: dict[str, str] = {}

    @property
    def title(self) -> str:
        return tr("Feie")

    def join(self, wire: Wire) -> None:
        if not self._key:
            return
        listed = self._call(wire, "Open_printerAddlist", printerContent=f"{self._sn}#{self._key}")
        refused = listed.get("no") if isinstance(listed, dict) else None
        words = str(refused[0]) if isinstance(refused, list) and refused else ""
        if words and not any(each in words for each in ADDED_BEFORE):
            raise RefusedError(tr("{vendor} refused: {words}", vendor=self.title, words=words), "")

    def status(self, wire: Wire) -> PrinterStatus | None:
        return _status(self._call(wire, "Open_queryPrinterStatus", sn=self._sn))

    def send(self, wire: Wire, content: str, key: str) -> str:
        expired = str(math.ceil(wire.clock.now() + self._life))
        order = self._call(wire, "Open_printMsg", sn=self._sn, content=content, times="1", expired=expired)
        if not isinstance(order, str) or not order:
            raise LostError(tr("{vendor} took the ticket without giving it a number", vendor=self.title))
        return order

    def progress(self, wire: Wire, order: str) -> Progress:
        return Progress.PRINTED if self._call(wire, "Open_queryOrderState", orderid=order) is True else Progress.WAITING

    def left_behind(self) -> str:
        return tr("It drops what it cannot print within {n} min; look at the printer.", n=math.ceil(self._life / 60))

    def _call(self, wire: Wire, name: str, **fields: str) -> Any:
        """The `data` of an answer."""
        stime = str(int(wire.clock.now()))
        signed = {"user": self._user, "stime": stime, "sig": signature(self._user, self._ukey, stime), "apiname": name}
        answer = wire.post(PATH, {**signed, **fields})
        if "ret" not in answer:
            raise LostError(tr("{vendor} gave an answer that makes no sense (HTTP {status})", vendor=self.title, status=200))
        code = str(answer["ret"])
        if code != "0":
            words = str(answer.get("msg") or code)
            raise RefusedError(tr("{vendor} refused: {words}", vendor=self.title, words=words), code)
        return answer.get("data")


def signature(user: str, ukey: str, stime: str) -> str:
    """Lower case SHA-1 of the three values in a row, as the vendor's interface defines it."""
    return hashlib.sha1(f"{user}{ukey}{stime}".encode(), usedforsecurity=False).hexdigest()


def _status(words: Any) -> PrinterStatus | None:
    """A status from the vendor's sentence. What it calls abnormal prints nothing, so it counts as not online."""
    said = str(words).lower()
    if any(each in said for each in OFFLINE):
        return PrinterStatus(online=False)
    if any(each in said for each in ABNORMAL):
        return PrinterStatus(online=False, error=True)
    return PrinterStatus() if any(each in said for each in NORMAL) else None


FIELDS = (
    Field("user", N_("Feie account"), N_("The name you sign in with at admin.feieyun.com, usually an e-mail address.")),
    Field(
        "ukey",
        "UKEY",
        N_("At admin.feieyun.com under your account's developer information. Not the printer's KEY."),
        secret=True,
    ),
    Field("sn", N_("Printer number (SN)"), N_("On the sticker under the printer: nine or more digits.")),
    Field(
        "key",
        N_("Printer KEY"),
        N_("On the same sticker. Needed only if the printer is not in your Feie account yet: it is added for you."),
        required=False,
        secret=True,
    ),
    Field("address", N_("Service address"), N_("Leave empty, unless Feie gave you another address."), required=False),
)


def printer(
    settings: Mapping[str, str], profile: Profile | None = None, patience: CloudPatience | None = None
) -> CloudPrinter:
    """The device for one printer; `settings` are the values of FIELDS. Raises ValueError for staff."""
    patience = patience or CloudPatience()
    values = filled(settings, FIELDS)
    return CloudPrinter(Feie(values, patience.longest), values["address"], profile, patience)


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    """The vendor keeps its jobs apart, so nothing torn can hang on the paper."""
    return printer(settings, profile)


KIND = PrinterKind(
    name="feie",
    title=N_("Feie cloud printer"),
    fields=FIELDS,
    dialects=(DIALECT,),
    open=_open,
    address=lambda settings: f"飞鹅 {settings.get('sn', '')}",
    note=N_("Prints through Feie's service: needs the internet here and at the printer. Offline shows minutes late."),
)
