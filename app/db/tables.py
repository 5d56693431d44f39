"""Every table of the store. Times are aware UTC, money is integer minor units, states are the domain's own words."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused, because nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("address", String(300), nullable=False, default=""),
    Column("settings", JSON, nullable=False, default=dict),
    Column("sealed", LargeBinary),  # secrets, AES-256-GCM under a key derived from the keyring's
    Column("hook_token", String(64), nullable=False, unique=True),
    Column("auto_accept", Boolean, nullable=False, default=False),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("cursor", Text, nullable=False, default=""),
    Column("state", String(20), nullable=False, default="ok"),
    Column("state_text", Text, nullable=False, default=""),
    Column("state_since", Instant),
    Column("last_contact", Instant),
    Column("created_at", Instant, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("order_ref", String(80), nullable=False, default=""),
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("source", String(12), nullable=False),  # poll, push, fetch
    Column("received_at", Instant, nullable=False),
    Column("state", String(12), nullable=False, default="pending"),  # pending, done, ignored, parked, seen
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("account_id", "key"),
    Index("ix_inbox_state_due_at", "state", "due_at"),
    Index("ix_inbox_account_id_order_ref", "account_id", "order_ref"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("platform", String(40), nullable=False),
    Column("platform_order_id", String(80), nullable=False),
    Column("number", String(40), nullable=False),
    Column("business_day", Date, nullable=False),
    Column("hour", Integer, nullable=False),  # local hour of placed_at
    Column("placed_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("decide_by", Instant),
    Column("scheduled", Boolean, nullable=False, default=False),
    Column("kitchen", String(20), nullable=False),
    Column("kitchen_version", BigInteger, nullable=False),
    Column("delivery", String(20), nullable=False),
    Column("delivery_version", BigInteger, nullable=False),
    Column("payment", String(20), nullable=False),
    Column("payment_version", BigInteger, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("facts_version", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("currency", String(3), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False, default=0),
    Column("provisional", Boolean, nullable=False, default=False),
    Column("courier", JSON),
    Column("courier_version", BigInteger, nullable=False, default=0),
    Column("request", JSON),
    Column("request_version", BigInteger, nullable=False, default=0),
    Column("urges", JSON, nullable=False, default=list),
    Column("unmapped", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("stored_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("ready_at", Instant),
    Column("handed_over_at", Instant),  # by the platform, or kept here only where the platform has no such step
    Column("closed_at", Instant),
    Column("seen_at", Instant),  # the bell was acknowledged
    Column("closed_seen_at", Instant),  # a cancellation was acknowledged
    Column("attention", Boolean, nullable=False, default=False),  # closed, yet a person must still look
    Column("bags", Integer),  # as said at the counter; empty while nobody said
    UniqueConstraint("account_id", "platform_order_id"),
    Index("ix_orders_business_day_platform", "business_day", "platform"),
    Index("ix_orders_closed_at", "closed_at"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),  # this step only; the order keeps the cumulative figure
    Column("currency", String(3), nullable=False),
    Column("at", Instant, nullable=False),
    Column("business_day", Date, nullable=False, index=True),
    Column("hour", Integer, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("who", String(12), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False, default=""),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("command", JSON, nullable=False),
    Column("state", String(12), nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("deadline", Instant),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("text", Text, nullable=False, default=""),
    Index("ix_outbox_state_due_at", "state", "due_at"),
)

printers = Table(
    "printers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(20), nullable=False, default="lan"),
    Column("dialect", String(12), nullable=False, default="escpos"),
    Column("settings", JSON, nullable=False, default=dict),
    Column("sealed", LargeBinary),
    Column("paper", String(10), nullable=False, default="80"),
    Column("profile", JSON),  # what the printer can do; empty until it was examined
    Column("enabled", Boolean, nullable=False, default=True),
    Column("state", String(20), nullable=False, default="ok"),
    Column("state_text", Text, nullable=False, default=""),
    Column("state_since", Instant),
)

stations = Table(
    "stations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("kind", String(12), nullable=False, default="kitchen"),
    Column("template", String(60), nullable=False, default=""),
    Column("language", String(8), nullable=False, default="zh"),
    Column("printer_id", ForeignKey("printers.id")),
    Column("backup_id", ForeignKey("printers.id")),
    Column("copies", Integer, nullable=False, default=1),
    Column("moment", String(10), nullable=False, default="accepted"),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("default", Boolean, nullable=False, default=False),
    Column("names", JSON, nullable=False, default=dict),  # the customer's name of a dish -> this station's
)

routes = Table(
    "routes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("stations.id"), nullable=False),
    Column("rule", JSON, nullable=False),  # a domain Route without its ids
)

templates = Table(
    "templates",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("body", Text, nullable=False),  # JSON, as the shop wrote it
    Column("changed_at", Instant, nullable=False),
)

print_jobs = Table(
    "print_jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), index=True),
    Column("printer_id", ForeignKey("printers.id"), nullable=False),
    Column("key", String(160), nullable=False, unique=True),  # order:revision:station:kind:sheet, and :copy2 for a copy
    Column("kind", String(12), nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("ticket", JSON, nullable=False),
    Column("state", String(12), nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("marked", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("sending_at", Instant),
    Column("settled_at", Instant),
    Column("reason", Text, nullable=False, default=""),
    Column("answer", String(12), nullable=False, default=""),  # what became of an unknown ticket: came_out, reprinted
    Column("station_id", ForeignKey("stations.id")),
    Column("first_id", Integer, index=True),  # the ticket that this is a copy of
    Column("fresh_until", Instant),  # after this moment a person is asked before it prints
    Index("ix_print_jobs_state_due_at", "state", "due_at"),
    Index("ix_print_jobs_created_at", "created_at"),
)

print_steps = Table(
    "print_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_id", ForeignKey("print_jobs.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("printer_id", ForeignKey("printers.id")),
    Column("text", Text, nullable=False, default=""),
)

day_counts = Table(
    "day_counts",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("day", Date, primary_key=True),  # as the platform counts days: the shop's local date
    Column("counted", Integer, nullable=False),  # orders in the platform's own list
    Column("missing", JSON, nullable=False, default=list),  # platform ids that are not stored, as of the last look
    Column("missing_since", Instant),
    Column("checked_at", Instant, nullable=False),
)

shop_states = Table(
    "shop_states",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("state", String(12)),  # as the platform last showed it; empty until it first answered
    Column("until", Instant),
    Column("text", Text, nullable=False, default=""),
    Column("since", Instant),  # when this state was first seen
    Column("checked_at", Instant),  # when the platform last answered
    Column("error", Text, nullable=False, default=""),  # what it said to the last look, "" after an answer
)

put_backs = Table(
    "put_backs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("item_id", String(160), nullable=False),  # "" is the shop itself
    Column("name", Text, nullable=False, default=""),
    Column("until", Instant, nullable=False),  # the promised moment
    Column("due_at", Instant, nullable=False),  # the next try
    Column("tries", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("account_id", "item_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("review_id", String(160), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("score", Float),
    Column("text", Text, nullable=False, default=""),
    Column("order_ref", String(80), nullable=False, default=""),
    Column("customer", Text, nullable=False, default=""),
    Column("reply", Text, nullable=False, default=""),
)

settlement_lines = Table(
    "settlement_lines",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("line_id", String(160), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("order_ref", String(80), nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("key", String(32), nullable=False, unique=True),  # what the platform knows it by
    Column("code", String(64), nullable=False),
    Column("uses", Integer, nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("worth_minor", BigInteger),
    Column("currency", String(3)),
    Column("number", String(80), nullable=False, default=""),  # the platform's own, once it said yes
    Column("state", String(12), nullable=False),
    Column("text", Text, nullable=False, default=""),  # what the platform last said, "" after a yes
    Column("who", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False, index=True),
    Column("settled_at", Instant),
    Column("back_by", String(40), nullable=False, default=""),  # who took it back, or wanted to
    Column("back_at", Instant),
    Column("due_at", Instant),  # the next try while there is no answer; empty: a person must ask again
    Column("tries", Integer, nullable=False, default=0),
    Index("ix_redemptions_account_id_code", "account_id", "code"),
    Index("ix_redemptions_state_due_at", "state", "due_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(40), nullable=False),
    Column("what", String(60), nullable=False),
    Column("order_id", Integer),
    Column("detail", Text, nullable=False, default=""),
)

preferences = Table(
    "preferences",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
)
