"""Yilianyun (易联云) cloud printers: OAuth in client mode, signed form posts that may be repeated, and the vendor's tags.

Verified on the vendor's pages at kancloud.cn (elind-dev/openapi 332000, 332343, 336831, 336832, 371770, 372519, 751625;
ly6886/oauth-api 3170322, 3170329): signature, fields, error numbers, states, the token's 20 fetches a day and its
endless life, idempotence for 2 hours by origin_id, tags, 25 block tags, 192 bytes of QR code. On an older page of the
vendor's: 32,767 characters a job. In an SDK: the body of `printer/getorderstatus`. Recalled: that a fetched token leaves
older ones valid.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.printing.cloud.device import CloudPrinter, Progress, filled
from app.printing.cloud.markup import Frame, Run, jobs, joined, tagged, wrapped
from app.printing.cloud.wire import CloudError, CloudPatience, LostError, RefusedError, UnreachedError, Wire
from app.printing.kinds import Device, Field, PrinterKind
from app.printing.lines import Line, Style
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.texts import N_, tr

DIALECT = "yilianyun"
ADDRESS = "https://open-api.10ss.net"
LONGEST_JOB = 32767  # documented as characters; counted here as bytes, which is never less strict
MOST_TAGS = 25  # the page names <center>, <right>, <LR>, <table> "and so on": counted here for every tag
LONGEST_CODE = 192  # bytes in a QR code
TOKEN_STALE = ("14", "18")  # access_token wrong, expired
MOST_FETCHES = 3  # an hour: the vendor allows 20 a day, and a loop of refusals must not use them up
STATES = {
    "0": PrinterStatus(online=False),
    "1": PrinterStatus(),
    "2": PrinterStatus(paper_out=True),
}
PROGRESS = {"1": Progress.PRINTED, "2": Progress.CANCELLED}  # 0 waits


def markup(lines: Iterable[Line], frame: Frame = lambda number, total, brief: ((), ())) -> bytes:
    """`lines`, which the printer cuts off by itself; in parts, each in its `frame`, where that is longer than a job may be.

    Sizes above double become double; one QR code a job, others are text. At most 25 tags a job: beyond, bold goes first,
    then width, then height, from the end. `@` is widened too, because `@@2` at a line's start enlarges it.
    """
    return jobs(tuple(lines), _job, LONGEST_JOB, frame)


def _job(lines: Iterable[Line]) -> str:
    runs: list[Run] = []
    for row in tagged(lines, _tags, "<>&@", LONGEST_CODE):
        last = row[-1] if row else Run((), "")
        runs += [*row[:-1], Run(last.tags, last.text + "\n")]
    return "".join(map(_closed_before_breaks, _degraded(joined(runs), MOST_TAGS)))


def _tags(style: Style) -> tuple[str, ...]:
    """One tag at most, because nesting is documented for few pairs. The enlarged sizes are bold already."""
    size = {(False, False): "", (False, True): "FH2", (True, False): "FW2", (True, True): "FS2"}
    tag = size[style.width > 1, style.height > 1] or ("FB" if style.bold else "")
    return (tag,) if tag else ()


def _degraded(runs: list[Run], most: int) -> list[Run]:
    for least in ("FB", "FW2", "FH2", "FS2"):
        for index in reversed([number for number, run in enumerate(runs) if run.tags == (least,)]):
            if sum(bool(run.tags) for run in runs) <= most:
                return joined(runs)
            runs[index] = Run((), runs[index].text)
    return joined(runs)


def _closed_before_breaks(run: Run) -> str:
    text = run.text.rstrip("\n")
    breaks = run.text[len(text) :]
    return (wrapped(Run(run.tags, text)) if text else "") + breaks


class Yilianyun:
    """The vendor's wire for one printer. `tries`: how often a send whose answer was lost is repeated under one origin_id."""

    own_address = ADDRESS
    most = LONGEST_JOB

    def __init__(self, settings: Mapping[str, str], tries: int) -> None:
        self._client_id = settings["client_id"]
        self._secret = settings["client_secret"]
        self._machine = settings["machine_code"]
        self._msign = settings["msign"]
        self._tries = tries
        self._token = _kept(settings["address"], self._client_id, settings["token"])

    @property
    def title(self) -> str:
        return tr("Yilianyun")

    @property
    def learned(self) -> dict[str, str]:
        """The access token: the vendor hands out 20 a day, so it must survive a restart."""
        return {"token": self._token.value} if self._token.value else {}

    def join(self, wire: Wire) -> None:
        if self._msign:
            self._call(wire, "printer/addprinter", machine_code=self._machine, msign=self._msign)

    def status(self, wire: Wire) -> PrinterStatus | None:
        return STATES.get(str(_member(self._call(wire, "printer/getprintstatus", machine_code=self._machine), "state")))

    def send(self, wire: Wire, content: str, key: str) -> str:
        origin = origin_id(self._machine, key or uuid.uuid4().hex, content)
        fields = {"machine_code": self._machine, "content": content, "origin_id": origin, "idempotence": "1"}
        lost: LostError | None = None
        for attempt in range(self._tries):
            if attempt and not wire.pause(attempt * wire.patience.first):
                break
            try:
                return self._order(self._call(wire, "print/index", **fields))
            except LostError as error:
                lost = error
            except CloudError as error:
                if lost is None:
                    raise
                lost = LostError(str(error))  # the attempt before may have been taken, whatever this one met
        raise lost or LostError(tr("{vendor} did not answer in time", vendor=self.title))

    def progress(self, wire: Wire, order: str) -> Progress:
        body = self._call(wire, "printer/getorderstatus", machine_code=self._machine, order_id=order)
        return PROGRESS.get(str(_member(body, "status")), Progress.WAITING)

    def left_behind(self) -> str:
        return tr("It holds the ticket and may print it later; look at the printer.")

    def _order(self, body: Any) -> str:
        order = _member(body, "id")
        if not order:
            raise LostError(tr("{vendor} took the ticket without giving it a number", vendor=self.title))
        return str(order)

    def _call(self, wire: Wire, path: str, **fields: str) -> Any:
        """The `body` of an answer. A token that went stale is fetched anew, once."""
        token = self._token.current(lambda: self._fetched(wire))
        try:
            return self._ask(wire, path, **fields, access_token=token)
        except RefusedError as error:
            if error.code not in TOKEN_STALE:
                raise
        return self._ask(wire, path, **fields, access_token=self._token.current(lambda: self._fetched(wire), token))

    def _fetched(self, wire: Wire) -> str:
        """A new token. A failure here never means that a ticket was taken."""
        try:
            body = self._ask(wire, "oauth/oauth", grant_type="client_credentials", scope="all")
        except LostError as error:
            raise UnreachedError(str(error)) from error
        token = _member(body, "access_token")
        if not isinstance(token, str) or not token:
            raise UnreachedError(tr("{vendor} gave no access token", vendor=self.title))
        return token

    def _ask(self, wire: Wire, path: str, **fields: str) -> Any:
        timestamp = str(int(wire.clock.now()))
        signed = {
            "client_id": self._client_id,
            "timestamp": timestamp,
            "sign": signature(self._client_id, timestamp, self._secret),
            "id": str(uuid.uuid4()),
        }
        answer = wire.post(f"/{path}", {**signed, **fields})
        if "error" not in answer:
            raise LostError(tr("{vendor} gave an answer that makes no sense (HTTP {status})", vendor=self.title, status=200))
        code = str(answer["error"])
        if code != "0":
            words = str(answer.get("error_description") or code)
            raise RefusedError(tr("{vendor} refused: {words}", vendor=self.title, words=words), code)
        return answer.get("body")


def signature(client_id: str, timestamp: str, client_secret: str) -> str:
    """Lower case MD5 of the three values in a row, as the vendor's interface defines it."""
    return hashlib.md5(f"{client_id}{timestamp}{client_secret}".encode(), usedforsecurity=False).hexdigest()


def origin_id(machine_code: str, key: str, content: str) -> str:
    """32 letters and digits for a job; the vendor compares nothing else within one application.

    Printer and content count too, because the same job must print when a backup gets it, or when it comes as a marked copy.
    """
    return hashlib.sha256(f"{machine_code}\0{key}\0{content}".encode()).hexdigest()[:32]


class _Token:
    """One application's access token, shared by its printers in this program. `value` is "" before the first fetch."""

    def __init__(self, value: str) -> None:
        self.value = value
        self._fetches: list[float] = []
        self._turn = threading.Lock()

    def current(self, fetch: Callable[[], str], stale: str = "") -> str:
        """The token; fetched when there is none, or only the `stale` one. Raises CloudError."""
        with self._turn:
            if not self.value or self.value == stale:
                now = time.monotonic()
                self._fetches = [at for at in self._fetches if now - at < 3600.0]
                if len(self._fetches) >= MOST_FETCHES:
                    raise UnreachedError(
                        tr("Yilianyun keeps refusing its own access token; check the application's settings there")
                    )
                self.value = fetch()  # a failure is not counted: it used nothing up
                self._fetches.append(now)
            return self.value


_TOKENS: dict[tuple[str, str], _Token] = {}
_TOKENS_TURN = threading.Lock()


def _kept(address: str, client_id: str, stored: str) -> _Token:
    with _TOKENS_TURN:
        token = _TOKENS.setdefault((address, client_id), _Token(stored))
        token.value = token.value or stored
        return token


def _member(body: Any, name: str) -> Any:
    return body.get(name) if isinstance(body, dict) else None


FIELDS = (
    Field("client_id", N_("Application ID"), N_("At dev.10ss.net: open your own application (自有型应用).")),
    Field("client_secret", N_("Application secret"), N_("On the same page as the application ID."), secret=True),
    Field("machine_code", N_("Printer number (终端号)"), N_("On the sticker under the printer.")),
    Field(
        "msign",
        N_("Printer secret (终端密钥)"),
        N_("On the same sticker. Needed only if the printer is not in your application yet: it is added for you."),
        required=False,
        secret=True,
    ),
    Field("address", N_("Service address"), N_("Leave empty, unless Yilianyun gave you another address."), required=False),
)


def printer(
    settings: Mapping[str, str], profile: Profile | None = None, patience: CloudPatience | None = None
) -> CloudPrinter:
    """The device for one printer; `settings` are the values of FIELDS, and what `learned` said. ValueError for staff."""
    patience = patience or CloudPatience()
    values = filled(settings, FIELDS)
    return CloudPrinter(
        Yilianyun({**values, "token": settings.get("token", "")}, patience.tries), values["address"], profile, patience
    )


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    """The vendor keeps its jobs apart, so nothing torn can hang on the paper."""
    return printer(settings, profile)


KIND = PrinterKind(
    name="yilianyun",
    title=N_("Yilianyun cloud printer"),
    fields=FIELDS,
    dialects=(DIALECT,),
    open=_open,
    address=lambda settings: f"易联云 {settings.get('machine_code', '')}",
    note=N_("Prints through Yilianyun's service: needs the internet here and at the printer. Offline shows minutes late."),
)
