"""The promises every platform keeps, as one pytest class: ours and a third party's pass the same suite.

The only package of the program that imports pytest and hypothesis; nothing else imports it. A platform proves itself with

    class TestMyPlatform(ConformanceSuite):
        platform = my_package.platform
        simulator = MySimulator

        def with_unknown_status(self, body: bytes) -> bytes: ...

and whatever class attributes of `bench.Bench` need another value. All traffic is real HTTP on 127.0.0.1. What a platform
does not have is skipped, with the reason. A platform that only pushes (`Platform.arrival`) needs nothing of its own.
"""

from __future__ import annotations

from app.platforms.conformance.abilities import Abilities
from app.platforms.conformance.commanding import Commanding
from app.platforms.conformance.counter import Counter, Door, patiently, until
from app.platforms.conformance.pushing import Pushing
from app.platforms.conformance.reading import Reading
from app.platforms.conformance.receiving import Receiving
from app.platforms.conformance.signing_in import SigningIn

__all__ = ["ConformanceSuite", "Counter", "Door", "patiently", "until"]


class ConformanceSuite(SigningIn, Receiving, Reading, Pushing, Commanding, Abilities):
    """Inherit, name the platform and its simulator, and let pytest collect."""
