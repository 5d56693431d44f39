"""How many bags an order has, as somebody said it at the counter."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0005 to 0006."""
    op.add_column("orders", sa.Column("bags", sa.Integer(), nullable=True))
