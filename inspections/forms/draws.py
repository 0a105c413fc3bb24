"""Forms of a draw: configuring it, and its moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import ClientIdField, MoveForm, NoteForm, ReasonForm, UserForm
from documents.forms_publications import check_leaks
from inspections.forms.visit import day, text
from inspections.forms.visits import not_past
from inspections.models import Draw, DrawChange, PlanItem, Pool
from inspections.models.machine import BEFORE

MOST = 5000
TIME = {"type": "datetime-local", "step": "1"}
EVENTS = "例如:某月某日某彩票某期的中奖号码,或见证人当场掷骰子的点数。要在名单冻结以后才产生,谁也不能事先知道。"


def number(label: str, *, least: int = 1, most: int = MOST, **kwargs: Any) -> forms.IntegerField:
    """A whole number within bounds, each said in a sentence."""
    said = {"invalid": "请填整数。", "min_value": f"不能小于 {least}。", "max_value": f"不能大于 {most}。"}
    said["required"] = f"请填写{label}。"
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=said, **kwargs)


class ConfigureForm(UserForm):
    """What is drawn from which pool, how many, by how many officers, when they go, and which public event supplies the value."""

    client_id = ClientIdField()
    title = text(
        "名称",
        100,
        missing="请写明这次抽取的名称。",
        help_text="例如:2026年第四季度工贸企业双随机抽查;公布时公众会看到。",
        validators=[check_leaks],
    )
    pool = forms.ModelChoiceField(
        label="抽查对象库",
        queryset=Pool.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择抽查对象库。", "invalid_choice": "请从名单里选抽查对象库。"},
    )
    plan_item = forms.ModelChoiceField(
        label="年度计划项",
        queryset=PlanItem.objects.none(),
        required=False,
        empty_label="不是计划内的抽取",
        help_text="选了计划项的,抽取家数按计划项;任务下达、检查完成后计划项随之更新。",
    )
    unit = forms.ChoiceField(label="抽多少", choices=[("n", "按家数"), ("share", "按比例")], initial="n", widget=forms.RadioSelect)
    n = number("抽取家数", required=False)
    share = number("抽取比例(%)", most=100, required=False, help_text="按库里现在的企业数折算成家数,有小数进一。")
    officers_per_object = number("每家的检查人员", least=2, most=5, initial=2, help_text="执法检查要有两名以上检查人员。")
    max_per_officer = number("每名检查人员最多几家", most=500, required=False, help_text="不填就是不限。")
    visits_from = day("检查期间自", error_messages={"required": "请选择检查期间。"})
    visits_until = day("检查期间至", error_messages={"required": "请选择检查期间。"})
    public_event = text("公共随机值的来源", 300, missing="请写明公共随机值从哪里来。", rows=2, help_text=EVENTS, validators=[check_leaks])
    redraw_reason = text("重抽的理由", 300, rows=2, help_text="公布时公众会看到。", validators=[check_leaks])

    def __init__(self, *args: Any, redraw_of: Draw | None = None, **kwargs: Any) -> None:
        self.redraw_of = redraw_of
        super().__init__(*args, **kwargs)
        self.fields["pool"].queryset = Pool.objects.for_user(self.user).for_list()
        self.fields["plan_item"].queryset = PlanItem.objects.to_draw(self.user, timezone.localdate().year)
        self.fields["plan_item"].label_from_instance = lambda item: f"{item}({item.plan.organ_name} {item.plan.year} 年)"
        self.fields["pool"].label_from_instance = lambda pool: f"{pool.name}(现有 {pool.size} 家)"
        if redraw_of is None:
            del self.fields["redraw_reason"]
        else:
            self.fields["redraw_reason"].required = True
            self.fields["redraw_reason"].error_messages["required"] = "请写明为什么重抽。"

    def clean_visits_from(self) -> Any:
        """Today or later."""
        return not_past(self.cleaned_data["visits_from"])

    def clean_visits_until(self) -> Any:
        """Today or later."""
        return not_past(self.cleaned_data["visits_until"])

    def clean(self) -> dict[str, Any]:
        """The days in order; how many, as a number."""
        data = super().clean() or {}
        first, last = data.get("visits_from"), data.get("visits_until")
        if first and last and last < first:
            self.add_error("visits_until", "检查期间的结束不能早于开始。")
        asked, item = data.get("unit"), data.get("plan_item")
        if item:
            data |= {"unit": "n", "n": item.count}
            self.errors.pop("n", None)
        elif asked in ("n", "share") and asked not in self.errors and not data.get(asked):
            self.add_error(asked, "请填写抽多少。")
        return data

    def facts(self) -> dict[str, Any]:
        """What `Draw.configure` takes."""
        facts = {name: value for name, value in self.cleaned_data.items() if name not in ("client_id", "unit")}
        if self.cleaned_data["unit"] == "share":
            facts["n"] = max(1, -(-facts["pool"].members().count() * facts["share"] // 100))
        else:
            facts["share"] = None
        return {**facts, "redraw_of": self.redraw_of}


class EnterValueForm(MoveForm):
    """The public value twice, as two people read it, and when it came about."""

    public_value = text("公共随机值", 200, missing="请填写公共随机值。", help_text="照来源公布的样子填写,一个字符也不能差。")
    again = text("再填一遍", 200, missing="请由另一个人再填一遍。")
    public_value_at = forms.DateTimeField(
        label="产生时间",
        widget=forms.DateTimeInput(attrs=TIME, format="%Y-%m-%dT%H:%M:%S"),
        help_text="来源公布它的时间,必须在名单冻结以后。",
        error_messages={"required": "请填写产生时间。", "invalid": "请填写日期和时间。"},
    )
    note = text("说明", 500, rows=2, help_text="例如:查看的网址、在场的人。")

    @property
    def told(self) -> list[str]:
        """Where it comes from, and since when it may come about."""
        frozen = self.instance.frozen_at
        since = [f"名单冻结于 {timezone.localtime(frozen):%Y-%m-%d %H:%M:%S},公共随机值要产生在这以后。"] if frozen else []
        return [f"来源:{self.instance.public_event}", *since]

    def clean(self) -> dict[str, Any]:
        """Both readings are the same, and the time lies after the freeze and not ahead."""
        data = super().clean() or {}
        again, at = data.pop("again", None), data.get("public_value_at")
        if again is not None and data.get("public_value") and again != data["public_value"]:
            self.add_error("again", "两遍填的不一样,请核对来源后重填。")
        if at and self.instance.frozen_at and at.replace(microsecond=0) <= self.instance.frozen_at:
            self.add_error("public_value_at", "公共随机值必须产生在名单冻结之后,否则不能用。")
        elif at and at > timezone.now():
            self.add_error("public_value_at", "产生时间不能晚于现在。")
        return data


class ConfirmForm(MoveForm):
    """Who stood by."""

    witnesses = forms.CharField(
        label="见证人",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一人,写姓名和单位,至少两人。例如:王某 镇纪委。",
        error_messages={"required": "请写明在场的见证人。"},
    )
    note = text("说明", 500, rows=2)

    def clean_witnesses(self) -> list[str]:
        """One a line, each once, at least two, each with name and unit."""
        rows = list(dict.fromkeys(" ".join(line.split()) for line in self.cleaned_data["witnesses"].splitlines() if line.strip()))
        if len(rows) < 2:
            raise forms.ValidationError("请写明两名以上见证人,每行一人。")
        if bare := next((row for row in rows if " " not in row), None):
            raise forms.ValidationError(f"“{bare}”没有写单位。请写姓名和单位,中间空一格。")
        return rows


class AskChangeForm(MoveForm):
    """Which drawn object, and whether it goes or one of its officers; who comes instead is for the tickets to say."""

    object = forms.ChoiceField(
        label="对象", error_messages={"required": "请选择对象。", "invalid_choice": "这个对象不在现在的抽取结果里,请刷新后重新选择。"}
    )
    officer = forms.ChoiceField(
        label="只换一名检查人员",
        required=False,
        help_text="不选就是换掉整个对象。",
        error_messages={"invalid_choice": "这名检查人员不在现在的抽取结果里,请刷新后重新选择。"},
    )
    note = text(
        "理由",
        500,
        rows=3,
        missing="请写明替换的理由。",
        help_text="永久公开。例如:企业已搬迁、检查人员临时借调。",
        validators=[check_leaks],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may = [pick for pick in self.instance.standing() if pick.inspection is None or pick.inspection.state in BEFORE]
        self.pairs = {(pick.listed.key, seat.officer.key) for pick in may for seat in pick.seats_now}
        names: dict[str, list[str]] = {}
        for pick in may:
            for seat in pick.seats_now:
                names.setdefault(seat.officer.key, [seat.officer.name]).append(pick.listed.name)
        self.fields["object"].choices = [("", "请选择"), *[(pick.listed.key, f"{pick.position}. {pick.listed.name}") for pick in may]]
        officers = [(key, f"{name}({'、'.join(firms)})") for key, (name, *firms) in names.items()]
        self.fields["officer"].choices = [("", "换掉整个对象"), *officers]

    def clean(self) -> dict[str, Any]:
        """The officer goes to that object."""
        data = super().clean() or {}
        if data.get("object") and data.get("officer") and (data["object"], data["officer"]) not in self.pairs:
            self.add_error("officer", "这名检查人员不去这个对象,请重新选择。")
        return data


class AskVoidForm(ReasonForm):
    """Why the whole draw is to be void."""

    told = ("作废后这次抽取不再办理,还没有开始的检查取消;承诺、名单、结果和理由都留在记录里,公布时一起公开。",)
    note = text("理由", 500, rows=3, missing="请写明作废的理由。", help_text="永久公开。", validators=[check_leaks])


class ApproveChangeForm(NoteForm):
    """The opinion on what is asked; who would come is not shown: nobody may choose by looking."""

    @property
    def told(self) -> list[str]:
        """What is asked, by whom, and why."""
        asked = self.instance.pending_change
        if asked is None:
            return []
        at = timezone.localtime(asked.asked_at)
        lines = [f"{asked.get_kind_display()}:{asked.words}", f"理由:{asked.reason}", f"申请人:{asked.by.name} {at:%Y-%m-%d %H:%M}"]
        if asked.kind != DrawChange.Kind.VOID:
            lines.append("批准后由签号决定换成谁,批准前不显示。")
        return lines
