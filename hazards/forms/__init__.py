"""Forms of hazards, one file per noun."""

from hazards.forms.checks import CorrectForm, HandOverForm, OwnItemForm, clean_text, photo_input, posted_answers
from hazards.forms.hazards import (
    NOTE_MAX,
    QUICK_DAYS,
    AcceptForm,
    AssignForm,
    ExtensionForm,
    FixForm,
    ReassignForm,
    RegradeForm,
    ReportForm,
)
from hazards.forms.major import (
    AddCriteriaForm,
    ConfirmMajorForm,
    DowngradeForm,
    LiftMeasureForm,
    MakeReportForm,
    ProposeMajorForm,
    SignMajorForm,
    TakeMeasureForm,
)
from hazards.forms.removal import ApplyRecheckForm, PlanForm, ProgressForm, RecheckForm

__all__ = [
    "NOTE_MAX",
    "QUICK_DAYS",
    "AcceptForm",
    "AddCriteriaForm",
    "ApplyRecheckForm",
    "AssignForm",
    "ConfirmMajorForm",
    "CorrectForm",
    "DowngradeForm",
    "ExtensionForm",
    "FixForm",
    "HandOverForm",
    "LiftMeasureForm",
    "MakeReportForm",
    "OwnItemForm",
    "PlanForm",
    "ProgressForm",
    "ProposeMajorForm",
    "ReassignForm",
    "RecheckForm",
    "RegradeForm",
    "ReportForm",
    "SignMajorForm",
    "TakeMeasureForm",
    "clean_text",
    "photo_input",
    "posted_answers",
]
