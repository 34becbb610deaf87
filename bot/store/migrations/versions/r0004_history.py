"""What was read of each host over time, in blocks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("host", sa.String, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("host", "step", "start", name="pk_history"),
    )
    op.create_index("ix_history_step_start", "history", ["step", "start"])
