"""Forms of inspections, one file per noun."""

from inspections.forms.orders import ApplyRecheckForm, ApplyReleaseForm, AskExtensionForm, ExamineForm, PlanRecheckForm
from inspections.forms.visits import ApproveSchemeForm, BeginForm, JoinForm, ReadyForm, ReplanForm, ReportDistrictForm, WaivePartForm

__all__ = [
    "ApplyRecheckForm",
    "ApplyReleaseForm",
    "ApproveSchemeForm",
    "AskExtensionForm",
    "BeginForm",
    "ExamineForm",
    "JoinForm",
    "PlanRecheckForm",
    "ReadyForm",
    "ReplanForm",
    "ReportDistrictForm",
    "WaivePartForm",
]
