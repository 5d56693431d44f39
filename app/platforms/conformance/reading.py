"""The suite's checks of the mapping: the platform's facts, kept raw, masked, flagged where they do not add up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.api import Connector, Message, ProtocolError, UnknownMessageError
from app.platforms.conformance import bench
from app.platforms.conformance.bench import Bench
from app.platforms.simulation import PretendLine, PretendOrder

PHONE = "13812345678"
NUMBER, CODE = re.compile(r"phone|mobile|contact", re.I), re.compile(r"code|pin|extension", re.I)
ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({"a": []})
)


class Reading(Bench):
    """What a message says."""

    def with_plain_phones(self, body: bytes) -> bytes:
        """The body of a message about an order with a plain number, and no code to it, wherever one stands."""
        return json.dumps(_plain(json.loads(body)), ensure_ascii=False).encode()

    @pytest.mark.asyncio
    async def test_the_facts_are_the_platforms(self) -> None:
        async with self.counter() as counter:
            placed = [counter.simulator.place() for _ in range(20)]
            await counter.poll()
            for order_id in placed:
                facts, truth = await counter.facts(order_id), counter.truth(order_id)
                assert (facts.number, facts.total.minor, facts.currency) == (truth.number, truth.total_minor, truth.currency)
                assert facts.lines
                assert not facts.difference() or facts.checks
                assert facts.placed_at.utcoffset() is not None
                assert (await counter.state(order_id)).kitchen == truth.kitchen

    @pytest.mark.asyncio
    async def test_reading_is_pure_and_the_raw_message_is_kept(self) -> None:
        async with self.counter() as counter:
            counter.simulator.place()
            await counter.poll()
            stranger = counter.connect({})
            for message in counter.stored.values():
                assert message.body
                with suppress(UnknownMessageError):
                    assert counter.connector.read(message) == counter.connector.read(message) == stranger.read(message)

    @pytest.mark.asyncio
    async def test_the_kept_order_alone_gives_the_facts(self) -> None:
        """Whatever the connector adds from elsewhere is in the stored message: a later release reads it again, offline."""
        async with self.counter() as counter:
            order_id = await counter.place()
            kept = await counter.connector.fetch_order(order_id)
            facts = counter.connector.read(kept)[0].facts
        assert facts
        assert [update.facts for update in counter.connect({}).read(kept)] == [facts]

    @pytest.mark.asyncio
    async def test_no_phone_number_is_shown_in_full(self) -> None:
        async with self.counter() as counter:
            dish = PretendLine("1", 1000)
            order_id = counter.simulator.place(PretendOrder((dish,), customer="Test", phone=PHONE, address="1"))
            await counter.poll()
            facts = await counter.facts(order_id)
            assert [text for text in _texts(asdict(facts)) if PHONE in re.sub(r"\D", "", text)] == []

    @pytest.mark.asyncio
    async def test_a_plain_phone_number_on_the_wire_is_masked(self) -> None:
        """Whatever the simulator makes of a number: here the message itself carries a customer's own."""
        async with self.counter() as counter:
            dish = PretendLine("1", 1000)
            order_id = await counter.place(PretendOrder((dish,), customer="Test", phone="13800001111", address="1"))
            message = await counter.connector.fetch_order(order_id)
            changed = replace(message, body=self.with_plain_phones(message.body))
            if PHONE.encode() not in changed.body:
                pytest.skip("no message of this platform carries a phone number")
            shown = [_texts(asdict(update.facts)) for update in counter.connector.read(changed) if update.facts]
            assert shown
            assert [text for texts in shown for text in texts if PHONE in re.sub(r"\D", "", text)] == []

    @pytest.mark.asyncio
    async def test_an_unknown_status_is_kept_and_not_guessed(self) -> None:
        async with self.counter() as counter:
            order_id = await counter.place()
            message = await counter.connector.fetch_order(order_id)
            changed = replace(message, body=self.with_unknown_status(message.body))
            (update,) = counter.connector.read(changed)
            assert update.unmapped
            assert update.kitchen is None
            assert update.facts

    @pytest.mark.asyncio
    async def test_unknown_fields_change_nothing(self) -> None:
        async with self.counter() as counter:
            order_id = await counter.place()
            message = await counter.connector.fetch_order(order_id)
            wider = replace(message, body=json.dumps(_widened(json.loads(message.body))).encode())
            assert counter.connector.read(wider) == counter.connector.read(message)

    @pytest.mark.asyncio
    async def test_a_damaged_message_never_stops_the_reader(self) -> None:
        """Nor do figures that a damage made wrong pass for right ones."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            samples = [*counter.stored.values(), await counter.connector.fetch_order(order_id)]
            _damage_bytes(counter.connector, samples)
            _damage_values(counter.connector, samples)


def _damage_bytes(connector: Connector, samples: list[Message]) -> None:
    @bench.FREELY
    @given(message=st.sampled_from(samples), at=st.integers(0, 5000), new=st.binary(max_size=4))
    def damaged(message: Message, at: int, new: bytes) -> None:
        at %= len(message.body) + 1
        _read(connector, replace(message, body=message.body[:at] + new + message.body[at + 1 :]))

    damaged()
    for body in (b"", b"null", b"[]", b"{}", b"<html></html>", b"[" * 100_000, b"\xff\xfe"):
        _read(connector, replace(samples[0], body=body))


def _damage_values(connector: Connector, samples: list[Message]) -> None:
    """Exchange one value somewhere in the JSON (also in JSON inside a string) for something else."""

    @bench.FREELY
    @given(message=st.sampled_from(samples), chance=st.randoms(use_true_random=False), new=ANYTHING)
    def damaged(message: Message, chance: Any, new: Any) -> None:
        with suppress(ValueError):
            wild = exchange(json.loads(message.body), chance, new)
            _read(connector, replace(message, body=json.dumps(wild).encode()))

    damaged()


def _read(connector: Connector, message: Message) -> None:
    with suppress(ProtocolError, UnknownMessageError):
        updates = connector.read(message)
        assert isinstance(updates, tuple)
        for facts in (update.facts for update in updates if update.facts):
            assert not facts.difference() or facts.checks


def exchange(value: Any, chance: Any, new: Any) -> Any:
    """`value` (JSON) with one value, chosen by `chance`, exchanged for `new`; text that is JSON is opened too."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        return {**value, key: exchange(value[key], chance, new)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], exchange(value[at], chance, new), *value[at + 1 :]]
    if isinstance(value, str) and value[:1] in ("{", "[") and chance.random() < 0.9:
        with suppress(ValueError):
            return json.dumps(exchange(json.loads(value), chance, new))
    return new


def _widened(value: Any) -> Any:
    """An order of tomorrow: its objects have fields that nobody knows yet."""
    if isinstance(value, dict):
        return {name: _widened(inner) for name, inner in value.items()} | {"order_console_unknown": {"a": [1]}}
    return [_widened(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any, name: str = "") -> Any:
    """JSON whose numbers, told by the names they stand under, are `PHONE`; text that is JSON is opened too."""
    if isinstance(value, dict):
        return {key: _plain(inner, f"{name} {key}" if NUMBER.search(name) else key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, name) for inner in value]
    if not isinstance(value, str):
        return value
    if value[:1] in ("{", "["):
        with suppress(ValueError):
            return json.dumps(_plain(json.loads(value), name))
    if not NUMBER.search(name):
        return value
    return "" if CODE.search(name) else PHONE if re.search(r"\d\d|\*", value) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
