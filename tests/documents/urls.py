"""The project's URLs and one issuing page about an enterprise, for the base of issuing pages."""

from django import forms
from django.urls import include, path

from accounts.roles import MANAGERS
from documents.forms import IssueForm
from documents.views.issue import PaperView
from enterprises.models import Enterprise

handler400 = "core.views.errors.refused_input"
handler403 = "core.views.errors.denied"
handler404 = "core.views.errors.not_found"


class RemarkForm(IssueForm):
    remark = forms.CharField(label="说明", max_length=500_000)


class EnterprisePaper(PaperView):
    kind = "PLAIN"
    model = Enterprise
    roles = MANAGERS

    def facts(self, subject):
        return {"企业": subject.name, "人数": subject.headcount}

    def answers(self, facts):
        return list(facts.items())

    def enterprise(self, subject):
        return subject

    def problem(self, subject):
        return "已关闭的企业不制发文书。" if subject.status == "closed" else ""


class EnterpriseRemarkPaper(EnterprisePaper):
    form_class = RemarkForm

    def complete(self, facts, given):
        return {**facts, "说明": given.get("remark", "")}


urlpatterns = [
    path("issue/<int:pk>/", EnterprisePaper.as_view(), name="test_issue"),
    path("issue/<int:pk>/remark/", EnterpriseRemarkPaper.as_view(), name="test_issue_remark"),
    path("", include("shijiao.urls")),
]
