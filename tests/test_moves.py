"""Every state machine: each move is whole, and each illegal (state, move, role) is refused without a trace."""

import datetime
import inspect
import re

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.roles import Role
from core.models import Event, MoveRefused, Stateful, SubmissionVariant
from hazards.models import InterimMeasure, MajorReport
from tests.factories import STATEFUL_FACTORIES

MACHINES = sorted((m for m in apps.get_models() if issubclass(m, Stateful)), key=lambda m: m._meta.label)
ARROWS = [pytest.param(m, name, id=f"{m._meta.label}.{name}") for m in MACHINES for name in m.MOVES]
PERSON_OF = {
    Role.ADMIN: "admin",
    Role.LEADER: "leader",
    Role.INSPECTOR: "inspector",
    Role.REVIEWER: "reviewer",
    Role.DEPARTMENT: "department",
    Role.VILLAGE: "village",
    Role.PRINCIPAL: "principal",
    Role.SAFETY_MANAGER: "safety",
    Role.UNIT_HEAD: "head",
    Role.TEAM_LEADER: "team",
    Role.EMPLOYEE: "employee",
}
TODAY = timezone.localdate()
# What a verb may ask for beyond `by` and `on`; a verb with a new argument adds it here.
ARGUMENTS = {
    "note": lambda people: "理由",
    "level": lambda people: "normal",
    "due_on": lambda people: TODAY + datetime.timedelta(days=3),
    "until": lambda people: TODAY + datetime.timedelta(days=30),
    "rectifier": lambda people: people.employee,
    "to": lambda people: people.safety,
    "measures": lambda people: "已装好防护罩",
    "photos": lambda people: [],
    "at": lambda people: timezone.now(),
    "layout": lambda people: {},
    "content": lambda people: {},
    "participants": lambda people: [],
    "record": lambda people: people.team_a,
    "verdict": lambda people: "true",
    "title": lambda people: "隐患治理情况",
    "party": lambda people: "重庆石角机械厂",
    "original": lambda people: "联系人张小明",
    "body": lambda people: "联系人张某某",
    "criteria": lambda people: [],
    "other_standard": lambda people: "建筑防火通用规范",
    "kinds": lambda people: [],
    "text": lambda people: "拉警戒线",
    "measure": lambda people: InterimMeasure(kind="warn", text="拉警戒线"),
    "report": lambda people: MajorReport(to="town"),
    "how": lambda people: "phone",
    "document": lambda people: None,
    "items": lambda people: [],
    "opinion": lambda people: "合格",
    "evaluation": lambda people: "",
    "percent": lambda people: 10,
    "is_unannounced": lambda people: False,
    "unannounced_reason": lambda people: "",
    "planned_on": lambda people: TODAY,
    "officers": lambda people: [people.inspector, people.inspector2],
    "override_reason": lambda people: "上级交办",
    "place": lambda people: "冲压车间",
    "party_name": lambda people: "厂长",
    "party_post": lambda people: "主要负责人",
    "party_phone": lambda people: "",
    "party_opinion": lambda people: "属实",
    "refusal": lambda people: "",
    "witness": lambda people: "",
    "signature": lambda people: [],
    "part": lambda people: "penalty",
    "served_on": lambda people: TODAY,
    "reported_on": lambda people: TODAY,
    "ordered_by": lambda people: "(綦石)应急责改〔2026〕1号",
    "passed": lambda people: True,
    "transfer": lambda people: None,
    "organ": lambda people: "綦江区应急管理局",
    "applied_on": lambda people: TODAY,
    "accepted_on": lambda people: TODAY,
    "started_on": lambda people: TODAY,
    "ended_on": lambda people: TODAY,
    "in_use_on": lambda people: TODAY,
    "department": lambda people: people.office,
    "number": lambda people: "綦经发备〔2026〕13号",
    "approved_on": lambda people: TODAY,
    "notified_on": lambda people: TODAY,
    "found_on": lambda people: TODAY,
    "filed_on": lambda people: TODAY,
    "receipt_number": lambda people: "綦应急备〔2026〕5号",
    "rest": lambda people: "",
    "into": lambda people: None,
    "inspection": lambda people: None,
    "public_value": lambda people: "03 11 17 24 29 33 08",
    "public_value_at": lambda people: timezone.now(),
    "witnesses": lambda people: ["王某 镇纪委", "李某 司法所"],
    "object": lambda people: people.factory.credit_code,
    "officer": lambda people: "",
    "people": lambda people: [people.inspector, people.inspector2],
    "variant": lambda people: SubmissionVariant(content={}),
}


def arguments(verb, people):
    """Keyword arguments for a verb, by its signature."""
    named = [p.name for p in inspect.signature(verb).parameters.values() if p.kind is not p.VAR_KEYWORD]
    names = [name for name in named if name not in ("self", "by", "on")]
    return {name: ARGUMENTS[name](people) for name in names}


def trace(row):
    """What a refused move must leave as it was."""
    return Event.objects.count(), type(row)._base_manager.filter(pk=row.pk).values().get()


def test_every_machine_has_a_row_to_be_tested_with():
    assert sorted(STATEFUL_FACTORIES) == [m._meta.label for m in MACHINES]


def test_every_role_has_a_person():
    assert set(PERSON_OF) == set(Role)


@pytest.mark.parametrize(("model", "name"), ARROWS)
def test_each_move_has_verb_form_label_and_states(model, name):
    move, states = model.MOVES[name], set(model.State.values)
    verb = getattr(model, name)
    assert callable(verb)
    assert (inspect.getdoc(verb) or "").strip().endswith((".", ")")), "a verb says in a sentence what it promises"
    assert {"by", "on"} <= set(inspect.signature(verb).parameters)
    assert re.search(r"[一-鿿]", move.label)
    assert move.sources
    assert set(move.sources) <= states
    assert move.target is None or move.target in states
    assert set(move.roles) <= set(Role)
    assert move.tone in {"primary", "secondary", "danger"}
    assert all(re.search(r"[一-鿿]", str(label)) for label in model.State.labels)


@pytest.mark.parametrize("model", MACHINES, ids=lambda m: m._meta.label)
def test_each_form_can_be_made_and_carries_the_version(model, people):
    row = STATEFUL_FACTORIES[model._meta.label](people)
    for name, move in model.MOVES.items():
        for role in move.roles:
            form = import_string(move.form)(None, None, instance=row, user=getattr(people, PERSON_OF[Role(role)]))
            assert form["version"].initial == row.version, name
            if not move.is_offered:
                continue
            # The form fills the verb: every field it cleans is an argument the verb takes.
            takes = inspect.signature(getattr(model, name)).parameters.values()
            required = [p.name for p in takes if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
            assert set(required) - {"self", "by", "on"} <= set(form.fields) | {"due_on", "until", "items"}, name


@pytest.mark.parametrize("model", MACHINES, ids=lambda m: m._meta.label)
def test_each_illegal_state_and_role_is_refused_without_a_trace(model, people):
    row = STATEFUL_FACTORIES[model._meta.label](people)
    people_by_role = {role: getattr(people, attribute) for role, attribute in PERSON_OF.items()}
    before, kept = trace(row), row.state
    for name, move in model.MOVES.items():
        tried = 0
        for state in model.State.values:
            for role, person in people_by_role.items():
                if state in move.sources and role in move.roles:
                    continue
                row.state = state
                with pytest.raises((MoveRefused, PermissionDenied)):
                    getattr(row, name)(by=person, on=TODAY, **arguments(getattr(row, name), people))
                tried += 1
                assert name not in [offer.name for offer in row.moves_for(person)]
        row.state = kept
        assert tried == len(model.State) * len(Role) - len(set(move.sources)) * len(set(move.roles)), name
        assert trace(row) == before, name


@pytest.mark.parametrize("model", MACHINES, ids=lambda m: m._meta.label)
def test_a_row_changed_meanwhile_is_not_overwritten(model, people):
    """The conditional update: a stale version loses, whoever makes the move."""
    row = STATEFUL_FACTORIES[model._meta.label](people)
    model._base_manager.filter(pk=row.pk).update(version=models.F("version") + 1)
    before = trace(row)
    name, person = next(
        (name, getattr(people, PERSON_OF[Role(role)]))
        for name, move in model.MOVES.items()
        for role in sorted(move.roles)
        if row.state in move.sources and not row.guard(name, getattr(people, PERSON_OF[Role(role)]))
    )
    with pytest.raises(MoveRefused, match="别人已处理"):
        row._move(name, by=person, on=TODAY)
    assert trace(row) == before
