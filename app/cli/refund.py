"""`order-console refund`: give a customer money back through the platform."""

from __future__ import annotations

import sys
from argparse import Namespace

from app.cli.listing import line
from app.cli.shop import asked, printed


def run(arguments: Namespace) -> int:
    """Prints what became of it: "confirmed" and what goes back where the platform says it, or "pending" while it is still
    tried. 1: refused, in the platform's words."""
    wish = {"order": arguments.order, "amount": arguments.amount, "dishes": arguments.dish, "reason": arguments.reason}
    answer = asked(arguments, "refund", **wish)
    good = answer["state"] in ("confirmed", "pending", "in_flight")
    if arguments.json:
        printed(answer)
    else:
        print(
            line(*filter(None, (answer["state"], answer["given"], answer["text"]))), file=sys.stdout if good else sys.stderr
        )
    return 0 if good else 1
