"""`simulate --variant`: every way into a platform can be met from outside, and a wrong name tells what there is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx
import pytest

from app.__main__ import main
from app.platforms.registry import simulators
from app.platforms.simulation import Simulator

VARIANTS = {
    "deliveroo": {"tablet", "legacy"},
    "eleme": {"self-delivery"},
    "just_eat": {"older"},
    "koubei": {"provider"},
    "meituan": {"partner", "isv"},
    "uber_eats": {"previous", "guide"},
}
ALL = [(name, variant) for name, found in VARIANTS.items() for variant in sorted(found)]


def test_every_other_way_into_a_platform_has_a_name() -> None:
    assert {name: set(found.variants()) for name, found in simulators().items() if found.variants()} == VARIANTS


@pytest.mark.parametrize(("name", "variant"), ALL)
def test_a_variant_is_the_same_platform_by_another_way(name: str, variant: str) -> None:
    usual = simulators()[name]
    other = usual.variants()[variant]
    assert issubclass(other, usual)
    assert (other.name, other.currency, other.variant) == (usual.name, usual.currency, variant)
    assert not other.variants()


def test_a_subclass_elsewhere_is_no_variant() -> None:
    class Elsewhere(simulators()["hubrise"]):  # type: ignore[misc]  # a class found at run time
        variant = "elsewhere"

    assert Elsewhere.variant
    assert not simulators()["hubrise"].variants()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["meituan", "--variant", "nosuch"], "isv, partner"),
        (["hubrise", "--variant", "nosuch"], "hubrise has one way only"),
        (["nosuch"], "meituan (--variant isv, partner)"),
        (["printer", "--variant", "isv"], "a printer has no variants"),
    ],
)
def test_a_wrong_name_tells_what_there_is(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_the_gateway_for_service_providers_hears_the_heart_beat_of_a_foreign_till() -> None:
    command = [sys.executable, "-m", "app", "simulate", "meituan", "--variant", "partner"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            known = json.loads(process.stdout.readline())
            assert (known["platform"], known["variant"]) == ("meituan", "partner")
            assert httpx.post(f"{known['address']}/pos/heartbeat", data={"data": "{}"}).status_code != 404
        finally:
            process.send_signal(signal.SIGINT)


@pytest.mark.parametrize(("name", "variant"), ALL)
@pytest.mark.asyncio
async def test_a_variant_takes_orders(name: str, variant: str) -> None:
    simulator: Simulator = simulators()[name].variants()[variant](3, None, 20.0)
    await simulator.start()
    try:
        order_id = simulator.place()
        assert [truth.order_id for truth in simulator.truth()] == [order_id]
        assert all(isinstance(value, str) for value in simulator.credentials.values())
    finally:
        await simulator.stop()
