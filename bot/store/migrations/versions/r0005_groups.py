"""Alerts of one kind that are told together, and jobs that report by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.Float(53), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
    )
    op.create_index("ix_groups_open", "groups", ["open"])
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.add_column("alerts", sa.Column("group_id", sa.String))
    op.create_index("ix_alerts_group_id", "alerts", ["group_id"])
