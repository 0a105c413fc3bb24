"""Forms of the visit's pages: planning it, one more item on the spot, the record's signatures, the firm's rating."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from core.clock import NoRule, due_on
from core.forms import ClientIdField, PhotosField, PhotosInput, UserForm, VersionField
from core.models import Submission
from enterprises.models import Enterprise
from inspections.forms.visits import DAY, OfficersField, not_past, officers_near
from inspections.models import Inspection, InspectionPoint, VisitLimit, machine
from inspections.models.guard import Known, known_of
from inspections.planned import unit_of, why_unplanned

RETURN = "inspection.complaint.return"
CHANNELS = [("", "请选择"), ("12345", "12345"), ("12350", "12350"), ("其他", "其他")]
# Re-checks are planned on their order, random visits come from draws.
KINDS = [(value, label) for value, label in machine.Kind.choices if value not in (machine.Kind.RECHECK, machine.Kind.RANDOM)]


def text(label: str, maximum: int, *, missing: str = "", rows: int = 0, **kwargs: Any) -> forms.CharField:
    """A text that is required when its absence has a sentence."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    found = forms.CharField(label=label, max_length=maximum, required=bool(missing), widget=widget, **kwargs)
    if missing:
        found.error_messages["required"] = missing
    return found


def day(label: str, **kwargs: Any) -> forms.DateField:
    """A date with the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), **kwargs)


def return_day(on: datetime.date) -> datetime.date | None:
    """By when a complaint received on that day is answered, by rule; None where no rule is in force."""
    try:
        return due_on(RETURN, on)
    except NoRule:
        return None


class PlanForm(UserForm):
    """A visit of one firm: kind with its own fields, day, officers, scheme, and the reason against what the guard knows."""

    client_id = ClientIdField()
    kind = forms.ChoiceField(label="检查类型", choices=KINDS, initial=machine.Kind.PLANNED.value, widget=forms.RadioSelect)
    planned_on = day("计划检查日期", error_messages={"required": "请选择检查日期。"})
    complaint_channel = forms.ChoiceField(label="投诉来源", choices=CHANNELS, required=False)
    complaint_number = text("转办单号", 60)
    return_by_on = day("转办件回复期限", required=False, help_text="按规则推算,转办件上写明期限的从其期限。")
    campaign_approval = text("专项检查批准文号", 100, help_text="县级以上政府或其部门批准的文号。")
    officers = OfficersField(help_text="至少两人,都要持有效的执法证。")
    basis = text("检查依据和来由", 300, missing="请写明检查依据和来由。", rows=2, help_text="例如:2026 年度监督检查计划;企业会看到。")
    content = text("检查内容", 500, missing="请写明检查内容。", rows=3, initial="安全生产责任制落实、隐患排查治理、现场安全管理。")
    method = text("检查方式", 200, initial="现场检查、查阅资料、询问有关人员")
    equipment = text("检查装备", 200, initial="执法记录仪、照相设备")
    override_reason = text("仍要检查的理由", 300, rows=2, help_text="有提醒时填写,由批准方案的领导一并审批;企业看不到。")

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        self.enterprise = enterprise
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["officers"].queryset = officers_near(self.user)
        self.fields["officers"].initial = [self.user.pk]
        self.fields["officers"].day = self.asked_day
        self.fields["planned_on"].initial = self.asked_day
        self.fields["kind"].initial = self.asked_kind
        self.fields["return_by_on"].initial = return_day(today)

    @property
    def asked_day(self) -> datetime.date:
        """The day asked for by the form or the address, today when it is none."""
        named = (self.data if self.is_bound else self.initial).get("planned_on") or ""
        try:
            found = datetime.date.fromisoformat(str(named))
        except ValueError:
            return timezone.localdate()
        return found if abs(found.year - timezone.localdate().year) < 3 else timezone.localdate()

    @property
    def asked_kind(self) -> str:
        """The kind asked for by the form or the address."""
        named = (self.data if self.is_bound else self.initial).get("kind")
        return str(named) if named in dict(KINDS) else machine.Kind.PLANNED.value

    @property
    def known(self) -> Known:
        """What the guard knows for this kind and day."""
        if not hasattr(self, "_known"):
            self._known = known_of(self.enterprise, self.asked_day, self.asked_kind)
        return self._known

    @property
    def unplanned(self) -> str:
        """Why the yearly plan does not allow it; "" when it does (R48)."""
        return why_unplanned(self.enterprise, unit_of(self.user), self.asked_day, self.asked_kind)

    def clean_planned_on(self) -> Any:
        """Today or later."""
        return not_past(self.cleaned_data["planned_on"])

    def clean_return_by_on(self) -> Any:
        """Today or later."""
        day = self.cleaned_data["return_by_on"]
        return not_past(day) if day else day

    def clean(self) -> dict[str, Any]:
        """What the kind needs is there, what it does not know is left out, and the guard's warnings have their reason."""
        data = super().clean() or {}
        kind = data.get("kind")
        if kind == machine.Kind.COMPLAINT:
            for name, missing in (("complaint_channel", "请选择投诉来源。"), ("return_by_on", "请填写回复期限。")):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, missing)
        else:
            self.errors.pop("return_by_on", None)
            data |= {"complaint_channel": "", "complaint_number": "", "return_by_on": None}
        if kind != machine.Kind.CAMPAIGN:
            data["campaign_approval"] = ""
        elif not data["campaign_approval"] and VisitLimit.objects.cap_on(self.asked_day):
            self.add_error("campaign_approval", "专项检查须经县级以上政府批准(国办发〔2024〕54号),请填写批准文号。")
        if "planned_on" not in self.errors:
            self._weigh_day(data)
        return data

    def _weigh_day(self, data: dict[str, Any]) -> None:
        if self.unplanned:
            self.add_error("kind", self.unplanned)
        if self.known.warnings and not data.get("override_reason"):
            self.add_error("override_reason", "有提醒,确需检查的请写明理由;也可以并入已安排的检查。")

    def facts(self) -> dict[str, Any]:
        """What `plan_visit` takes; whoever plans leads when among the officers."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "client_id"}
        facts["officers"] = sorted(facts["officers"], key=lambda person: person != self.user)
        return facts


class AddItemForm(UserForm):
    """One more thing to look at: a point with its law, or in own words."""

    client_id = ClientIdField()
    point = forms.ModelChoiceField(
        label="检查要点", queryset=InspectionPoint.objects.none(), required=False, empty_label="不在要点里,自己写"
    )
    name = text("检查项目", 100, help_text="不在要点里的,在这里写;只记为隐患,不作违法行为登记。")
    section = text("类别", 40, initial="其他")

    def __init__(self, *args: Any, instance: Inspection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = instance.visited_on or timezone.localdate()
        points = InspectionPoint.objects.in_force(day).order_by("section", "position", "code")
        # What was sent before is chosen by now: the second sending must still be readable.
        chosen = instance.items.exclude(point=None).values("point")
        self.fields["point"].queryset = points if self.is_bound else points.exclude(pk__in=chosen)

    def clean(self) -> dict[str, Any]:
        """One of both."""
        data = super().clean() or {}
        if not data.get("point") and not data.get("name") and not self.errors:
            self.add_error("name", "请选一个检查要点,或写明检查项目。")
        data["section"] = data.get("section") or "其他"
        return data


class SignatureInput(PhotosInput):
    """A signature written on the screen, or photographed from paper."""

    template_name = "inspections/widgets/signature.html"


class RecordForm(UserForm):
    """The first officer's signature: who answered for the firm, his signature or his refusal before a witness."""

    WORDS = ("party_name", "party_post", "party_phone", "party_opinion", "refusal", "witness")

    client_id = ClientIdField()
    version = VersionField()
    party_name = text("现场负责人", 40, missing="请填写企业现场负责人的姓名。")
    party_post = text("职务", 40, missing="请填写他的职务。")
    party_phone = text("电话", 20)
    party_opinion = text("被检查单位意见", 500, rows=2, help_text="例如:以上情况属实,无异议。")
    signature = PhotosField(label="现场负责人签名", required=False, maximum=3, widget=SignatureInput(attrs={"id": "id_signature"}))
    refusal = text("拒绝签字的情况", 300, rows=2, help_text="不签字的,写明谁、为什么不签;签了字的不填。")
    witness = text("见证人", 60, help_text="拒绝签字时必填:姓名和单位。")

    def clean_signature(self) -> Any:
        """The uploads, as `take` reads them."""
        return self.fields["signature"].take(self.cleaned_data["signature"], user=self.user, received=self.received)

    def received(self) -> Submission | None:
        """What this form's id brought before."""
        client_id = self.cleaned_data.get("client_id")
        return Submission.objects.filter(user=self.user, client_id=client_id).first() if client_id else None

    def clean(self) -> dict[str, Any]:
        """Signed, or refused before a witness; never both."""
        data = super().clean() or {}
        if data.get("refusal") and data.get("signature"):
            self.add_error("refusal", "已经有签名,就不填拒绝签字的情况。")
        elif data.get("refusal") and not data.get("witness"):
            self.add_error("witness", "企业拒绝签字的,要由见证人签名,请填写见证人。")
        elif not data.get("refusal") and not data.get("signature") and "signature" not in self.errors:
            self.add_error("signature", "请企业现场负责人签名,或注明拒绝签字的情况和见证人。")
        return data


class CountersignForm(UserForm):
    """The second officer's signature for the words he has seen."""

    client_id = ClientIdField()
    version = VersionField()


class RatingForm(forms.Form):
    """What the firm thought of the visit, without a name."""

    score = forms.TypedChoiceField(
        label="您给这次检查打几分",
        choices=[("5", "5 很好"), ("4", "4 好"), ("3", "3 一般"), ("2", "2 差"), ("1", "1 很差")],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择 1 到 5 分。", "invalid_choice": "请选择 1 到 5 分。"},
    )
    remark = text("意见和建议", 300, rows=3, help_text="不用写企业名称和姓名。")
