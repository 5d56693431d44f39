"""Tmall Genie passes what every voice must pass, in both protocols and by both ways of announcing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.platforms.api import WebhookRequest
from app.platforms.tmall_genie.simulated_speech import Understood
from app.platforms.tmall_genie.simulated_talk import Talk
from app.platforms.tmall_genie.simulator import LINK_TOKEN, SKILL_ID, USER, TmallGenieSimulator
from app.platforms.voice import Intent
from app.platforms.voice_conformance import Ask, VoiceConformance
from tests.platforms.tmall_genie.conftest import Connect, asked


@pytest.fixture(params=["2.0", "1.0"])
def question(request: pytest.FixtureRequest) -> Ask:
    """A question in one of the two protocols."""

    def make(intent: Intent, request_id: str, user: str = USER, skill_id: int = SKILL_ID) -> WebhookRequest:
        talk = Talk(skill_id, user, LINK_TOKEN, request.param)
        talk.asks, talk.last = "daySn", Understood(intent.value)  # what is said next belongs to this intent
        sentence = "" if intent is Intent.LAUNCH else "十二号"
        return asked(talk.envelope(sentence, request_id))

    return make


@pytest.fixture(params=["iap", "top"])
def kind(request: pytest.FixtureRequest, genie: TmallGenieSimulator) -> str:
    """A way of announcing."""
    genie.announce = request.param
    return genie.announce


@pytest.fixture
def voice(genie: TmallGenieSimulator, opened: Connect, kind: str) -> Any:
    """A connector with the simulator's credentials."""
    return opened(genie.address, **genie.credentials)


@pytest.fixture
def mute(genie: TmallGenieSimulator, opened: Connect, kind: str) -> Any:
    """The same with a wrong secret."""
    return opened(genie.address, **{**genie.credentials, "app_secret": "another"})


@pytest.fixture
def announced(genie: TmallGenieSimulator) -> Callable[[], list[str]]:
    """What was heard."""
    return lambda: genie.sink.announced


class TestTmallGenie(VoiceConformance):
    """All of it."""
