"""`refund` at a terminal: what the engine is asked, and what is printed of its answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.__main__ import main
from app.cli import refund

DONE = {"state": "confirmed", "text": "", "given": "1.60 CNY"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine was asked last; it answers with its "answer"."""
    seen: dict[str, Any] = {"answer": DONE}

    def ask(_: object, command: str, **wish: Any) -> dict[str, str]:
        seen.update(wish, command=command)
        answer: dict[str, str] = seen["answer"]
        return answer

    monkeypatch.setattr(refund, "asked", ask)
    return seen


def test_portions_of_a_dish_and_what_the_platform_says_they_are_worth(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refund", "7", "--dish", "米饭=2", "--dish", "汤", "--reason", "漏送"]) == 0
    assert (asked["order"], asked["dishes"], asked["amount"], asked["reason"]) == (7, ["米饭=2", "汤"], None, "漏送")
    assert capsys.readouterr().out == "confirmed\t1.60 CNY\n"


@pytest.mark.parametrize(
    ("state", "code", "printed"), [("pending", 0, "pending\n"), ("refused", 1, "refused\tno portions\n")]
)
def test_what_became_of_it(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str], state: str, code: int, printed: str
) -> None:
    asked["answer"] = {"state": state, "text": "no portions" if code else "", "given": ""}
    assert main(["refund", "7", "--amount", "1"]) == code
    out, err = capsys.readouterr()
    assert (err if code else out) == printed


def test_for_a_script(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refund", "7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == DONE
    assert asked["command"] == "refund"


def test_an_amount_and_dishes_are_two_wishes(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Asked as one, the amount went back and the dishes were counted as gone."""
    with pytest.raises(SystemExit):
        main(["refund", "7", "--amount", "1", "--dish", "汤"])
    assert "not allowed with" in capsys.readouterr().err
    assert "command" not in asked
