"""What every voice must do, as a test class to derive from: `class TestMyVoice(VoiceConformance)` with its own fixtures.

Fixtures of the test class: `voice` (an open connector with the simulator's credentials, announcing), `mute` (the same with
wrong keys for announcements), `question(intent, request_id, **changed)` (a webhook request; `changed`: `user`, `skill_id`)
and `announced()` (the texts that the platform's side was made to say, oldest first).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.platforms.api import (
    Connector,
    ForgedWebhookError,
    PlatformError,
    ProtocolError,
    RejectedError,
    TakesWebhooks,
    TemporaryError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.voice import Announces, Answer, Heard, HearsStaff, Intent, Said, Slot, Wants

Ask = Callable[..., WebhookRequest]
ASKED = tuple(intent for intent in Intent if intent not in (Intent.END, Intent.UNKNOWN))
WORDS = "有两个新订单：饿了么七号、美团二十七号"


class VoiceConformance:
    """See the module docstring."""

    async def test_it_is_a_voice_and_brings_no_orders(self, voice: Connector) -> None:
        """One connector, one role: what answers at once is no store-and-forward webhook."""
        assert isinstance(voice, HearsStaff)
        assert not isinstance(voice, TakesWebhooks)
        page = await voice.fetch_orders("cursor")
        assert (page.messages, page.cursor, page.more) == ((), "cursor", False)
        with pytest.raises(RejectedError):
            await voice.fetch_order("1")
        assert (await voice.verify()).title

    @pytest.mark.parametrize("intent", ASKED)
    def test_every_intent_can_be_asked(self, voice: HearsStaff, question: Ask, intent: Intent) -> None:
        """In neutral words, with who asked and what makes the request unique."""
        heard = voice.hear(question(intent, "request-1"))
        assert isinstance(heard, Heard)
        assert (heard.intent, heard.request_id, heard.stranger) == (intent, "request-1", False)
        assert heard.session_id
        assert heard.answer is Answer.NONE

    def test_a_stranger_is_told_apart(self, voice: HearsStaff, question: Ask) -> None:
        """Nobody who is not listed is anything else, whatever they ask."""
        heard = voice.hear(question(Intent.ACCEPT, "request-2", user="somebody-else"))
        assert isinstance(heard, Heard)
        assert (heard.stranger, heard.speaker) == (True, "somebody-else")

    def test_another_skill_is_refused(self, voice: HearsStaff, question: Ask) -> None:
        """Its questions are not ours to answer."""
        with pytest.raises(ForgedWebhookError):
            voice.hear(question(Intent.NEW_ORDERS, "request-3", skill_id=99999))

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe"])
    def test_nonsense_is_a_protocol_error(self, voice: HearsStaff, body: bytes) -> None:
        """Never a crash of ours."""
        with pytest.raises(ProtocolError):
            voice.hear(WebhookRequest("POST", "/hooks/x/y", {}, {}, body))

    @pytest.mark.parametrize("wants", list(Wants))
    def test_the_same_answer_has_the_same_bytes(self, voice: HearsStaff, question: Ask, wants: Wants) -> None:
        """A repeated request is answered from memory."""
        heard = voice.hear(question(Intent.NEXT_ORDER, "request-4"))
        assert isinstance(heard, Heard)
        said = Said(WORDS, wants, Slot.NUMBER if wants is Wants.SLOT else None, {"question": "key"})
        reply = voice.say(heard, said)
        assert reply == voice.say(heard, said)
        assert isinstance(reply, WebhookReply)
        assert reply.status == 200
        assert WORDS in reply.body.decode()

    async def test_an_announcement_arrives_word_for_word(self, voice: Announces, announced: Callable[[], list[str]]) -> None:
        """Twice means twice: each has a nonce of its own."""
        await voice.announce(WORDS)
        await voice.announce(WORDS)
        assert announced() == [WORDS, WORDS]

    async def test_wrong_keys_are_an_error_of_the_contract(
        self, mute: Announces, announced: Callable[[], list[str]]
    ) -> None:
        """One that says who must act, not "try again"."""
        with pytest.raises(PlatformError) as refusal:
            await mute.announce(WORDS)
        assert not isinstance(refusal.value, TemporaryError)
        assert announced() == []
