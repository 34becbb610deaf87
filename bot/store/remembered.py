"""Inspections by what they found, without their bodies: each of those holds all its stacks."""

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.domain.memory import Sighting
from bot.domain.targets import Target
from bot.store.schema import inspections


def sightings(
    connection: sa.Connection, fingerprint: str, *, service: str | None, limit: int
) -> list[Sighting]:
    columns = inspections.c
    query = (
        sa.select(columns.id, columns.host, columns.service, columns.at, columns.process)
        .where(columns.fingerprint == fingerprint, columns.service.is_not_distinct_from(service))
        .order_by(columns.at.desc(), columns.id.desc())
        .limit(limit)
    )
    return [
        Sighting(
            inspection=row.id,
            target=Target(host=row.host, service=row.service),
            at=datetime.fromtimestamp(row.at, UTC),
            process=row.process or "",
        )
        for row in connection.execute(query)
    ]
