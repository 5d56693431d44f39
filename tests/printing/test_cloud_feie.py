"""Feie through its cloud: for every bad day, what the caller is told, and what is on the paper."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from app.practice.cloud_feie import FeieSimulator
from app.practice.cloud_printers import TROUBLES
from app.printing.cloud import feie
from app.printing.cloud.device import CloudPrinter
from app.printing.cloud.markup import PART
from app.printing.cloud.wire import CloudPatience
from app.printing.device import Outcome, OutcomeKind
from app.printing.lines import Span, Style
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.transports.wired import UnreachableError

QUICK = CloudPatience(connect=1.0, answer=5.0, first=0.01, most=0.05, longest=0.3)
HASTY = replace(QUICK, answer=0.6)  # for a vendor that never answers
JOB = feie.markup([(Span("作废", Style(2, 2, reverse=True)),), (Span("2 宫保鸡丁 <PLUGIN>", Style(height=2)),)])


@pytest.fixture
def cloud() -> Iterator[FeieSimulator]:
    with FeieSimulator().in_thread() as running:
        yield running


def device(cloud: FeieSimulator, patience: CloudPatience = QUICK, /, **changed: str) -> CloudPrinter:
    return feie.printer({**cloud.settings, **changed}, patience=patience)


def patience_for(trouble: str) -> CloudPatience:
    return HASTY if trouble == "mute" else QUICK


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.002)


def in_background(job: Callable[[], Outcome]) -> Callable[[], Outcome]:
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(job()))
    thread.start()

    def finished() -> Outcome:
        thread.join()
        return outcomes[0]

    return finished


def test_a_job_is_printed_once_and_confirmed(cloud: FeieSimulator) -> None:
    heard: list[PrinterStatus] = []
    outcome = device(cloud).print_ticket(JOB, heard.append, "job-1")
    assert outcome == Outcome(OutcomeKind.CONFIRMED, "", PrinterStatus())
    assert heard == [PrinterStatus()]
    [slip] = cloud.paper
    assert slip.lines[:4] == ["■■", "作废", "■■", "2 宫保鸡丁 ＜PLUGIN＞"]
    assert (slip.cuts, slip.drawer_opened, slip.errors) == (1, 0, [])


def test_the_signature_is_the_documented_one(cloud: FeieSimulator) -> None:
    assert feie.signature("a@b.c", "key", "1700000000") == hashlib.sha1(b"a@b.ckey1700000000").hexdigest()
    device(cloud).print_ticket(JOB)
    [fields] = cloud.called("Open_printMsg")
    assert fields["times"] == "1"
    assert 0 < int(fields["expired"]) - cloud.now() <= QUICK.longest + 1
    assert "ukey" not in fields


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"user": "nobody"}, "该帐号未注册"),
        ({"ukey": "wrong"}, "签名错误"),
        ({"sn": "316599999"}, "打印机编号和用户不匹配"),
    ],
)
def test_a_refusal_is_told_in_the_vendors_words(cloud: FeieSimulator, setting: dict[str, str], words: str) -> None:
    outcome = device(cloud, **setting).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert words in outcome.reason
    assert cloud.jobs == []


def test_a_clock_that_is_wrong_here_is_put_right_by_the_vendors(cloud: FeieSimulator) -> None:
    cloud.ahead = 3600
    printer = device(cloud)
    refused = printer.print_ticket(JOB)
    assert refused.kind is OutcomeKind.NOT_SENT
    assert "时间" in refused.reason
    assert printer.print_ticket(JOB).kind is OutcomeKind.CONFIRMED
    assert int(cloud.called("Open_printMsg")[0]["expired"]) > cloud.now() - 5


@pytest.mark.parametrize(("state", "paper_out", "online"), [("offline", False, False), ("abnormal", True, True)])
def test_a_printer_that_is_not_ready_gets_nothing(cloud: FeieSimulator, state: str, paper_out: bool, online: bool) -> None:
    cloud.online, cloud.paper_out = online, paper_out
    outcome = device(cloud).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert outcome.status == PrinterStatus(online=False, error=state == "abnormal")
    assert outcome.reason == outcome.status.text
    assert cloud.jobs == []


@pytest.mark.parametrize("trouble", ["gateway", "html", "garbage", "shape", "lost", "mute"])
def test_a_lost_answer_is_unknown_and_never_repeated(cloud: FeieSimulator, trouble: str) -> None:
    cloud.fail("Open_printMsg", trouble)
    outcome = device(cloud, patience_for(trouble)).print_ticket(JOB, key="job-1")
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.reason
    assert len(cloud.called("Open_printMsg")) == 1
    assert len(cloud.paper) == 1


def test_a_server_error_is_unknown_for_nobody_can_say_how_far_it_came(cloud: FeieSimulator) -> None:
    cloud.fail("Open_printMsg", "error")
    assert device(cloud).print_ticket(JOB).kind is OutcomeKind.UNKNOWN
    assert cloud.paper == []


def test_too_many_requests_is_a_refusal(cloud: FeieSimulator) -> None:
    cloud.fail("Open_printMsg", "busy")
    outcome = device(cloud).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "429" in outcome.reason


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_status_that_cannot_be_had_sends_nothing(cloud: FeieSimulator, trouble: str) -> None:
    cloud.fail("Open_queryPrinterStatus", trouble)
    assert device(cloud, patience_for(trouble)).print_ticket(JOB).kind is OutcomeKind.NOT_SENT
    assert cloud.jobs == []


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_while_asking_after_a_job_is_waited_out(cloud: FeieSimulator, trouble: str) -> None:
    cloud.fail("Open_queryOrderState", trouble, times=2)
    assert device(cloud, replace(patience_for(trouble), longest=5.0)).print_ticket(JOB).kind is OutcomeKind.CONFIRMED


def test_a_job_printed_late_is_confirmed(cloud: FeieSimulator) -> None:
    cloud.print_after = 0.2
    assert device(cloud, replace(QUICK, longest=5.0)).print_ticket(JOB).kind is OutcomeKind.CONFIRMED


def test_paper_out_after_the_job_was_taken_is_told_and_waited_for(cloud: FeieSimulator) -> None:
    cloud.held = True
    heard: list[PrinterStatus] = []
    printer = device(cloud, replace(QUICK, longest=20.0))
    finished = in_background(lambda: printer.print_ticket(JOB, heard.append))
    until(lambda: bool(cloud.jobs))
    cloud.paper_out = True
    until(lambda: PrinterStatus(online=False, error=True) in heard)
    assert printer.query_status() == heard[-1]  # without a second connection
    cloud.paper_out = cloud.held = False
    assert finished().kind is OutcomeKind.CONFIRMED
    assert len(cloud.paper) == 1


def test_a_job_not_printed_in_time_is_unknown_and_never_floods_out_later(cloud: FeieSimulator) -> None:
    cloud.held = True
    outcome = device(cloud).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.reason
    cloud.ahead, cloud.held = 2.0, False
    assert cloud.paper == []
    assert [job.state for job in cloud.jobs] == ["dropped"]


def test_a_ticket_too_long_is_refused_whole(cloud: FeieSimulator) -> None:
    longest = b"x" * feie.LONGEST_JOB
    assert device(cloud).print_ticket(longest).kind is OutcomeKind.CONFIRMED
    outcome = device(cloud).print_ticket(longest + b"x")
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "5001" in outcome.reason
    assert outcome.refused, "no other ticket need wait for it"
    assert len(cloud.jobs) == 1


LONG = feie.markup([(Span(f"{number} 宫保鸡丁"),) for number in range(400)])


def test_a_long_ticket_is_confirmed_once_every_part_is(cloud: FeieSimulator) -> None:
    assert device(cloud).print_ticket(LONG).kind is OutcomeKind.CONFIRMED
    assert len(cloud.paper) > 1
    printed = [line for slip in cloud.paper for line in slip.lines if line]
    assert printed == [f"{number} 宫保鸡丁" for number in range(400)]


def test_a_long_ticket_of_which_a_part_came_out_is_unknown_and_the_next_part_is_not_sent(cloud: FeieSimulator) -> None:
    cloud.fail("Open_queryOrderState", "error", times=50)
    outcome = device(cloud).print_ticket(LONG)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert len(cloud.called("Open_printMsg")) == 1


def test_a_long_ticket_whose_second_part_is_refused_is_unknown(cloud: FeieSimulator) -> None:
    first = LONG.split(PART.encode())[0]
    outcome = device(cloud).print_ticket(first + f"{PART}".encode())  # an empty part, which Feie refuses
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "2" in outcome.reason
    assert len(cloud.paper) == 1


def test_a_ticket_that_the_vendor_will_not_have_lets_others_pass(cloud: FeieSimulator) -> None:
    outcome = device(cloud).print_ticket(b"")
    assert (outcome.kind, outcome.refused) == (OutcomeKind.NOT_SENT, True)


def test_nobody_listens() -> None:
    settings = {"user": "a", "ukey": "b", "sn": "c", "address": "http://127.0.0.1:9"}
    printer = feie.printer(settings, patience=QUICK)
    assert printer.print_ticket(JOB).kind is OutcomeKind.NOT_SENT
    with pytest.raises(UnreachableError):
        printer.query_status()
    with pytest.raises(UnreachableError):
        printer.probe()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("离线", PrinterStatus(online=False)),
        ("off-line", PrinterStatus(online=False)),
        ("在线，工作状态正常。", PrinterStatus()),
        ("The online working condition is normal", PrinterStatus()),
        ("在线，工作状态不正常", PrinterStatus(online=False, error=True)),
        ("在线，工作状态异常", PrinterStatus(online=False, error=True)),
        ("something new", None),
    ],
)
def test_the_vendors_words_for_a_state(cloud: FeieSimulator, words: str, status: PrinterStatus | None) -> None:
    cloud.words = words
    assert device(cloud).query_status() == status


def test_a_state_in_unknown_words_does_not_stop_the_kitchen(cloud: FeieSimulator) -> None:
    cloud.words = "something new"
    assert device(cloud).print_ticket(JOB).kind is OutcomeKind.CONFIRMED


def test_set_up_adds_a_printer_that_the_account_lacks(cloud: FeieSimulator) -> None:
    cloud.added = False
    printer = device(cloud)
    found = printer.probe()
    assert (found.acknowledges, found.status) == ("status", PrinterStatus())
    profile = printer.examine()
    assert profile.acknowledges == "status"
    assert replace(profile, acknowledges="", maker="") == Profile()
    assert len(cloud.called("Open_printerAddlist")) == 1


def test_set_up_tells_of_a_wrong_key(cloud: FeieSimulator) -> None:
    cloud.added = False
    with pytest.raises(UnreachableError, match="识别码不正确"):
        device(cloud, key="wrong").probe()
    with pytest.raises(UnreachableError, match="不匹配"):
        device(cloud, key="").probe()


@pytest.mark.parametrize(
    "address", ["http://api.feieyun.cn", "http://10.0.0.5", "ftp://127.0.0.1", "https://", "http://127.0.0.1:x", "feie"]
)
def test_an_unsafe_address_is_refused_before_anything_is_said(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        feie.printer({"user": "a", "ukey": "b", "sn": "c", "address": address})


@pytest.mark.parametrize("missing", ["user", "ukey", "sn"])
def test_a_form_half_filled_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        feie.KIND.open({"user": "a", "ukey": "b", "sn": "c", missing: " "}, "feie", Profile(), False)


def test_the_kind_says_how_it_is_recognised() -> None:
    printer = feie.KIND.open({"user": "a", "ukey": "b", "sn": "316500011"}, "feie", Profile(), True)
    assert printer.acknowledges == "status"
    assert feie.KIND.address({"sn": "316500011"}) == "飞鹅 316500011"
    assert [field.name for field in feie.KIND.fields if field.secret] == ["ukey", "key"]


@pytest.mark.parametrize("hanging", ["Open_queryPrinterStatus", "Open_printMsg", "Open_queryOrderState"])
def test_stop_ends_a_call_that_hangs(cloud: FeieSimulator, hanging: str) -> None:
    cloud.fail(hanging, "mute")
    printer = device(cloud, replace(QUICK, answer=60.0, longest=60.0))
    finished = in_background(lambda: printer.print_ticket(JOB))
    until(lambda: bool(cloud.called(hanging)))
    printer.stop()
    assert finished().kind is (OutcomeKind.NOT_SENT if hanging == "Open_queryPrinterStatus" else OutcomeKind.UNKNOWN)
    assert printer.print_ticket(JOB).kind is OutcomeKind.NOT_SENT


def test_an_answer_that_never_ends_is_given_up(cloud: FeieSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.printing.cloud.wire.LARGEST", 10)
    with pytest.raises(UnreachableError):
        device(cloud).query_status()


def test_two_callers_take_turns(cloud: FeieSimulator) -> None:
    printer = device(cloud, replace(QUICK, longest=5.0))
    jobs = [in_background(lambda: printer.print_ticket(JOB)) for _ in range(3)]
    assert [finished().kind for finished in jobs] == [OutcomeKind.CONFIRMED] * 3
    assert len(cloud.paper) == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sig": "0" * 40}, -3),
        ({"stime": "1000000000"}, 1001),
        ({"sn": ""}, -2),
        ({"content": ""}, -2),
        ({"apiname": "Open_other"}, -1),
        ({"expired": "1000000000"}, 1004),
        ({"expired": "9999999999"}, 1004),
        ({"times": "11"}, 1005),
        ({"content": "x" * 5001}, 1003),
    ],
)
def test_the_simulator_is_strict(cloud: FeieSimulator, change: dict[str, str], code: int) -> None:
    stime = str(int(cloud.now()))
    user, ukey = cloud.settings["user"], cloud.settings["ukey"]
    fields = {"user": user, "stime": stime, "sig": feie.signature(user, ukey, stime), "apiname": "Open_printMsg"}
    fields |= {"sn": cloud.settings["sn"], "content": "a", **change}
    answer = httpx.post(cloud.address + feie.PATH, data=fields, trust_env=False).json()
    assert answer["ret"] == code
    assert cloud.jobs == []
