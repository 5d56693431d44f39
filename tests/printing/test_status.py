"""Replies of printers: told apart in any split, with automatic status in the middle, and read bit by bit."""

from __future__ import annotations

import itertools
from collections import Counter as Multiset
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.printing.conversation import Proof
from app.printing.status import PrinterStatus, Reply, ReplyKind, ReplyReader, process_id

LOW = st.integers(0, 0x7F).map(lambda value: value & 0x6F)  # bits 4 and 7 clear
FLOW = st.sampled_from((b"\x11", b"\x13")).map(lambda raw: Reply(ReplyKind.FLOW, raw))
REAL_TIME = st.integers(0, 0x7F).map(lambda value: Reply(ReplyKind.REAL_TIME, bytes((value & 0x6C | 0x12,))))
QUEUED = LOW.map(lambda value: Reply(ReplyKind.QUEUED, bytes((value,))))
AUTOMATIC = st.tuples(LOW, LOW, LOW, LOW).map(lambda it: Reply(ReplyKind.AUTOMATIC, bytes((it[0] & 0x6C | 0x10, *it[1:]))))
BLOCK = st.tuples(st.sampled_from((0x35, 0x37, 0x3B, 0x3D, 0x5F)), st.lists(st.integers(0x20, 0x7E), max_size=20)).map(
    lambda it: Reply(ReplyKind.BLOCK, bytes((it[0], *it[1], 0)))
)
REPLIES = st.lists(FLOW | REAL_TIME | QUEUED | AUTOMATIC | BLOCK, max_size=12)


@given(REPLIES, st.data())
def test_any_split_gives_the_same_replies(replies: list[Reply], data: st.DataObject) -> None:
    stream = b"".join(reply.raw for reply in replies)
    reader = ReplyReader()
    found: list[Reply] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += reader.feed(stream[:size])
        stream = stream[size:]
    assert found == replies


@given(
    AUTOMATIC | BLOCK,
    st.lists(FLOW | st.sampled_from((0x12, 0x16, 0x1A, 0x1E)).map(lambda b: Reply(ReplyKind.REAL_TIME, bytes((b,))))),
    st.data(),
)
def test_short_replies_inside_a_longer_one_are_not_lost(outer: Reply, inner: list[Reply], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(outer.raw) - 1))
    stream = outer.raw[:cut] + b"".join(reply.raw for reply in inner) + outer.raw[cut:]
    assert ReplyReader().feed(stream) == [*inner, outer]


@given(BLOCK, st.data())
def test_automatic_status_inside_a_process_id_costs_neither(block: Reply, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(block.raw) - 1))
    status = Reply(ReplyKind.AUTOMATIC, b"\x18\x00\x0f\x00")
    assert ReplyReader().feed(block.raw[:cut] + status.raw + block.raw[cut:]) == [status, block]


OURS = b"\x37\x22ABOo\0"
STATUSES = [bytes((value,)) for value in range(0x80) if value & 0x93 == 0x12]  # every answer to DLE EOT
AUTOMATICS = [bytes((value, 0x40, 0x0F, 0x00)) for value in range(0x80) if value & 0x93 == 0x10]


def read(stream: bytes, *cuts: int) -> list[bytes]:
    """The replies of a stream that arrives in pieces, while OURS is waited for."""
    reader = ReplyReader()
    reader.expected = OURS
    edges = [0, *cuts, len(stream)]
    return [reply.raw for start, end in itertools.pairwise(edges) for reply in reader.feed(stream[start:end])]


def interleaved(first: bytes, second: bytes) -> Iterator[bytes]:
    """Every order of the bytes of both that keeps each one's own order."""
    for places in itertools.combinations(range(len(first) + len(second)), len(first)):
        rest, mine = iter(second), iter(first)
        yield bytes(next(mine if place in places else rest) for place in range(len(first) + len(second)))


def inside(outer: bytes, *inner: bytes) -> Iterator[bytes]:
    """`outer` with each of `inner`, whole, at every place of what there is by then, its ends included."""
    if not inner:
        yield outer
        return
    for place in range(len(outer) + 1):
        yield from inside(outer[:place] + inner[0] + outer[place:], *inner[1:])


def test_every_split_of_every_pair_of_replies() -> None:
    replies = (OURS, b"\x10\x00\x00\x00", b"\x12", b"\x7e", b"\x11", b"\x00", b"\x37\x25\0", b"_TM-T88\0")
    for pair in itertools.permutations(replies, 2):
        stream = b"".join(pair)
        for cuts in itertools.combinations_with_replacement(range(len(stream) + 1), 2):
            assert read(stream, *cuts) == list(pair)


@pytest.mark.parametrize("status", STATUSES, ids=bytes.hex)
def test_what_is_waited_for_is_found_with_statuses_at_every_place(status: bytes) -> None:
    for automatic in AUTOMATICS:
        for stream in inside(OURS, automatic, status):
            assert Multiset(read(stream)) == Multiset((OURS, automatic, status))


def test_every_split_of_every_place_of_automatic_status() -> None:
    for stream in inside(OURS, AUTOMATICS[-1]):
        for cuts in itertools.combinations(range(len(stream)), 2):
            assert Multiset(read(stream, *cuts)) == Multiset((OURS, AUTOMATICS[-1]))


@pytest.mark.parametrize("other", [*AUTOMATICS, *STATUSES, b"\x37\x22ABOn\0", b"\x37\x22\x30\x38\x50\x7e\0", b"\x37\x25\0"])
def test_no_interleaving_of_others_makes_ours(other: bytes) -> None:
    for stream in interleaved(other, AUTOMATICS[2]):
        assert OURS not in read(stream)
    for stream in interleaved(OURS[:-2], other):
        assert OURS not in read(stream)


@given(st.lists(st.sampled_from([*AUTOMATICS, *STATUSES, b"\x11", b"\x13"]), max_size=12), st.data())
def test_what_is_waited_for_is_found_however_much_is_slipped_in(others: list[bytes], data: st.DataObject) -> None:
    stream = OURS
    for other in others:
        place = data.draw(st.integers(0, len(stream)))
        stream = stream[:place] + other + stream[place:]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    assert Multiset(read(stream, *cuts)) == Multiset((OURS, *others))


def test_ids_hold_no_letter_that_a_status_may_begin_with_and_never_repeat() -> None:
    proofs = [Proof.by_process_id() for _ in range(500)]
    assert len({proof.expected for proof in proofs}) == 500
    assert not {
        letter for proof in proofs for letter in proof.expected[2:6] if letter & 0x91 == 0x10 or not 0x20 <= letter < 0x7F
    }
    assert all(proof.question == b"\x1d(H\x06\x0000" + proof.expected[2:6] for proof in proofs)


@given(st.binary(max_size=300))
def test_noise_never_breaks_the_reader(noise: bytes) -> None:
    reader = ReplyReader()
    replies = reader.feed(noise)
    assert sum(len(reply.raw) for reply in replies) <= len(noise)


def test_process_id_is_read_only_from_its_own_block() -> None:
    assert process_id(Reply(ReplyKind.BLOCK, b"\x37\x22AB12\0")) == b"AB12"
    assert process_id(Reply(ReplyKind.BLOCK, b"\x37\x25\0")) is None
    assert process_id(Reply(ReplyKind.BLOCK, b"_TM-T88\0")) is None
    assert process_id(Reply(ReplyKind.QUEUED, b"\x00")) is None


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (1, 0x12, PrinterStatus()),
        (1, 0x1A, PrinterStatus(online=False)),
        (2, 0x16, PrinterStatus(cover_open=True)),
        (2, 0x32, PrinterStatus(paper_out=True)),
        (2, 0x52, PrinterStatus(error=True)),
        (3, 0x1A, PrinterStatus(error=True, cutter=True)),
        (3, 0x32, PrinterStatus(error=True)),
        (4, 0x1E, PrinterStatus(paper_near_end=True)),
        (4, 0x7E, PrinterStatus(paper_near_end=True, paper_out=True)),
    ],
)
def test_answers_to_status_questions(question: int, answer: int, expected: PrinterStatus) -> None:
    assert PrinterStatus().with_answer(question, answer) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\x10\x00\x00\x00", PrinterStatus()),
        (b"\x18\x00\x0f\x00", PrinterStatus(online=False, paper_out=True, paper_near_end=True)),
        (b"\x38\x00\x00\x00", PrinterStatus(online=False, cover_open=True)),
        (b"\x18\x08\x00\x00", PrinterStatus(online=False, error=True, cutter=True)),
        (b"\x18\x04\x00\x00", PrinterStatus(online=False, error=True)),
    ],
)
def test_automatic_status(raw: bytes, expected: PrinterStatus) -> None:
    assert PrinterStatus.automatic(raw) == expected


def test_paper_is_the_first_thing_said_and_near_end_does_not_stop_printing() -> None:
    assert PrinterStatus(online=False, paper_out=True).text == "打印机缺纸"
    assert PrinterStatus(paper_near_end=True).ready
    assert PrinterStatus().text == ""


@pytest.mark.parametrize(
    ("answer", "ready"),
    [(0x00, True), (0x20, True), (0x01, False), (0x02, False), (0x04, False), (0x08, False), (0x10, False)],
)
def test_a_label_printer_s_byte(answer: int, ready: bool) -> None:
    assert PrinterStatus.of_label_printer(answer).ready is ready
