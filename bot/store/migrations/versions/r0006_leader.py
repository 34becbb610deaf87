"""Who works on this database."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "leader",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("process", sa.String, nullable=False),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leader"),
    )
