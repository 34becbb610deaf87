"""Inspections are found again by what hung. Those of before have no fingerprint: their stacks are not read again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("fingerprint", "process"):
        op.add_column("inspections", sa.Column(name, sa.String))
    op.create_index("ix_inspections_fingerprint", "inspections", ["fingerprint"])
