"""Work that is done behind an answer, one row each, claimed by whoever is free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Fact


class JobKind(StrEnum):
    INSPECT = "inspect"
    ACT = "act"  # takes an action to its next status
    REMIND = "remind"
    ESCALATE = "escalate"  # looks whether somebody has an alert in hand


IN_SO_LONG = (JobKind.INSPECT, JobKind.ACT, JobKind.ESCALATE)
"""Kinds that are due so long after something, rather than at a time of day."""


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Job:
    """`key` is unique among unfinished jobs: a second one with the same key is not stored.

    `payload` holds ids and words, never commands; `result` the id of what came of it.
    """

    id: str
    kind: JobKind
    key: str
    payload: Mapping[str, Fact] = field(default_factory=dict)
    created_at: datetime
    due_at: datetime
    status: JobStatus = JobStatus.QUEUED
    attempt: int = 0
    result: str = ""
