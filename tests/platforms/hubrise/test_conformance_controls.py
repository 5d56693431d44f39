"""Negative controls: connectors with one broken promise each, which the conformance suite must catch."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, settings

from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.domain.lifecycle import Kitchen
from app.domain.orders import Customer
from app.platforms.api import Message, Page, Received, WebhookReply, WebhookRequest
from app.platforms.conformance import ConformanceSuite, bench, counter
from app.platforms.hubrise import platform as hubrise
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.hubrise.steps import change_for


class SkipsTheLast(HubRiseConnector):
    async def fetch_orders(self, cursor: str) -> Page:
        page = await super().fetch_orders(cursor)
        return replace(page, messages=page.messages[:-1]) if len(page.messages) > 1 else page


class AcknowledgesFirst(HubRiseConnector):
    """And has no sweep, which would find the orders again."""

    async def fetch_orders(self, cursor: str) -> Page:
        await self._register()
        messages, more = await self._read_events(await self._client.events())
        await super().acknowledge(tuple(messages))
        return Page(tuple(messages), cursor, more)


class RepeatsCommands(HubRiseConnector):
    async def send(self, command: Command) -> OrderUpdate | None:
        change = change_for({"status": "new", "service_type": "delivery"}, command)
        await self._client.change_order(command.order_id, change or {})
        return None


class Guesses(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return tuple(replace(update, kitchen=update.kitchen or Kitchen.NEW) for update in super().read(message))


class ShowsPhones(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        phone = json.loads(message.body)["customer"]["phone"]
        (update,) = super().read(message)
        assert update.facts
        return (replace(update, facts=replace(update.facts, customer=Customer(phone=phone))),)


class Stumbles(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        if len(json.loads(message.body)["items"]) > 100:
            return ()
        return super().read(message)


class BelievesAnything(HubRiseConnector):
    def receive(self, request: WebhookRequest) -> Received:
        event = json.loads(request.body)
        return Received((Message(event["id"], "event", request.body, 0, event["order_id"]),), WebhookReply())


class AnswersWrongly(HubRiseConnector):
    def receive(self, request: WebhookRequest) -> Received:
        return replace(super().receive(request), reply=WebhookReply(503))


class HidesTheSecret(HubRiseConnector):
    async def verify(self) -> Any:
        return replace(hubrise, title="signed in, it says")


class Suite(ConformanceSuite):
    simulator = HubRiseSimulator
    speed = 600.0

    def with_unknown_status(self, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()


def suite_of(connector: type[HubRiseConnector]) -> ConformanceSuite:
    class Broken(Suite):
        platform = replace(hubrise, connect=connector)

    return Broken()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A control need not wait long for what never comes, nor look for the smallest damage."""
    monkeypatch.setattr(counter, "PATIENCE", 0.5)
    monkeypatch.setattr(bench, "FREELY", settings(bench.FREELY, phases=[Phase.generate]))


@pytest.mark.parametrize(
    ("connector", "check"),
    [
        (SkipsTheLast, ConformanceSuite.test_no_order_is_skipped_across_pages),
        (SkipsTheLast, ConformanceSuite.test_no_order_is_skipped_across_pages_of_the_first_poll),
        (AcknowledgesFirst, ConformanceSuite.test_no_order_is_skipped_across_restarts),
        (RepeatsCommands, ConformanceSuite.test_every_step_may_be_sent_twice),
        (RepeatsCommands, ConformanceSuite.test_a_lost_answer_does_not_repeat_the_command),
        (RepeatsCommands, ConformanceSuite.test_a_command_for_a_cancelled_order_is_refused_and_the_order_tells_why),
        (Guesses, ConformanceSuite.test_an_unknown_status_is_kept_and_not_guessed),
        (ShowsPhones, ConformanceSuite.test_no_phone_number_is_shown_in_full),
        (Stumbles, ConformanceSuite.test_a_damaged_message_never_stops_the_reader),
        (BelievesAnything, ConformanceSuite.test_a_forged_push_is_refused),
        (AnswersWrongly, ConformanceSuite.test_the_platform_takes_our_reply_for_an_acknowledgement),
        (HidesTheSecret, ConformanceSuite.test_a_wrong_secret_needs_a_person),
    ],
)
async def test_a_broken_promise_is_caught(
    connector: type[HubRiseConnector], check: Callable[[ConformanceSuite], Awaitable[None]]
) -> None:
    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        await check(suite_of(connector))
    assert not isinstance(caught.value, NotImplementedError | AttributeError | TypeError)  # a fault of the control itself


async def test_the_controls_differ_from_the_real_connector_only_by_their_fault() -> None:
    await suite_of(HubRiseConnector).test_every_step_may_be_sent_twice()
