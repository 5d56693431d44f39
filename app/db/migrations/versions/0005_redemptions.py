"""What was asked of each voucher at the counter: written before its platform is asked, and kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0004 to 0005."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "redemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("back_by", sa.String(length=40), nullable=False),
        sa.Column("back_at", instant, nullable=True),
        sa.Column("due_at", instant, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_redemptions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("key", name=op.f("uq_redemptions_key")),
    )
    op.create_index(op.f("ix_redemptions_account_id_code"), "redemptions", ["account_id", "code"])
    op.create_index(op.f("ix_redemptions_asked_at"), "redemptions", ["asked_at"])
    op.create_index(op.f("ix_redemptions_state_due_at"), "redemptions", ["state", "due_at"])
