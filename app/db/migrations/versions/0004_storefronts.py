"""How the shop stands on each platform, what is to be put back when, what customers say and what is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0003 to 0004."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "shop_states",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=True),
        sa.Column("until", instant, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", instant, nullable=True),
        sa.Column("checked_at", instant, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_shop_states_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_shop_states")),
    )
    op.create_table(
        "put_backs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=160), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_put_backs_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_put_backs")),
        sa.UniqueConstraint("account_id", "item_id", name=op.f("uq_put_backs_account_id_item_id")),
    )
    op.create_table(
        "reviews",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.String(length=160), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.String(length=80), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reviews_account_id")),
        sa.PrimaryKeyConstraint("account_id", "review_id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_at"), "reviews", ["at"])
    op.create_table(
        "settlement_lines",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("order_ref", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_settlement_lines_account_id")),
        sa.PrimaryKeyConstraint("account_id", "line_id", name=op.f("pk_settlement_lines")),
    )
    op.create_index(op.f("ix_settlement_lines_day"), "settlement_lines", ["day"])
