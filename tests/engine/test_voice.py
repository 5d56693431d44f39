"""A conversation: a yes counts only for our own question, in its session, in time - and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from app.db import accounts, audit, inbox, orders, outbox
from app.db.database import Database
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.engine import voice as conversation
from app.engine import voice_orders, voice_shop
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.views import Change, Storefront
from app.engine.voice import QUESTION, Voice
from app.platforms.abilities import Ability
from app.platforms.api import Arrival, ProtocolError, TemporaryError, WebhookReply, WebhookRequest
from app.platforms.voice import Answer, Heard, Intent, Said, Slot, Wants
from tests.engine.shop import ALL, NOON, facts, house, of, open_account, platform, report

PLATFORMS = {
    "red": platform(ALL, name="red", title="Ele.me", mark="饿"),
    "blue": platform(ALL, name="blue", title="Meituan", mark="美"),
    "voice": platform(name="voice", title="Voice", mark="V", arrival=Arrival.NONE),
}
REQUEST = WebhookRequest("POST", "/hooks/voice/token", {}, {}, b"")
BOTH = frozenset({Ability.OPENS_SHOP, Ability.SELLS_ITEMS})


class Wall:
    """A voice whose next question the test decides, and that remembers what it was told to say."""

    def __init__(self) -> None:
        self.next: Heard | WebhookReply = WebhookReply(204)
        self.said: list[Said] = []

    def hear(self, request: WebhookRequest) -> Heard | WebhookReply:
        assert request == REQUEST
        return self.next

    def say(self, heard: Heard, said: Said) -> WebhookReply:
        self.said.append(said)
        return WebhookReply(200, said.text.encode())


class Platforms:
    """The shop on two platforms, as `Storefronts` shows it."""

    def __init__(self) -> None:
        self.fronts = [front(1, "red", BOTH), front(2, "blue", BOTH), front(3, "voice", frozenset())]
        self.menus: dict[int, Any] = {
            1: [MenuItem("r1", "宫保鸡丁", True), MenuItem("r2", "米饭", True), MenuItem("r3", "冰可乐", False)],
            2: [MenuItem("b1", "宫保鸡丁", True), MenuItem("b2", "宫保鸡丁饭", True)],
        }
        self.refusals: dict[int, str] = {}
        self.off: list[tuple[Mapping[int, Any], datetime | None]] = []
        self.set: list[tuple[list[int], ShopState]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def every(self) -> list[Storefront]:
        return self.fronts

    async def items(self, account_id: int) -> list[MenuItem]:
        menu = self.menus[account_id]
        if isinstance(menu, Exception):
            raise menu
        if menu is None:
            await asyncio.Event().wait()
        return list(menu)

    async def set_available(self, wanted: Mapping[int, Any], available: bool, until: datetime | None) -> dict[int, str]:
        assert not available
        await self.may_answer.wait()
        self.off.append((wanted, until))
        return self.refusals

    async def set_shop(self, account_ids: list[int], state: ShopState, until: datetime | None) -> dict[int, str]:
        await self.may_answer.wait()
        self.set.append((account_ids, state))
        self.fronts = [
            replace(one, status=ShopStatus(state)) if one.account_id not in self.refusals else one for one in self.fronts
        ]
        return self.refusals


def front(account_id: int, name: str, abilities: frozenset[Ability]) -> Storefront:
    states = frozenset({ShopState.OPEN, ShopState.PAUSED}) if Ability.OPENS_SHOP in abilities else frozenset[ShopState]()
    title = PLATFORMS[name].title
    return Storefront(account_id, name, title, f"{title} shop", abilities, states, ShopStatus(ShopState.OPEN))


@dataclass
class Room:
    """A conversation on a real store."""

    store: Database
    platforms: Platforms
    voice: Voice
    wall: Wall
    changes: list[Change]
    asked: int = 0

    async def says(self, intent: Intent, answer: Answer = Answer.NONE, **fields: Any) -> Said:
        """One request of the session "s1", with our last question's key unless told otherwise; answers our words."""
        self.asked += 1
        slots = {Slot(name): fields.pop(name) for name in [*Slot] if name in fields}
        known: dict[str, Any] = {
            "request_id": f"r{self.asked}",
            "session_id": "s1",
            "attributes": self.wall.said[-1].attributes if self.wall.said else {},
            "speaker": "uo",
        }
        self.wall.next = Heard(intent=intent, answer=answer, slots=slots, **(known | fields))
        await self.voice.answer(3, self.wall, REQUEST)
        return self.wall.said[-1]

    async def order(self, number: str = "7", kitchen: Kitchen = Kitchen.NEW) -> int:
        update = of(number, report(0, kitchen, facts=facts(number)))
        return await self.store.write(_hears, house(platforms=PLATFORMS), update)

    def sent(self, order_id: int) -> list[CommandKind]:
        told = [entry.command.kind for entry in self.store.read(outbox.of_order, order_id)]
        return [kind for kind in told if kind is not CommandKind.RECEIVED]


def _hears(connection: Any, rules: House, update: Any) -> int:
    return apply(connection, rules, accounts.get(connection, 1), update, NOON)


def opened(store: Database, platforms: Platforms) -> tuple[Voice, list[Change]]:
    bell, changes = Bell(), list[Change]()
    bell.subscribe(changes.append)
    return Voice(store, house(platforms=PLATFORMS), bell, platforms), changes  # type: ignore[arg-type]  # a stand-in


@pytest.fixture
async def room(store: Database) -> AsyncIterator[Room]:
    for name in PLATFORMS:
        store.write_now(open_account, platform=name, name=name, hook_token=name)
    platforms = Platforms()
    voice, changes = opened(store, platforms)
    yield Room(store, platforms, voice, Wall(), changes)
    await voice.close()


async def test_an_order_is_accepted_after_a_yes_and_not_before(room: Room) -> None:
    order_id = await room.order()
    question = await room.says(Intent.ACCEPT)
    assert (question.wants, room.sent(order_id)) == (Wants.CONFIRMATION, [])
    assert "number 7" in question.text
    said = await room.says(Intent.ACCEPT, Answer.YES)
    assert said.text == "Ele.me number 7: asked Ele.me to accept it, not confirmed yet"
    assert room.sent(order_id) == [CommandKind.ACCEPT]
    assert Change("orders", frozenset({order_id})) in room.changes
    assert room.store.read(audit.details, "accept", NOON) == [""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"attributes": {}},
        {"attributes": {QUESTION: "forged"}},
        {"session_id": "another"},
        {"speaker": "another", "attributes": None},
        {"intent": Intent.PAUSE},
        {"answer": Answer.NO},
    ],
)
async def test_a_yes_that_answers_no_question_of_ours_does_nothing(room: Room, wrong: dict[str, Any]) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT)
    said = await room.says(**{"intent": Intent.ACCEPT, "answer": Answer.YES, **wrong})
    assert said.text in ("There is no question waiting for an answer", "All right, nothing was done")
    await room.says(Intent.ACCEPT, Answer.YES)  # and the question is gone
    assert (room.sent(order_id), room.platforms.set) == ([], [])


async def test_a_yes_out_of_the_blue_does_nothing(room: Room) -> None:
    order_id = await room.order()
    assert (await room.says(Intent.ACCEPT, Answer.YES)).text == "There is no question waiting for an answer"
    assert room.sent(order_id) == []


async def test_a_question_ends_with_its_session(room: Room) -> None:
    order_id = await room.order()
    question = await room.says(Intent.ACCEPT)
    ended = await room.says(Intent.END)
    assert (ended.text, ended.wants) == ("", Wants.NOTHING)
    await room.says(Intent.ACCEPT, Answer.YES, attributes=question.attributes)
    assert room.sent(order_id) == []


async def test_a_question_waits_only_so_long(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = await room.order()
    monkeypatch.setattr(conversation, "PATIENCE", -1.0)
    await room.says(Intent.ACCEPT)
    await room.says(Intent.ACCEPT, Answer.YES)
    assert room.sent(order_id) == []


async def test_another_question_takes_the_place_of_the_first(room: Room) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT)
    await room.says(Intent.PAUSE)
    assert "paused" in (await room.says(Intent.PAUSE, Answer.YES)).text
    assert room.sent(order_id) == []
    assert room.platforms.set == [([1, 2], ShopState.PAUSED)]


async def test_an_order_that_moved_on_is_not_accepted(room: Room) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT)
    await room.order(kitchen=Kitchen.CANCELLED)
    await room.says(Intent.ACCEPT, Answer.YES)
    assert room.sent(order_id) == []


async def test_a_protocol_that_gives_nothing_back_is_known_by_its_session(room: Room) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT, attributes=None)
    await room.says(Intent.ACCEPT, Answer.YES, attributes=None)
    assert room.sent(order_id) == [CommandKind.ACCEPT]


async def test_accept_means_the_order_just_read(room: Room) -> None:
    await room.order("7")
    await room.order("8")
    read = (await room.says(Intent.NEXT_ORDER)).text
    question = await room.says(Intent.ACCEPT)
    assert question.wants is Wants.CONFIRMATION
    assert question.text.split(",")[0] == read.split(",")[0]


@pytest.mark.parametrize("named", [{}, {"number": "7"}])
async def test_an_order_that_changed_since_it_was_read_aloud_is_read_again_first(room: Room, named: dict[str, Any]) -> None:
    """A yes to "number seven, two items" means the dishes that were heard."""
    order_id = await room.order("7")
    await room.says(Intent.NEXT_ORDER)
    changed = of("7", report(9, Kitchen.NEW, facts=facts("7", note="no peanuts")))
    await room.store.write(_hears, house(platforms=PLATFORMS), changed)
    assert (await room.says(Intent.ACCEPT, **named)).text == "This order was changed meanwhile: ask again."
    await room.says(Intent.ACCEPT, Answer.YES)
    assert room.sent(order_id) == []
    assert "note" in (await room.says(Intent.NEXT_ORDER)).text
    assert (await room.says(Intent.ACCEPT, **named)).wants is Wants.CONFIRMATION


@pytest.mark.parametrize("value", ["x" * 501, "\ud800", "a\nb"])
@pytest.mark.parametrize("name", ["request_id", "session_id", "speaker"])
async def test_ids_that_cannot_be_remembered_or_shown_are_refused(room: Room, name: str, value: str) -> None:
    with pytest.raises(ProtocolError):
        await room.says(Intent.HELP, **{"stranger": True, name: value})  # type: ignore[arg-type]  # fields by name
    assert (len(room.voice._turns), room.store.read(inbox.parked)) == (0, [])


async def test_a_number_asked_for_is_kept_until_the_platform_is_named(room: Room) -> None:
    order_id = await room.order("7", Kitchen.ACCEPTED)
    assert (await room.says(Intent.READY)).slot is Slot.NUMBER
    await room.says(Intent.READY, number="7")
    assert room.sent(order_id) == [CommandKind.READY]
    assert (await room.says(Intent.READY)).slot is Slot.NUMBER  # and forgotten afterwards


async def test_a_repeated_request_is_answered_the_same_and_done_once(room: Room) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT)
    same = {"request_id": "same", "attributes": room.wall.said[-1].attributes}
    answers = await asyncio.gather(*(room.says(Intent.ACCEPT, Answer.YES, **same) for _ in range(3)))
    assert len({one.text for one in answers}) == 1
    assert room.sent(order_id) == [CommandKind.ACCEPT]


async def test_a_repeated_yes_is_answered_the_same_after_a_restart(room: Room) -> None:
    order_id = await room.order()
    await room.says(Intent.ACCEPT)
    first = await room.says(Intent.ACCEPT, Answer.YES, request_id="same")
    room.voice, _ = opened(room.store, room.platforms)
    assert (await room.says(Intent.ACCEPT, Answer.YES, request_id="same")).text == first.text
    assert room.sent(order_id) == [CommandKind.ACCEPT]


async def test_a_repeated_yes_after_a_restart_asks_no_platform_again(room: Room) -> None:
    await room.says(Intent.PAUSE)
    await room.says(Intent.PAUSE, Answer.YES, request_id="same")
    room.voice, _ = opened(room.store, room.platforms)
    assert "asked already" in (await room.says(Intent.PAUSE, Answer.YES, request_id="same")).text
    assert len(room.platforms.set) == 1


async def test_a_stranger_gets_no_answer_and_no_answer_of_another(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    await room.order()
    mine = await room.says(Intent.NEW_ORDERS, request_id="same")
    for _ in range(2):
        foreign = await room.says(Intent.NEW_ORDERS, request_id="same", speaker="uo-foreign", stranger=True)
        assert foreign.text != mine.text
        assert foreign.wants is Wants.NOTHING
    (kept,) = room.store.read(inbox.parked)
    assert kept.order_ref == "uo-foreign"
    assert "voice_of_a_stranger" in caplog.text


@pytest.mark.parametrize("intent", [Intent.LAUNCH, Intent.NEW_ORDERS, Intent.TAKINGS, Intent.HELP, Intent.UNKNOWN])
async def test_every_question_has_an_answer(room: Room, intent: Intent) -> None:
    said = await room.says(intent)
    assert said.text
    assert said.wants is Wants.MORE


async def test_a_reply_of_the_connector_goes_straight_back(room: Room) -> None:
    room.wall.next = WebhookReply(200, b"file")
    assert await room.voice.answer(3, room.wall, REQUEST) == WebhookReply(200, b"file")
    assert room.wall.said == []


async def test_a_fault_is_confessed_and_may_be_tried_again(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(voice_orders, "new_orders", lambda *_: 1 / 0)
    assert "went wrong" in (await room.says(Intent.NEW_ORDERS, request_id="same")).text
    monkeypatch.undo()
    assert (await room.says(Intent.NEW_ORDERS, request_id="same")).text == "No new orders"
    assert caplog.text.count("voice_failed") == 1


async def test_a_caller_who_hangs_up_stops_nothing(room: Room) -> None:
    await room.says(Intent.PAUSE)
    room.platforms.may_answer.clear()
    calling = asyncio.create_task(room.says(Intent.PAUSE, Answer.YES))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    room.platforms.may_answer.set()
    async with asyncio.timeout(30):
        while not room.platforms.set:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.01)


async def test_memory_is_bounded(room: Room) -> None:
    for number in range(conversation.TURNS_KEPT + 20):
        await room.says(Intent.HELP, session_id=f"s{number}")
    assert len(room.voice._turns) == conversation.TURNS_KEPT
    assert len(room.voice._sessions) == conversation.SESSIONS_KEPT


# dishes and the shop


async def test_a_dish_is_taken_off_wherever_it_is_sold_until_closing_time(room: Room) -> None:
    assert (await room.says(Intent.SOLD_OUT)).slot is Slot.DISH
    question = await room.says(Intent.SOLD_OUT, dish="宫保 鸡丁")
    assert question.wants is Wants.CONFIRMATION
    assert "Ele.me, Meituan" in question.text
    assert room.platforms.off == []
    said = await room.says(Intent.SOLD_OUT, Answer.YES)
    assert said.text == "Ele.me, Meituan confirmed: 宫保鸡丁 is off sale until the end of today"
    ((wanted, until),) = room.platforms.off
    assert {name: list(ids) for name, ids in wanted.items()} == {1: ["r1"], 2: ["b1"]}
    assert until is not None


async def test_a_part_of_a_name_asks_which(room: Room) -> None:
    question = await room.says(Intent.SOLD_OUT, dish="饭")
    assert (question.wants, question.slot) == (Wants.SLOT, Slot.DISH)
    assert "米饭, 宫保鸡丁饭" in question.text
    assert "宫保鸡丁饭 on Meituan" in (await room.says(Intent.SOLD_OUT, dish="宫保鸡丁饭")).text


async def test_one_platform_can_be_named(room: Room) -> None:
    assert "on Meituan:" in (await room.says(Intent.SOLD_OUT, dish="宫保鸡丁", platform="美团")).text
    assert (await room.says(Intent.PAUSE, platform="饿了么")).text == "Pause the shop on Ele.me?"


@pytest.mark.parametrize("dish", ["披萨", "冰可乐"])
async def test_what_is_not_on_sale_is_said(room: Room, dish: str) -> None:
    said = await room.says(Intent.SOLD_OUT, dish=dish)
    assert said.text == f"No dish on sale is called {dish}"


async def test_a_menu_that_does_not_come_is_named(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_shop, "MENU_SECONDS", 0.05)
    for silent in (None, TemporaryError("busy"), RefusalError("not open")):
        room.platforms.menus[2] = silent
        question = await room.says(Intent.SOLD_OUT, dish="宫保鸡丁")
        assert "Meituan did not show a menu in time" in question.text
        assert question.wants is Wants.CONFIRMATION
        room.voice._shop._menus.clear()


async def test_a_refusal_is_told_in_the_platforms_words(room: Room) -> None:
    room.platforms.refusals = {2: "no permission"}
    await room.says(Intent.SOLD_OUT, dish="宫保鸡丁")
    said = (await room.says(Intent.SOLD_OUT, Answer.YES)).text
    assert said == "Ele.me confirmed: 宫保鸡丁 is off sale until the end of today. Meituan refused: no permission"


async def test_nothing_is_claimed_before_the_platform_answered(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_shop, "CHANGE_SECONDS", 0.05)
    room.platforms.may_answer.clear()
    await room.says(Intent.PAUSE)
    said = (await room.says(Intent.PAUSE, Answer.YES)).text
    assert said == "Asked; nothing is confirmed yet. The screen shows what comes of it"
    room.platforms.may_answer.set()
    await asyncio.gather(*room.voice._shop._changes)
    assert room.platforms.set == [([1, 2], ShopState.PAUSED)]


async def test_the_shop_is_opened_and_paused_where_that_is_possible(room: Room) -> None:
    room.platforms.fronts[1] = front(2, "blue", frozenset())
    question = await room.says(Intent.OPEN)
    assert question.text == "Not from here: Meituan. Open the shop on Ele.me?"
    assert (await room.says(Intent.OPEN, Answer.YES)).text == "Ele.me confirmed: the shop is open"
    room.platforms.fronts = []
    assert "No platform" in (await room.says(Intent.PAUSE)).text


async def test_a_shop_that_stays_closed_is_not_called_open(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    async def outside_hours(*_: Any) -> dict[int, str]:
        room.platforms.fronts[0] = replace(room.platforms.fronts[0], status=ShopStatus(ShopState.CLOSED))
        return {}

    monkeypatch.setattr(room.platforms, "set_shop", outside_hours)
    await room.says(Intent.OPEN)
    said = (await room.says(Intent.OPEN, Answer.YES)).text
    assert said == "Meituan confirmed: the shop is open. Ele.me took it, but does not show it yet"


async def test_voice_never_cancels_or_refunds(room: Room) -> None:
    """Whatever is said, in any order: of all commands only these two ever leave."""
    order_id = await room.order()
    for intent in Intent:
        for answer in Answer:
            await room.says(intent, answer, number="7", dish="米饭")
    assert set(room.sent(order_id)) <= {CommandKind.ACCEPT, CommandKind.READY}
    assert room.store.read(orders.get, order_id).state.kitchen is Kitchen.NEW


async def test_who_cannot_be_changed_from_here_is_named(room: Room) -> None:
    room.platforms.fronts[1] = front(2, "blue", frozenset())
    question = (await room.says(Intent.SOLD_OUT, dish="宫保鸡丁")).text
    assert question == "Not from here: Meituan. 宫保鸡丁 on Ele.me: sold out until the end of today?"
    room.platforms.fronts = []
    assert (await room.says(Intent.SOLD_OUT, dish="宫保鸡丁")).text == "No platform lets dishes be taken off sale from here"
