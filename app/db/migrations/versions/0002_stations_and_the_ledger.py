"""Stations, routes and templates; printers of any kind; every step of a ticket.

Until now each printer was its own station and printed whole orders: it gets a station that does the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0001 to 0002."""
    _stations()
    op.create_table(
        "routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_routes_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    op.create_table(
        "templates",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_templates")),
    )
    _jobs()
    _steps()
    _printers()


def _stations() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("printer_id", sa.Integer(), nullable=True),
        sa.Column("backup_id", sa.Integer(), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=10), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["backup_id"], ["printers.id"], name=op.f("fk_stations_backup_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printers.id"], name=op.f("fk_stations_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("name", name=op.f("uq_stations_name")),
    )
    op.execute(
        "INSERT INTO stations (id, name, kind, template, language, printer_id, copies, moment, enabled, `default`, names)"
        " SELECT id, CASE WHEN station IN (SELECT station FROM printers AS other WHERE other.id < printers.id)"
        " THEN substr(station, 1, 30) || ' ' || id ELSE station END,"
        " 'kitchen', '', language, id, 1, 'accepted', enabled, id = (SELECT min(id) FROM printers), '{}' FROM printers"
    )


def _jobs() -> None:
    with op.batch_alter_table("print_jobs") as batch:
        batch.add_column(sa.Column("station_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("first_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=True))
        batch.create_index("ix_print_jobs_created_at", ["created_at"], unique=False)
        batch.create_index(op.f("ix_print_jobs_first_id"), ["first_id"], unique=False)
        batch.create_foreign_key(op.f("fk_print_jobs_station_id"), "stations", ["station_id"], ["id"])
    op.execute(
        "UPDATE print_jobs SET station_id = printer_id, first_id = (SELECT id FROM print_jobs AS first"
        " WHERE substr(print_jobs.key, 1, length(first.key) + 5) = first.key || char(58) || 'copy')"
    )


def _steps() -> None:
    op.create_table(
        "print_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("printer_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["print_jobs.id"], name=op.f("fk_print_steps_job_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printers.id"], name=op.f("fk_print_steps_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_steps")),
    )
    op.create_index(op.f("ix_print_steps_job_id"), "print_steps", ["job_id"], unique=False)
    op.execute(
        "INSERT INTO print_steps (job_id, at, state, printer_id, text)"
        " SELECT id, coalesce(settled_at, sending_at, created_at), state, printer_id, reason FROM print_jobs"
    )


def _printers() -> None:
    """Host and port become settings of kind "lan"; what the printer can do is asked anew.

    The new table takes the old one's name last: renaming the old one would turn every foreign key with it.
    """
    op.create_table(
        "new_printers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("dialect", sa.String(length=12), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("paper", sa.String(length=10), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_text", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printers")),
        sa.UniqueConstraint("name", name=op.f("uq_printers_name")),
    )
    op.execute(
        "INSERT INTO new_printers (id, name, kind, dialect, settings, paper, enabled, state, state_text, state_since)"
        " SELECT id, name, 'lan', 'escpos', json_object('host', host, 'port', CAST(port AS TEXT)), CAST(width AS TEXT),"
        " enabled, state, state_text, state_since FROM printers"
    )
    op.drop_table("printers")
    op.rename_table("new_printers", "printers")
