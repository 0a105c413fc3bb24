"""Models of duties."""

from duties.models.duty import Duty
from duties.models.occurrence import Occurrence
from duties.models.plan import DutyPlan
from duties.models.sample import Sample
from duties.models.schedule import MadeDay

__all__ = ["Duty", "DutyPlan", "MadeDay", "Occurrence", "Sample"]
