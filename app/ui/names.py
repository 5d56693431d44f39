"""Object names of everything that can be pressed, in one place: tests and the automatic member of staff use them.

On a card (N is the order's id): `card-N`; buttons `primary-N`, `hear-N` (stops the bell), `more-N`, `agree-N`,
`refuse-N`, `urge-N` (reply), `acknowledge-N` (a cancelled order leaves). `more-N` opens the menu `menu-N` with actions
`action-KIND-N` (KIND is the command's word, such as "reject").
In the detail panel `detail`: `detail-close`, `detail-KIND-N`, `copy-number`, `copy-reference`, `print-N` for an order
without a ticket, and for ticket T `reprint-T`, `came-out-T` and `skip-T`; `detail-refund-N`, `courier-ask`, `courier-copy`.
In the ledger: `ledger-group-GROUP`, `ledger-day`, `ledger-station`, `ledger-printer`, `ledger-search`, `ledger-table`,
`ledger-print-all`, `ledger-skip-all`, `ledger-proof` with `unproved-I`; beside it `ledger-ACTION-T` and `ledger-close`.
Questions: `reason-dialog` with `reason-REASON` and `reason-send`; `words-dialog` with `preset-I`, `words` and
`words-send`; `refund-dialog` with `refund-way-WAY` (dishes, amount, whole), `refund-dish-KEY` (with
`refund-less-KEY`, `refund-count-KEY` and `refund-more-KEY` where single portions go back), `refund-amount`,
`refund-reason` and `refund-send`; each has `dialog-back`.
On a page of several parts: `PAGE-part-PART` (`shop-part-dishes`, `settings-part-stations`, `reports-part-statements`).
On the Shop page, of account A `shop-A-CHANGE` (open, busy, pause-15, pause-30,
pause-60, pause), of all `shop-all-CHANGE`; `shop-look`; `dishes-search`, `dishes-end-END`, `dish-I-out`, `-back`, `-undo`.
On the Reviews page: `reviews-first`, `reviews-ask`; of review R of account A `review-A-R-begin`, `-words`, `-send`,
`-order`.
On the page of statements: `statements-account`, `-span`, `-fetch`, `-stop`, `-csv`, `-orders`.
Window: `rail-queue`, `rail-ledger`, `rail-shop`, `rail-reviews`, `rail-reports`, `rail-settings`; `hear-all`, `printer-P`
and `shops-paused` in the top bar;
`strip-seen` on the alarm strip; `lane-LANE` with `lane-fold-LANE`; `search`, `search-results`; `practice-banner`;
`notice-I` with `notice-I-button`; `toast` with `toast-button`.
"""

from __future__ import annotations

from app.domain.commands import CommandKind

PRIMARY, HEAR, MORE, AGREE, REFUSE, URGE, ACKNOWLEDGE = (
    "primary",
    "hear",
    "more",
    "agree",
    "refuse",
    "urge",
    "acknowledge",
)
HEAR_ALL = "hear-all"
STRIP_SEEN = "strip-seen"
REASON_DIALOG, REASON_SEND = "reason-dialog", "reason-send"
REFUND_DIALOG, REFUND_SEND = "refund-dialog", "refund-send"
WORDS_DIALOG, WORDS, WORDS_SEND = "words-dialog", "words", "words-send"
DIALOG_BACK = "dialog-back"


def of_order(what: str, order_id: int) -> str:
    """`primary-17`: a part of the card of one order."""
    return f"{what}-{order_id}"


def action(kind: CommandKind, order_id: int) -> str:
    """`action-reject-17`: an entry of a card's menu."""
    return f"action-{kind.value}-{order_id}"
