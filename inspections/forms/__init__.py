"""Forms of inspections, one file per noun."""

from inspections.forms.orders import (
    ApplyRecheckForm,
    ApplyReleaseForm,
    AskExtensionForm,
    ExamineForm,
    GrantExtensionForm,
    PlanRecheckForm,
    RefuseExtensionForm,
    ReleaseForm,
    SignExaminationForm,
)
from inspections.forms.visits import ApproveSchemeForm, BeginForm, JoinForm, ReadyForm, ReplanForm, ReportDistrictForm, WaivePartForm

__all__ = [
    "ApplyRecheckForm",
    "ApplyReleaseForm",
    "ApproveSchemeForm",
    "AskExtensionForm",
    "BeginForm",
    "ExamineForm",
    "GrantExtensionForm",
    "JoinForm",
    "PlanRecheckForm",
    "ReadyForm",
    "RefuseExtensionForm",
    "ReleaseForm",
    "ReplanForm",
    "ReportDistrictForm",
    "SignExaminationForm",
    "WaivePartForm",
]
