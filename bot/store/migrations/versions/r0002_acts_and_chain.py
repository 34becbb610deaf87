"""Acts, incidents, reviews and the timeline; the audit trail becomes a chain, and is guarded on PostgreSQL too."""

import sqlalchemy as sa
from alembic import context, op

from bot.domain.audit import GENESIS, seal

revision = "0002"
down_revision = "0001"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
APPEND_ONLY = "the audit trail is only ever added to"
GUARD = f"""
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'restrict_violation'; END $$
"""
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)

sa.Table(
    "actions",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("host", sa.String, nullable=False, index=True),
    sa.Column("service", sa.String),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    sa.Column("open", sa.Boolean, nullable=False, index=True),
    sa.Column("updated_at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident", sa.String, nullable=False, index=True),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

sa.Table(
    "events",
    metadata,
    sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("at", sa.Float(53), nullable=False, index=True),
    sa.Column("host", sa.String, nullable=False),
    sa.Column("service", sa.String),
    sa.Column("incident", sa.String, nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_events_host_at", "host", "at"),
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER audit_no_update")
    for name in ("previous", "hash"):
        op.add_column("audit", sa.Column(name, sa.String, nullable=False, server_default=""))
    _seal(connection, context.config.attributes.get("audit_key"))
    if sqlite:
        op.execute(
            f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )
        return
    op.execute(GUARD)
    for act in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
        )


def _seal(connection: sa.Connection, key: bytes | None) -> None:
    """Number what is there without gaps, and give each entry the hash of the one before it and its own."""
    columns = ("seq", "id", "at", "body", "previous", "hash")
    audit = sa.table("audit", *(sa.column(name) for name in columns))
    there = sa.select(audit.c.seq, audit.c.id, audit.c.at, audit.c.body).order_by(audit.c.seq)
    previous = GENESIS
    for number, row in enumerate(connection.execute(there).all(), start=1):
        own = seal(previous, entry=row.id, at=row.at, body=row.body, key=key)
        values = {"seq": number, "previous": previous, "hash": own}
        connection.execute(audit.update().where(audit.c.seq == row.seq).values(**values))
        previous = own
