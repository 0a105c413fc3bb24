"""Models of core, one file per aggregate."""

from core.models.attachments import Attachment
from core.models.deadlines import DeadlineRule, WorkdayOverride
from core.models.events import Event
from core.models.heartbeats import Heartbeat, Tick
from core.models.jobs import Job
from core.models.numbers import Counter
from core.models.seals import Seal, SealedEvent
from core.models.states import Hold, Move, MoveRefused, Signature, Stateful
from core.models.submissions import Submission, SubmissionVariant
from core.models.work import WorkRow

__all__ = [
    "Attachment",
    "Counter",
    "DeadlineRule",
    "Event",
    "Heartbeat",
    "Hold",
    "Job",
    "Move",
    "MoveRefused",
    "Seal",
    "SealedEvent",
    "Signature",
    "Stateful",
    "Submission",
    "SubmissionVariant",
    "Tick",
    "WorkRow",
    "WorkdayOverride",
]
