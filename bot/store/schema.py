"""The tables as they are now. Real columns are what is searched; `body` is the whole value as JSON. Moments are seconds
since 1970. Texts have no length: SQLite would not look at it, and PostgreSQL would refuse what is longer.
"""

import sqlalchemy as sa

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)

SEQUENCE = sa.BigInteger().with_variant(
    sa.Integer, "sqlite"
)  # SQLite counts up only what it knows as INTEGER
UNFINISHED = sa.text("status IN ('queued', 'running')")

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("host", sa.String, nullable=False, index=True),
    sa.Column("service", sa.String),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("updated_at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("group_id", sa.String, index=True),
)

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("open", sa.Boolean, nullable=False, index=True),
    sa.Column("updated_at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

silences = sa.Table(
    "silences",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("starts_at", sa.Float(53), nullable=False),
    sa.Column("ends_at", sa.Float(53), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
)

inspections = sa.Table(
    "inspections",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("host", sa.String, nullable=False, index=True),
    sa.Column("service", sa.String),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String, index=True),
    sa.Column("process", sa.String),
)

observations = sa.Table(
    "observations",
    metadata,
    sa.Column("host", sa.String, primary_key=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("host", sa.String, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_history_step_start", "step", "start"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("subject", sa.String, nullable=False, index=True),
    sa.Column("operation", sa.String, nullable=False),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("not_before", sa.Float(53), nullable=False),
    sa.Column("lease_until", sa.Float(53)),
    sa.Column("worker", sa.String),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False),
    sa.Column("first_tried_at", sa.Float(53)),
    sa.Column("finished_at", sa.Float(53)),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("ts", sa.String, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Index("ix_posts_place", "channel", "ts"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("due_at", sa.Float(53), nullable=False, index=True),
    sa.Column("lease_until", sa.Float(53)),
    sa.Column("worker", sa.String),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index(
        "uq_jobs_unfinished_key", "key", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    ),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("at", sa.Float(53), nullable=False, index=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous", sa.String, nullable=False, server_default=""),
    sa.Column("hash", sa.String, nullable=False, server_default=""),
)

actions = sa.Table(
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

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    sa.Column("open", sa.Boolean, nullable=False, index=True),
    sa.Column("updated_at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident", sa.String, nullable=False, index=True),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

events = sa.Table(
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

leader = sa.Table(
    "leader",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("worker", sa.String, nullable=False),
    sa.Column("process", sa.String, nullable=False),
    sa.Column("term", sa.Integer, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
)
