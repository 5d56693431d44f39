"""Delivery rules against a scripted printer on a still clock: whatever happens ends in exactly one, true outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.printing.conversation import CLEAR, Conversation, Memory, Patience
from app.printing.device import Outcome, OutcomeKind, deliver
from app.printing.encoder import clear_torn
from app.printing.profile import Profile
from tests.printing.scripted import Clock, Desk, Wire, job, paper_of, still

PATIENCE = Patience(answer=0.5, settle=2.0, line=0.1, poll=0.5, longest=20.0)
PROFILES = {level: Profile(level, answers=(1, 2, 4)) for level in ("process_id", "status", "none")}
AUTOMATIC = (b"\x10\x00\x00\x00", b"\x18\x00\x0f\x00", b"\x38\x00\x00\x00", b"\x58\x40\x00\x00")
A, B, C = (job(letter) for letter in "ABC")


@pytest.fixture
def clock() -> Iterator[Clock]:
    with still() as clock:
        yield clock


@dataclass
class Counter:
    """The computer's side: what it keeps of one printer."""

    desk: Desk
    profile: Profile
    memory: Memory

    def print(self, payload: bytes, breaks_after: int | None = None) -> Outcome:
        talk = Conversation(Wire(self.desk, breaks_after), PATIENCE, self.memory)
        try:
            return deliver(talk, payload, self.profile)
        finally:
            self.desk.current = None


def at(desk: Desk, clears: bool = False) -> Counter:
    known = PROFILES[desk.level]
    desk.clears = clears
    return Counter(desk, Profile(known.acknowledges, clears=clears, answers=known.answers), Memory())


@pytest.mark.parametrize("level", ["process_id", "status"])
def test_the_job_follows_two_questions_and_nothing_else(clock: Clock, level: str) -> None:
    desk = Desk(clock, level)
    assert at(desk).print(A).kind is OutcomeKind.CONFIRMED
    assert desk.received[:3] == [b"\x10\x04\x01", b"\x10\x04\x04", A]
    assert desk.pieces == [paper_of(A)]


def test_a_board_that_answers_no_status_question_may_still_confirm(clock: Clock) -> None:
    desk = Desk(clock, "process_id")
    desk.answers = ()
    counter = Counter(desk, Profile("process_id"), Memory())
    assert [counter.print(payload).kind for payload in (A, B, C)] == [OutcomeKind.CONFIRMED] * 3
    desk.level = "none"
    assert counter.print(A).kind is OutcomeKind.NOT_SENT
    assert desk.pieces == [paper_of(payload) for payload in (A, B, C)]


def test_silence_of_a_printer_that_was_heard_to_answer_sends_nothing(clock: Clock) -> None:
    desk = Desk(clock, "none")
    desk.answers = ()
    assert at(desk).print(A).kind is OutcomeKind.NOT_SENT
    assert Counter(desk, Profile("none"), Memory()).print(A).kind is OutcomeKind.SENT


def stuck_in_the_middle(desk: Desk, counter: Counter, payload: bytes = A) -> Outcome:
    desk.paper = 2
    outcome = counter.print(payload)
    assert outcome.kind is OutcomeKind.UNKNOWN
    return outcome


@pytest.mark.parametrize("level", ["process_id", "status"])
def test_the_late_confirmation_of_a_stuck_job_never_confirms_the_next(clock: Clock, level: str) -> None:
    desk = Desk(clock, level)
    counter = at(desk)
    stuck_in_the_middle(desk, counter)
    desk.cost = 0.3  # the rest is printed while the next job comes, and so the old answer arrives in the midst of it
    desk.paper = 5  # two lines of A, the cut-off line, two lines of B
    outcome = counter.print(B)
    assert outcome.kind is OutcomeKind.UNKNOWN
    desk.paper = None
    desk.rest()
    assert counter.print(C).kind is OutcomeKind.CONFIRMED
    assert desk.pieces.count(paper_of(C)) == 1


def test_without_that_care_it_would(clock: Clock) -> None:
    """The control of the test above: a printer believed to owe nothing."""
    desk = Desk(clock, "status")
    counter = at(desk)
    stuck_in_the_middle(desk, counter)
    counter.memory.owed, counter.memory.torn, desk.cost, desk.paper = 0, False, 0.3, 4
    assert counter.print(B).kind is OutcomeKind.CONFIRMED
    assert paper_of(B) not in desk.pieces


def test_a_restart_remembers_what_may_be_owed(clock: Clock) -> None:
    desk = Desk(clock, "status")
    stuck_in_the_middle(desk, at(desk))
    desk.cost, desk.paper = 0.3, 5
    assert Counter(desk, PROFILES["status"], Memory.after_unknown()).print(B).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("level", ["process_id", "status"])
def test_what_a_broken_picture_waits_for_is_filled_up_before_the_next_job(clock: Clock, level: str) -> None:
    desk = Desk(clock, level)
    counter = at(desk)
    picture = job("A", picture=100)
    assert counter.print(picture, breaks_after=6 + len(picture) // 2).kind is OutcomeKind.UNKNOWN
    assert counter.print(B).kind is OutcomeKind.CONFIRMED
    assert desk.pieces[-1] == paper_of(B)


def test_a_broken_picture_left_alone_costs_the_next_job_its_head(clock: Clock) -> None:
    """The control of the test above."""
    desk = Desk(clock)
    counter = at(desk)
    picture = job("A", picture=100)
    counter.print(picture, breaks_after=6 + len(picture) - 4 - 4 * 3 - 5)  # five bytes of the picture are missing
    counter.memory.torn = False
    assert counter.print(B).kind is OutcomeKind.CONFIRMED
    assert paper_of(B) not in desk.pieces


def test_a_printer_that_clears_never_prints_the_rest(clock: Clock) -> None:
    desk = Desk(clock)
    counter = at(desk, clears=True)
    outcome = stuck_in_the_middle(desk, counter)
    assert (outcome.cleared, outcome.reason) == (True, "打印机缺纸；没打出来的部分已从打印机里清除")
    desk.paper = None
    desk.rest()
    assert counter.print(B).kind is OutcomeKind.CONFIRMED
    assert desk.pieces == [b"A0\nA1\n\n", paper_of(B)]
    assert desk.received.count(CLEAR) == 1


def test_after_a_break_it_is_cleared_before_the_torn_paper_is_cut_off(clock: Clock) -> None:
    desk = Desk(clock)
    counter = at(desk, clears=True)
    desk.paper = 1
    assert counter.print(A, breaks_after=6 + len(A)).cleared is False
    desk.paper, seen = None, len(desk.received)
    assert counter.print(B).kind is OutcomeKind.CONFIRMED
    later = desk.received[seen:]
    assert later.index(CLEAR) < later.index(clear_torn(Profile()) + B)
    assert desk.pieces == [b"A0\n\n", paper_of(B)]


def test_a_clear_that_is_not_answered_promises_nothing(clock: Clock) -> None:
    desk = Desk(clock)
    counter = at(desk, clears=True)
    desk.clears = False
    assert stuck_in_the_middle(desk, counter).cleared is False


@pytest.mark.parametrize("level", ["process_id", "status", "none"])
def test_a_printer_not_known_to_clear_never_sees_the_command(clock: Clock, level: str) -> None:
    desk = Desk(clock, level)
    counter = at(desk)
    desk.paper = 2
    for payload in (A, B):
        counter.print(payload)
    desk.paper = None
    desk.rest()
    counter.print(C, breaks_after=20)
    counter.print(C)
    assert not any(CLEAR in written for written in desk.received)


def test_a_confirmation_that_comes_while_clearing_counts(clock: Clock) -> None:
    desk = Desk(clock)
    desk.delay = 18.0  # beyond what a ready printer is given
    assert at(desk, clears=True).print(A).kind in (OutcomeKind.CONFIRMED, OutcomeKind.UNKNOWN)
    assert desk.pieces == [paper_of(A)]


@pytest.mark.parametrize(
    "said", [lambda reply: b"", lambda reply: b"\x37\x22\x40\x40\x40\x3f\0" * 2], ids=["never", "wrong"]
)
def test_no_confirmation_or_a_stranger_s_is_unknown(clock: Clock, said: Callable[[bytes], bytes]) -> None:
    desk = Desk(clock)
    desk.said = said
    assert at(desk).print(A).kind is OutcomeKind.UNKNOWN


def test_a_confirmation_said_twice_confirms_once(clock: Clock) -> None:
    for level in ("process_id", "status"):
        desk = Desk(clock, level)
        desk.said = lambda reply: reply * 2
        counter = at(desk)
        assert counter.print(A).kind is OutcomeKind.CONFIRMED
        desk.said = lambda reply: b""
        assert counter.print(B).kind is OutcomeKind.UNKNOWN


def test_an_answer_that_admits_no_paper_proves_nothing(clock: Clock) -> None:
    desk = Desk(clock, "status")
    desk.said = lambda _: b"\x0c"
    assert at(desk).print(A).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("level", ["process_id", "status"])
@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("status", AUTOMATIC, ids=lambda raw: raw.hex())
def test_automatic_status_anywhere_in_a_confirmation_costs_nothing(
    clock: Clock, level: str, place: int, status: bytes
) -> None:
    desk = Desk(clock, level)
    desk.said = lambda reply: reply[:place] + status + reply[place:]
    assert at(desk).print(A).kind is OutcomeKind.CONFIRMED


@given(st.binary(max_size=40), st.sampled_from(["process_id", "none"]))
def test_garbage_confirms_nothing(garbage: bytes, level: str) -> None:
    with still() as clock:
        desk = Desk(clock, level)
        desk.said = lambda _: garbage
        assert at(desk).print(A).kind is (OutcomeKind.UNKNOWN if level == "process_id" else OutcomeKind.SENT)


@pytest.mark.parametrize("level", ["process_id", "status", "none"])
@pytest.mark.parametrize("bytes_", range(1, len(A) + 20))
def test_a_break_at_any_byte(clock: Clock, level: str, bytes_: int) -> None:
    desk = Desk(clock, level)
    outcome = at(desk).print(A, breaks_after=bytes_)
    came = sum(map(len, desk.received))
    if came <= 6:
        assert outcome.kind is OutcomeKind.NOT_SENT
    if outcome.kind is OutcomeKind.NOT_SENT:
        assert came <= 6
    if outcome.kind is OutcomeKind.CONFIRMED:
        assert desk.pieces == [paper_of(A)]


@dataclass(frozen=True)
class Weather:
    """What befalls one job."""

    paper: int | None = None
    refilled: bool = True  # before the next one
    cost: float = 0.0
    delay: float = 0.0
    says: str = "once"
    status: bytes = b""
    place: int = 0
    breaks_after: int | None = None
    power_cut: bool = False  # before the next one
    picture: int = 0

    def said(self, reply: bytes) -> bytes:
        reply = {"once": reply, "never": b"", "wrong": reply[:2] + b"@@@@\0" if len(reply) > 1 else b""}[self.says]
        return reply[: self.place] + self.status + reply[self.place :] if reply else reply


WEATHER = st.builds(
    Weather,
    paper=st.none() | st.integers(0, 9),
    refilled=st.booleans(),
    cost=st.sampled_from((0.0, 0.3, 2.0)),
    delay=st.sampled_from((0.0, 0.0, 0.4, 3.0, 15.0)),
    says=st.sampled_from(("once", "once", "once", "never", "wrong")),
    status=st.sampled_from((b"", *AUTOMATIC)),
    place=st.integers(0, 7),
    breaks_after=st.none() | st.integers(1, 200),
    power_cut=st.booleans(),
    picture=st.sampled_from((0, 0, 40)),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["process_id", "status", "none"]), st.booleans(), st.lists(WEATHER, min_size=1, max_size=6))
def test_whatever_happens_every_outcome_is_true(level: str, clears: bool, days: list[Weather]) -> None:
    with still() as clock:
        desk = Desk(clock, level)
        counter = at(desk, clears)
        for letter, day in zip("ABCDEF", days, strict=False):
            payload = job(letter, picture=day.picture)
            before = len(desk.received)
            desk.cost, desk.delay, desk.said = day.cost, day.delay, day.said
            desk.paper = day.paper if desk.paper is None or day.refilled else desk.paper
            outcome = counter.print(payload, day.breaks_after)
            came = b"".join(desk.received[before:])
            whole = desk.pieces.count(paper_of(payload))
            judge(outcome, level, payload, came, whole)
            if day.power_cut:
                desk.lose_power()
            if outcome.cleared:
                pieces = b"".join(desk.pieces)
                desk.paper = None
                desk.rest()
                assert b"".join(desk.pieces)[len(pieces) :].count(letter.encode()) == 0


def judge(outcome: Outcome, level: str, payload: bytes, came: bytes, whole: int) -> None:
    if outcome.kind is OutcomeKind.CONFIRMED:
        assert level != "none"
        assert whole == 1
    if outcome.kind is OutcomeKind.SENT:
        assert level == "none"
        assert came.endswith(payload)
    if outcome.kind is OutcomeKind.NOT_SENT:
        assert payload[:4] not in came
        assert whole == 0
    if outcome.kind is not OutcomeKind.UNKNOWN:
        assert not outcome.cleared
