"""The promises every platform keeps, as one pytest class: ours and a third party's pass the same suite.

The only module of the program that imports pytest and hypothesis; nothing else imports it. A platform proves itself with

    class TestMyPlatform(ConformanceSuite):
        platform = my_package.platform
        simulator = MySimulator

        def with_unknown_status(self, body: bytes) -> bytes: ...

and whatever class attributes below need another value. All traffic is real HTTP on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

import httpx
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import DEAD, Kitchen, OrderState, merge_all
from app.domain.orders import OrderFacts
from app.platforms.api import (
    AcknowledgesMessages,
    AuthError,
    Connector,
    FieldKind,
    ForgedWebhookError,
    Message,
    Platform,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    TakesWebhooks,
    TemporaryError,
    UnknownMessageError,
    WebhookRequest,
)
from app.platforms.http import new_client
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder, Simulator, Truth

T = TypeVar("T")

PATIENCE = 10.0  # seconds for a push on this machine
KITCHEN = list(Kitchen)
# What the platform must show at least, once it has said yes to a command.
REACHED = {
    CommandKind.RECEIVED: Kitchen.NEW,
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
    CommandKind.COMPLETE: Kitchen.COMPLETED,
}
ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({"a": []})
)
# An inner property runs inside an async test: its speed is the machine's business, not the platform's.
FREELY = hypothesis_settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))


async def patiently(ask: Callable[[], Awaitable[T]], tries: int = 300) -> T:
    """Do as the engine does on TemporaryError: wait and ask again, here for a few moments at most."""
    for _ in range(tries):
        try:
            return await ask()
        except TemporaryError as error:
            await asyncio.sleep(min(error.retry_after or 0.0, 0.05))
    raise AssertionError(f"still no answer after {tries} tries")


async def until(true: Callable[[], Any]) -> None:
    """Wait for something another task does. TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is awaited lives in another object and has no event
            await asyncio.sleep(0.01)


@dataclass
class Counter:
    """The engine in its smallest form: store, acknowledge, keep the cursor, read."""

    simulator: Simulator
    connector: Connector
    connect: Callable[[Mapping[str, str]], Connector]
    cursor: str = ""
    stored: dict[str, Message] = field(default_factory=dict)
    proven: list[OrderUpdate] = field(default_factory=list)

    async def poll(self, pages: int = 100) -> None:
        """Fetch until the platform has no more, as the engine does."""
        for _ in range(pages):
            page = await patiently(lambda: self.connector.fetch_orders(self.cursor))
            self.stored.update((message.key, message) for message in page.messages)
            self.cursor = page.cursor
            await self._acknowledge(page.messages)
            if not page.more:
                return
        raise AssertionError("a poll without an end")

    async def restart(self) -> None:
        """A new process: a new connector that knows only the settings and the stored cursor."""
        await self.connector.aclose()
        self.connector = self.connect({})

    async def send(self, kind: CommandKind, order_id: str, **more: Any) -> None:
        """Send a command until it is answered, and keep what the answer proves."""
        command = Command(kind, order_id, key=f"{kind}-{order_id}", **more)
        update = await patiently(lambda: self.connector.send(command))
        self.proven += [update] if update else []

    async def updates(self, order_id: str) -> list[OrderUpdate]:
        """All that is known of one order; an incomplete report is completed by a fetch."""
        found = [update for update in self.everything() if update.order_id == order_id]
        if any(update.incomplete for update in found) or not any(update.facts for update in found):
            found += self.connector.read(await patiently(lambda: self.connector.fetch_order(order_id)))
        return found

    def everything(self) -> list[OrderUpdate]:
        """All stored messages, read."""
        found = list(self.proven)
        for message in self.stored.values():
            with suppress(UnknownMessageError):
                found += self.connector.read(message)
        return found

    async def facts(self, order_id: str) -> OrderFacts:
        """The newest facts."""
        known = [update for update in await self.updates(order_id) if update.facts]
        newest = max(known, key=lambda update: update.version).facts
        assert newest
        return newest

    async def state(self, order_id: str) -> OrderState:
        """Merged progress, the platform's present view included."""
        now = self.connector.read(await patiently(lambda: self.connector.fetch_order(order_id)))
        return merge_all(update.state for update in [*await self.updates(order_id), *now])

    def order_ids(self) -> set[str]:
        """Orders heard of."""
        return {update.order_id for update in self.everything()}

    def truth(self, order_id: str) -> Truth:
        """The same order at the platform."""
        return next(truth for truth in self.simulator.truth() if truth.order_id == order_id)

    async def _acknowledge(self, messages: tuple[Message, ...]) -> None:
        connector = self.connector
        if isinstance(connector, AcknowledgesMessages):
            await patiently(lambda: connector.acknowledge(messages))


@dataclass
class Door:
    """A webhook receiver that answers the platform exactly as the connector says."""

    counter: Counter
    requests: list[tuple[WebhookRequest, Received]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrived = WebhookRequest(request.method, request.path, dict(request.query), headers, await request.read())
        received = self.connector.receive(arrived)
        self.counter.stored.update((message.key, message) for message in received.messages)
        self.requests.append((arrived, received))
        reply = received.reply
        return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)

    @property
    def connector(self) -> TakesWebhooks:
        assert isinstance(self.counter.connector, TakesWebhooks)
        return self.counter.connector

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Door]:
        """Listen, and point the simulator here."""
        application = web.Application()
        application.router.add_route("*", "/webhook", self.take)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.counter.simulator.push_to = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
        try:
            yield self
        finally:
            self.counter.simulator.push_to = ""
            await runner.cleanup()

    def genuine(self) -> WebhookRequest | None:
        """A request that carried an order."""
        return next((request for request, received in self.requests if received.messages), None)


class ConformanceSuite:
    """Inherit, name the platform and its simulator, and let pytest collect."""

    platform: ClassVar[Platform]
    simulator: ClassVar[type[Simulator]]
    speed: ClassVar[float] = 20.0  # of the simulator: high enough for its waits, low enough for its deadlines
    crowd: ClassVar[int] = 130  # orders that certainly need several pages
    path: ClassVar[tuple[CommandKind, ...]] = tuple(REACHED)  # the way of a good order; unsupported steps are left out

    def with_unknown_status(self, body: bytes) -> bytes:
        """The body of a message about a new order, changed to a status no document names."""
        raise NotImplementedError

    async def between_commands(self, counter: Counter) -> None:
        """Wait for whatever the platform wants between two commands (an earliest moment for "ready")."""

    @asynccontextmanager
    async def counter(self, faults: Faults | None = None) -> AsyncIterator[Counter]:
        """A simulator that listens and a connector signed in there."""
        simulator = self.simulator(7, faults, self.speed)
        await simulator.start()
        try:
            async with new_client() as client:
                counter = self._counter(simulator, client)
                yield counter
                await counter.connector.aclose()
        finally:
            await simulator.stop()

    def _counter(self, simulator: Simulator, client: httpx.AsyncClient) -> Counter:
        saved = dict(simulator.credentials)

        async def save(values: Mapping[str, str]) -> None:
            saved.update(values)

        def connect(changed: Mapping[str, str]) -> Connector:
            return self.platform.connect(Settings(1, {**saved, **changed}, save, simulator.address), client)

        return Counter(simulator, connect({}), connect)

    def _wrong_secrets(self, counter: Counter) -> Connector:
        secret = {entry.name for entry in self.platform.fields if entry.kind is FieldKind.SECRET}
        return counter.connect(
            {name: value + "x" for name, value in counter.simulator.credentials.items() if name in secret}
        )

    # -- the platform as data

    def test_the_platform_describes_itself(self) -> None:
        platform = self.platform
        names = [entry.name for entry in platform.fields]
        assert len(names) == len(set(names))
        assert set(self.simulator().credentials) <= set(names)
        assert platform.name.isidentifier()
        assert platform.title
        assert 1 <= len(platform.mark) <= 2
        assert re.fullmatch("#[0-9a-f]{6}", platform.color)
        assert platform.poll_seconds > 0
        assert platform.how_orders_arrive
        assert platform.evidence
        refuses = {CommandKind.REJECT, CommandKind.CANCEL} & platform.commands
        assert bool(platform.reject_reasons) == bool(refuses)

    # -- signing in

    @pytest.mark.asyncio
    async def test_verify_names_the_shop(self) -> None:
        async with self.counter() as counter:
            assert (await counter.connector.verify()).title

    @pytest.mark.asyncio
    async def test_a_wrong_secret_needs_a_person(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(AuthError, match=r"."):
                await self._wrong_secrets(counter).verify()

    # -- receiving: may repeat, never skip

    @pytest.mark.asyncio
    async def test_an_order_is_polled_again_until_it_is_stored(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            first = await counter.connector.fetch_orders("")
            await counter.restart()  # died before anything was committed
            again = await counter.connector.fetch_orders("")
            assert {message.order_id for message in first.messages} == {order_id}
            assert {message.key for message in first.messages} <= {message.key for message in again.messages}

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_pages(self) -> None:
        async with self.counter() as counter:
            await counter.poll()
            placed = {counter.simulator.place() for _ in range(self.crowd)}
            await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_pages_of_the_first_poll(self) -> None:
        async with self.counter() as counter:
            placed = {counter.simulator.place() for _ in range(self.crowd)}
            await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_restarts(self) -> None:
        async with self.counter() as counter:
            placed = set()
            for _ in range(4):
                placed |= {counter.simulator.place() for _ in range(3)}
                await patiently(lambda: counter.connector.fetch_orders(counter.cursor))  # lost with the process
                await counter.restart()
                await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_on_a_bad_day(self) -> None:
        async with self.counter(Faults.level(2)) as counter:
            placed = set()
            for turn in range(10):
                placed |= {counter.simulator.place() for _ in range(3)}
                await counter.poll()
                if turn % 3 == 0:
                    await counter.restart()
            counter.simulator.faults = Faults()  # even the worst day ends, and then nothing may be missing
            await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_a_cancellation_is_heard(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            counter.simulator.happen(order_id, Happening.CANCEL)
            await counter.poll()
            heard = merge_all(update.state for update in counter.everything() if update.order_id == order_id)
            assert heard.kitchen in DEAD

    @pytest.mark.asyncio
    async def test_an_unknown_order_is_refused(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.fetch_order("1234567890123456789")

    # -- reading

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
    async def test_no_phone_number_is_shown_in_full(self) -> None:
        async with self.counter() as counter:
            dish = PretendLine("1", 1000)
            order_id = counter.simulator.place(PretendOrder((dish,), customer="Test", phone="13812345678", address="1"))
            await counter.poll()
            shown = re.sub(r"\D", "", (await counter.facts(order_id)).customer.phone)
            assert "13812345678" not in shown

    @pytest.mark.asyncio
    async def test_an_unknown_status_is_kept_and_not_guessed(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            message = await counter.connector.fetch_order(order_id)
            changed = replace(message, body=self.with_unknown_status(message.body))
            (update,) = counter.connector.read(changed)
            assert update.unmapped
            assert update.kitchen is None

    @pytest.mark.asyncio
    async def test_a_damaged_message_never_stops_the_reader(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            samples = [*counter.stored.values(), await counter.connector.fetch_order(order_id)]
            self._damage_bytes(counter.connector, samples)
            self._damage_values(counter.connector, samples)

    def _damage_bytes(self, connector: Connector, samples: list[Message]) -> None:
        @FREELY
        @given(message=st.sampled_from(samples), at=st.integers(0, 5000), new=st.binary(max_size=4))
        def damaged(message: Message, at: int, new: bytes) -> None:
            at %= len(message.body) + 1
            self._read(connector, replace(message, body=message.body[:at] + new + message.body[at + 1 :]))

        damaged()
        for body in (b"", b"null", b"[]", b"{}", b"<html></html>", b"[" * 100_000, b"\xff\xfe"):
            self._read(connector, replace(samples[0], body=body))

    def _damage_values(self, connector: Connector, samples: list[Message]) -> None:
        """Exchange one value somewhere in the JSON (also in JSON inside a string) for something else."""

        @FREELY
        @given(message=st.sampled_from(samples), chance=st.randoms(use_true_random=False), new=ANYTHING)
        def damaged(message: Message, chance: Any, new: Any) -> None:
            with suppress(ValueError):
                wild = exchange(json.loads(message.body), chance, new)
                self._read(connector, replace(message, body=json.dumps(wild).encode()))

        damaged()

    def _read(self, connector: Connector, message: Message) -> None:
        with suppress(ProtocolError, UnknownMessageError):
            assert isinstance(connector.read(message), tuple)

    # -- pushes

    @pytest.mark.asyncio
    async def test_push_and_poll_of_an_order_say_the_same(self) -> None:
        async with self._pushed() as (counter, door):
            order_id = counter.simulator.place()
            await until(door.genuine)
            pushed = await counter.facts(order_id)
            fetched = counter.connector.read(await counter.connector.fetch_order(order_id))
            assert pushed in [update.facts for update in fetched]

    @pytest.mark.asyncio
    async def test_the_platform_takes_our_reply_for_an_acknowledgement(self) -> None:
        async with self._pushed() as (counter, door):
            order_id = counter.simulator.place()
            await until(lambda: any(r.what == "push_acknowledged" for r in counter.simulator.records))
            assert door.genuine()
            assert counter.truth(order_id).delivered_to_console_at

    @pytest.mark.asyncio
    async def test_a_forged_push_is_refused(self) -> None:
        async with self._pushed() as (counter, door):
            counter.simulator.place()
            await until(door.genuine)
            genuine, stranger = door.genuine(), self._wrong_secrets(counter)
            assert genuine
            assert isinstance(stranger, TakesWebhooks)
            with pytest.raises(ForgedWebhookError):
                stranger.receive(genuine)
            self._forge(counter.connector, genuine)

    def _forge(self, connector: Connector, genuine: WebhookRequest) -> None:
        """A changed byte is refused, unless it changes nothing that the platform says (a blank in JSON)."""
        assert isinstance(connector, TakesWebhooks)
        doors, said = connector, self._said(connector, genuine)

        @FREELY
        @given(at=st.integers(0, len(genuine.body) - 1), new=st.integers(0, 255))
        def forged(at: int, new: int) -> None:
            body = genuine.body[:at] + bytes([new]) + genuine.body[at + 1 :]
            with suppress(ForgedWebhookError, ProtocolError):
                assert self._said(doors, replace(genuine, body=body)) in (said, [])

        forged()

    def _said(self, connector: TakesWebhooks, request: WebhookRequest) -> list[OrderUpdate]:
        assert isinstance(connector, Connector)
        return [update for message in connector.receive(request).messages for update in connector.read(message)]

    @asynccontextmanager
    async def _pushed(self) -> AsyncIterator[tuple[Counter, Door]]:
        async with self.counter() as counter:
            if not isinstance(counter.connector, TakesWebhooks):
                pytest.skip("this platform does not push")
            async with Door(counter).opened() as door:
                yield counter, door

    # -- commands

    @pytest.mark.asyncio
    async def test_every_step_may_be_sent_twice(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            for kind in self._steps():
                await counter.send(kind, order_id)
                await counter.send(kind, order_id)
                assert_reached(kind, await counter.state(order_id))
                await self.between_commands(counter)
            assert_no_repeats(counter.truth(order_id))

    @pytest.mark.parametrize("kind", [CommandKind.REJECT, CommandKind.CANCEL])
    @pytest.mark.asyncio
    async def test_a_refusal_may_be_sent_twice(self, kind: CommandKind) -> None:
        if kind not in self.platform.commands:
            pytest.skip("not offered by this platform")
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            if kind is CommandKind.CANCEL:
                await counter.send(CommandKind.ACCEPT, order_id)
            reason: RejectReason = next(iter(self.platform.reject_reasons))
            for _ in range(2):
                await counter.send(kind, order_id, reason=reason, text="no more")
            assert (await counter.state(order_id)).kitchen in DEAD
            assert_no_repeats(counter.truth(order_id))

    @pytest.mark.asyncio
    async def test_a_lost_answer_does_not_repeat_the_command(self) -> None:
        async with self.counter() as counter:
            placed = [counter.simulator.place() for _ in range(8)]
            await counter.poll()
            counter.simulator.faults = Faults(lose_reply=0.4)
            for order_id in placed:
                await counter.send(CommandKind.ACCEPT, order_id)
            counter.simulator.faults = Faults()
            for order_id in placed:
                assert_reached(CommandKind.ACCEPT, await counter.state(order_id))
                assert_no_repeats(counter.truth(order_id))

    @pytest.mark.asyncio
    async def test_a_command_for_a_cancelled_order_is_refused_and_the_order_tells_why(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            counter.simulator.happen(order_id, Happening.CANCEL)
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.send(Command(CommandKind.ACCEPT, order_id, key="late"))
            assert (await counter.state(order_id)).kitchen in DEAD
            assert counter.truth(order_id).kitchen in DEAD

    @pytest.mark.asyncio
    async def test_a_command_for_an_unknown_order_is_refused(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.send(Command(CommandKind.ACCEPT, "1234567890123456789", key="k"))

    @pytest.mark.asyncio
    async def test_closing_twice_is_harmless(self) -> None:
        async with self.counter() as counter:
            await counter.connector.aclose()
            await counter.connector.aclose()

    def _steps(self) -> list[CommandKind]:
        return [kind for kind in self.path if kind in self.platform.commands]


def assert_reached(kind: CommandKind, state: OrderState) -> None:
    """The platform shows at least what it agreed to."""
    assert KITCHEN.index(state.kitchen) >= KITCHEN.index(REACHED[kind])
    assert state.kitchen not in DEAD


def assert_no_repeats(truth: Truth) -> None:
    """The platform carried out each command once."""
    assert len(truth.commands) == len(set(truth.commands))


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
