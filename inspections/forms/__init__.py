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
from inspections.forms.plans import AnswerForm, ClosePlanForm, FilePlanForm, ProposeForm, RefuseForm
from inspections.forms.visits import ApproveSchemeForm, BeginForm, JoinForm, ReadyForm, ReplanForm, ReportDistrictForm, WaivePartForm

__all__ = [
    "AnswerForm",
    "ApplyRecheckForm",
    "ApplyReleaseForm",
    "ApproveSchemeForm",
    "AskExtensionForm",
    "BeginForm",
    "ClosePlanForm",
    "ExamineForm",
    "FilePlanForm",
    "GrantExtensionForm",
    "JoinForm",
    "PlanRecheckForm",
    "ProposeForm",
    "ReadyForm",
    "RefuseExtensionForm",
    "RefuseForm",
    "ReleaseForm",
    "ReplanForm",
    "ReportDistrictForm",
    "SignExaminationForm",
    "WaivePartForm",
]
