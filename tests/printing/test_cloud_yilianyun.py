"""Yilianyun through its cloud: a lost answer prints once, the token lives long, and the truth is told on every bad day."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.practice.cloud_printers import TROUBLES
from app.practice.cloud_yilianyun import REMEMBERED, YilianyunSimulator
from app.printing.cloud import yilianyun
from app.printing.cloud.device import CloudPrinter
from app.printing.cloud.wire import CloudPatience
from app.printing.device import Outcome, OutcomeKind
from app.printing.lines import Span, Style
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.transports.wired import UnreachableError

QUICK = CloudPatience(connect=1.0, answer=5.0, first=0.01, most=0.05, longest=0.3)
HASTY = replace(QUICK, answer=0.6)  # for a vendor that never answers
JOB = yilianyun.markup([(Span("2 宫保鸡丁 <MN>9</MN> @@2", Style(height=2)),)])
OFFLINE, OUT = PrinterStatus(online=False), PrinterStatus(paper_out=True)
LOSING = ["gateway", "html", "garbage", "shape", "lost", "mute"]


@pytest.fixture
def cloud() -> Iterator[YilianyunSimulator]:
    with YilianyunSimulator().in_thread() as running:
        yield running


def device(cloud: YilianyunSimulator, patience: CloudPatience = QUICK, /, **changed: str) -> CloudPrinter:
    return yilianyun.printer({**cloud.settings, **changed}, patience=patience)


def restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the program keeps in memory."""
    monkeypatch.setattr(yilianyun, "_TOKENS", {})


def patience_for(trouble: str) -> CloudPatience:
    return HASTY if trouble == "mute" else QUICK


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.002)


def test_a_job_is_printed_once_and_confirmed(cloud: YilianyunSimulator) -> None:
    assert device(cloud).print_ticket(JOB, key="job-1") == Outcome(OutcomeKind.CONFIRMED, "", PrinterStatus())
    [slip] = cloud.paper
    assert slip.lines == ["2 宫保鸡丁 ＜MN＞9＜/MN＞＠＠2", ""]
    assert (slip.tags, slip.errors) == ({"FH2": 1}, [])


def test_what_is_sent_is_what_is_documented(cloud: YilianyunSimulator) -> None:
    assert yilianyun.signature("1", "1700000000", "s") == hashlib.md5(b"11700000000s").hexdigest()
    device(cloud).print_ticket(JOB, key="job-1")
    [fields] = cloud.called("print/index")
    assert fields["idempotence"] == "1"
    assert re.fullmatch("[0-9a-zA-Z]{1,32}", fields["origin_id"])
    assert uuid.UUID(fields["id"]).version == 4
    assert "client_secret" not in fields


@pytest.mark.parametrize("trouble", LOSING)
def test_a_lost_answer_is_asked_again_and_prints_once(cloud: YilianyunSimulator, trouble: str) -> None:
    cloud.fail("print/index", trouble)
    assert device(cloud, patience_for(trouble)).print_ticket(JOB, key="job-1").kind is OutcomeKind.CONFIRMED
    assert len({fields["origin_id"] for fields in cloud.called("print/index")}) == 1
    assert len(cloud.called("print/index")) == 2
    assert len(cloud.paper) == 1


@pytest.mark.parametrize("trouble", LOSING)
def test_answers_lost_for_good_are_unknown_after_a_few_tries(cloud: YilianyunSimulator, trouble: str) -> None:
    cloud.fail("print/index", trouble, times=9)
    outcome = device(cloud, patience_for(trouble)).print_ticket(JOB, key="job-1")
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.reason
    assert len(cloud.called("print/index")) == QUICK.tries
    assert len(cloud.paper) == 1


def test_a_refusal_after_a_lost_answer_is_still_unknown(cloud: YilianyunSimulator) -> None:
    cloud.fail("print/index", "lost")
    cloud.fail("print/index", "busy")
    cloud.fail("print/index", "busy")
    assert device(cloud).print_ticket(JOB).kind is OutcomeKind.UNKNOWN
    assert len(cloud.paper) == 1


def test_a_network_gone_after_a_lost_answer_is_still_unknown(
    cloud: YilianyunSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = device(cloud)
    assert printer.query_status() == PrinterStatus()
    real = httpx.Client.stream

    def stream(client: httpx.Client, method: str, url: str, **options: Any) -> Any:
        if url.endswith("print/index") and cloud.called("print/index"):
            raise httpx.ConnectError("no route")
        return real(client, method, url, **options)

    monkeypatch.setattr(httpx.Client, "stream", stream)
    cloud.fail("print/index", "lost")
    assert printer.print_ticket(JOB).kind is OutcomeKind.UNKNOWN
    assert len(cloud.paper) == 1


def test_the_same_job_for_a_backup_or_as_a_marked_copy_prints_again(cloud: YilianyunSimulator) -> None:
    printer = device(cloud)
    marked = yilianyun.markup([(Span("重打"),)])
    assert [printer.print_ticket(job, key="job-1").kind for job in (JOB, marked, JOB)] == [OutcomeKind.CONFIRMED] * 3
    assert [slip.lines[0] for slip in cloud.paper] == ["2 宫保鸡丁 ＜MN＞9＜/MN＞＠＠2", "重打"]
    assert yilianyun.origin_id("1", "job-1", "x") != yilianyun.origin_id("2", "job-1", "x")


def test_jobs_without_a_key_are_all_different(cloud: YilianyunSimulator) -> None:
    printer = device(cloud)
    assert [printer.print_ticket(JOB).kind for _ in range(2)] == [OutcomeKind.CONFIRMED] * 2
    assert len(cloud.paper) == 2


@given(st.text(), st.text(), st.text())
def test_an_origin_id_is_always_in_form(machine: str, key: str, content: str) -> None:
    assert re.fullmatch("[0-9a-z]{32}", yilianyun.origin_id(machine, key, content))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"client_id": "1"}, "client_id不存在"),
        ({"client_secret": "wrong"}, "sign验证失败"),
        ({"machine_code": "4009999999"}, "打印机信息错误"),
    ],
)
def test_a_refusal_is_told_in_the_vendors_words(cloud: YilianyunSimulator, setting: dict[str, str], words: str) -> None:
    outcome = device(cloud, **setting).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert words in outcome.reason
    assert cloud.jobs == []


@pytest.mark.parametrize(("online", "paper_out", "status"), [(False, False, OFFLINE), (True, True, OUT)])
def test_a_printer_that_is_not_ready_gets_nothing(
    cloud: YilianyunSimulator, online: bool, paper_out: bool, status: PrinterStatus
) -> None:
    cloud.online, cloud.paper_out = online, paper_out
    outcome = device(cloud).print_ticket(JOB)
    assert outcome == Outcome(OutcomeKind.NOT_SENT, status.text, status)
    assert cloud.jobs == []


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("call", ["oauth/oauth", "printer/getprintstatus"])
def test_trouble_before_the_job_sends_nothing(cloud: YilianyunSimulator, call: str, trouble: str) -> None:
    cloud.fail(call, trouble)
    printer = device(cloud, patience_for(trouble))
    assert printer.print_ticket(JOB).kind is OutcomeKind.NOT_SENT
    assert cloud.jobs == []
    assert printer.print_ticket(JOB).kind is OutcomeKind.CONFIRMED


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_while_asking_after_a_job_is_waited_out(cloud: YilianyunSimulator, trouble: str) -> None:
    cloud.fail("printer/getorderstatus", trouble, times=2)
    assert device(cloud, replace(patience_for(trouble), longest=5.0)).print_ticket(JOB).kind is OutcomeKind.CONFIRMED


def test_paper_out_after_the_job_was_taken_is_unknown_and_prints_later(cloud: YilianyunSimulator) -> None:
    cloud.held = True
    outcomes: list[Outcome] = []
    heard: list[PrinterStatus] = []
    printer = device(cloud, replace(QUICK, longest=1.0))
    thread = threading.Thread(target=lambda: outcomes.append(printer.print_ticket(JOB, heard.append)))
    thread.start()
    until(lambda: bool(cloud.jobs))
    cloud.paper_out = True
    thread.join()
    assert outcomes[0].kind is OutcomeKind.UNKNOWN
    assert OUT.text in outcomes[0].reason
    assert (outcomes[0].status, heard) == (OUT, [PrinterStatus(), OUT])
    cloud.paper_out = cloud.held = False
    assert len(cloud.paper) == 1


def test_a_job_cancelled_at_the_vendor_is_left_to_a_person(cloud: YilianyunSimulator) -> None:
    cloud.held = True
    printer = device(cloud, replace(QUICK, longest=20.0))
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(printer.print_ticket(JOB)))
    thread.start()
    until(lambda: bool(cloud.jobs))
    cloud.cancel()
    thread.join()
    assert outcomes[0].kind is OutcomeKind.UNKNOWN
    assert cloud.paper == []


def test_a_token_gone_stale_is_fetched_anew_once_in_the_middle_of_things(cloud: YilianyunSimulator) -> None:
    printer = device(cloud)
    assert printer.print_ticket(JOB, key="1").kind is OutcomeKind.CONFIRMED
    first = printer.learned["token"]
    cloud.expire_tokens()
    assert printer.print_ticket(JOB, key="2").kind is OutcomeKind.CONFIRMED
    assert cloud.tokens_given == 2
    assert printer.learned["token"] not in ("", first)


def test_a_stored_token_survives_a_restart(cloud: YilianyunSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    printer = device(cloud)
    assert printer.learned == {}
    printer.query_status()
    stored = dict(printer.learned)
    restart(monkeypatch)
    assert device(cloud, **stored).print_ticket(JOB).kind is OutcomeKind.CONFIRMED
    assert cloud.tokens_given == 1


def test_a_stored_token_that_is_wrong_is_replaced(cloud: YilianyunSimulator) -> None:
    printer = device(cloud, token="old")
    assert printer.print_ticket(JOB).kind is OutcomeKind.CONFIRMED
    assert printer.learned["token"] != "old"


def test_printers_of_one_application_share_a_token(cloud: YilianyunSimulator) -> None:
    printers = [device(cloud) for _ in range(4)]
    threads = [threading.Thread(target=printer.query_status) for printer in printers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [printer.status for printer in printers] == [PrinterStatus()] * 4
    assert cloud.tokens_given == 1


def test_a_loop_of_refusals_does_not_use_up_the_days_tokens(cloud: YilianyunSimulator) -> None:
    printer = device(cloud)
    for _ in range(12):
        cloud.expire_tokens()
        printer.print_ticket(JOB)
    assert cloud.tokens_given == yilianyun.MOST_FETCHES
    with pytest.raises(UnreachableError):
        printer.query_status()


def test_an_outage_does_not_count_against_the_token(cloud: YilianyunSimulator) -> None:
    printer = device(cloud)
    cloud.fail("oauth/oauth", "error", times=8)
    for _ in range(8):
        with pytest.raises(UnreachableError):
            printer.query_status()
    assert printer.query_status() == PrinterStatus()


def test_a_ticket_too_long_is_refused_whole(cloud: YilianyunSimulator) -> None:
    outcome = device(cloud).print_ticket(b"x" * (yilianyun.LONGEST_JOB + 1))
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert str(yilianyun.LONGEST_JOB + 1) in outcome.reason
    assert cloud.calls == []


def test_set_up_adds_a_printer_that_the_application_lacks(cloud: YilianyunSimulator) -> None:
    cloud.added = False
    with pytest.raises(UnreachableError, match="权限不足"):
        device(cloud, msign="").probe()
    with pytest.raises(UnreachableError, match="打印机信息错误"):
        device(cloud, msign="wrong").probe()
    assert device(cloud).examine() == replace(Profile(), acknowledges="status", maker=device(cloud).vendor.title)


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "machine_code"])
def test_a_form_half_filled_is_refused(missing: str) -> None:
    settings = {"client_id": "1", "client_secret": "2", "machine_code": "3", missing: ""}
    with pytest.raises(ValueError, match=r"."):
        yilianyun.KIND.open(settings, "yilianyun", Profile(), False)


def test_the_kind_says_how_it_is_recognised() -> None:
    settings = {"client_id": "1", "client_secret": "2", "machine_code": "4004628158"}
    assert yilianyun.KIND.open(settings, "yilianyun", Profile(), False).acknowledges == "status"
    assert yilianyun.KIND.address(settings) == "易联云 4004628158"
    assert [field.name for field in yilianyun.KIND.fields if field.secret] == ["client_secret", "msign"]


@pytest.mark.parametrize("hanging", ["oauth/oauth", "printer/getprintstatus", "print/index", "printer/getorderstatus"])
def test_stop_ends_a_call_that_hangs(cloud: YilianyunSimulator, hanging: str) -> None:
    cloud.fail(hanging, "mute", times=5)
    printer = device(cloud, replace(QUICK, answer=60.0, longest=60.0))
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(printer.print_ticket(JOB)))
    thread.start()
    until(lambda: bool(cloud.called(hanging)))
    printer.stop()
    thread.join()
    taken = hanging in ("print/index", "printer/getorderstatus")
    assert outcomes[0].kind is (OutcomeKind.UNKNOWN if taken else OutcomeKind.NOT_SENT)


def asked(cloud: YilianyunSimulator, path: str, **changed: str) -> dict[str, Any]:
    """A call by hand, for judging the simulator."""
    stamp = changed.get("timestamp", str(int(cloud.now())))
    client, secret = cloud.settings["client_id"], cloud.settings["client_secret"]
    fields = {"client_id": client, "timestamp": stamp, "sign": yilianyun.signature(client, stamp, secret)}
    fields |= {"id": str(uuid.uuid4()), "machine_code": cloud.settings["machine_code"], **changed}
    answer: dict[str, Any] = httpx.post(f"{cloud.address}/{path}", data=fields, trust_env=False).json()
    return answer


def token(cloud: YilianyunSimulator) -> str:
    return str(asked(cloud, "oauth/oauth", grant_type="client_credentials", scope="all")["body"]["access_token"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sign": "0" * 32}, "11"),
        ({"timestamp": "1000000000"}, "11"),
        ({"id": "not-a-uuid"}, "33"),
        ({"id": str(uuid.uuid1())}, "33"),
        ({"origin_id": "a" * 33}, "13"),
        ({"origin_id": "a-b"}, "13"),
        ({"origin_id": ""}, "12"),
        ({"content": "x" * 32768}, "13"),
        ({"machine_code": "1"}, "8"),
        ({"access_token": "made up"}, "14"),
    ],
)
def test_the_simulator_is_strict(cloud: YilianyunSimulator, change: dict[str, str], code: str) -> None:
    fields = {"access_token": token(cloud), "content": "a", "origin_id": "a1", "idempotence": "1", **change}
    assert asked(cloud, "print/index", **fields)["error"] == code
    assert cloud.jobs == []


def test_the_simulator_remembers_an_origin_id_for_two_hours(cloud: YilianyunSimulator) -> None:
    access = token(cloud)
    for ahead, papers in ((0.0, 1), (REMEMBERED - 60, 1), (REMEMBERED + 60, 2)):
        cloud.ahead = ahead
        answer = asked(cloud, "print/index", access_token=access, content="a", origin_id="a1", idempotence="1")
        assert answer["error"] == "0"
        assert len(cloud.paper) == papers
    assert asked(cloud, "print/index", access_token=access, content="a", origin_id="a1")["error"] == "0"
    assert len(cloud.paper) == 3
