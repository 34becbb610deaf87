"""The first schema."""

from alembic import op

from bot.store.schema import metadata

revision = "0001"
down_revision = None

APPEND_ONLY = "the audit trail is only ever added to"


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
