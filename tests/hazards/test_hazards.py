"""The life of a general hazard: every move, wrong person, wrong state, twice, stale."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.models import Attachment, Event, MoveRefused, Submission
from core.workdays import next_workday
from hazards.models import Extension, Hazard
from tests import factories as f
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SOON = TODAY + datetime.timedelta(days=3)


@pytest.fixture(autouse=True)
def rules(db):
    for code, value, unit in (
        ("hazard.decide", 1, "W"),
        ("hazard.accept", 2, "W"),
        ("hazard.general.minor", 1, "C"),
        ("hazard.general.light", 3, "C"),
        ("hazard.general.normal", 7, "C"),
        ("hazard.general.serious", 15, "C"),
    ):
        f.DeadlineRuleFactory(code=code, value=value, unit=unit)


@pytest.fixture
def hazard(people):
    return Hazard.report(
        by=people.team,
        on=TODAY,
        enterprise=people.factory,
        unit=people.team_a,
        source="team",
        level="light",
        place="2号冲床",
        description="防护罩缺失",
    )


@pytest.fixture
def assigned(people, hazard):
    hazard.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=SOON, level="light")
    return hazard


@pytest.fixture
def fixed(people, assigned):
    assigned.submit_fix(by=people.head, on=TODAY, measures="已装回", photos=[Attachment.take_in(jpeg(), by=people.head)])
    return assigned


def move(row, name):
    return reverse("hazard_move", args=[row.pk, name])


@pytest.mark.req("R23")
def test_report_gives_a_number_a_deadline_and_the_first_event(people, hazard):
    second = Hazard.report(by=people.team, on=TODAY, enterprise=people.factory, source="snap", place="门口", description="油污")
    assert (hazard.number, second.number) == (f"YH{TODAY.year}-000001", f"YH{TODAY.year}-000002")
    event = Event.objects.of(hazard).get()
    assert (event.move, event.note, event.enterprise_id, event.area_code, event.by) == (
        "open",
        "防护罩缺失",
        people.factory.pk,
        people.factory.area_id,
        people.team,
    )
    assert hazard.decide_by_on > TODAY


@pytest.mark.req("R23")
@pytest.mark.parametrize(("level", "days"), [("minor", 1), ("light", 3), ("normal", 7), ("serious", 15), ("major", 1)])
def test_default_deadline_comes_from_the_rule_of_the_level(hazard, level, days):
    assert hazard.default_due_on(level, TODAY) == next_workday(TODAY + datetime.timedelta(days=days))


def test_assign_refuses_strangers_past_days_and_other_roles(people, hazard):
    with pytest.raises(MoveRefused, match="本企业在岗"):
        hazard.assign(by=people.safety, on=TODAY, rectifier=people.outsider, due_on=SOON, level="light")
    with pytest.raises(MoveRefused, match="早于今天"):
        hazard.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=TODAY - datetime.timedelta(days=1), level="light")
    for user in (people.employee, people.team, people.inspector, people.village):
        with pytest.raises(PermissionDenied):
            hazard.assign(by=user, on=TODAY, rectifier=people.head, due_on=SOON, level="light")
    hazard.refresh_from_db()
    assert (hazard.state, hazard.version, Event.objects.of(hazard).count()) == ("reported", 0, 1)


def test_assign_form_names_the_person_the_day_and_offers_the_default(people, sign_in, hazard):
    client = sign_in(people.safety)
    form = client.get(move(hazard, "assign")).context["form"]
    assert sorted(u.username for u in form.fields["rectifier"].queryset) == ["employee", "head", "principal", "safety", "team", "team_b"]
    bad = client.post(move(hazard, "assign"), {"version": 0, "level": "light", "quick": "", "other_day": "2019-01-01", "note": "先停机"})
    assert bad.status_code == 422
    assert bad.context["form"].errors["rectifier"] == ["请选择整改人。"]
    assert bad.context["form"].errors["other_day"] == ["整改期限不能早于今天。"]
    assert "先停机" in bad.content.decode()
    good = {"version": 0, "level": "light", "quick": SOON.isoformat(), "rectifier": people.head.pk}
    assert client.post(move(hazard, "assign"), good).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.state, hazard.rectifier, hazard.due_on) == ("assigned", people.head, SOON)
    assert Event.objects.of(hazard).last().data["lines"] == [f"整改人:{people.head.name}", f"期限:{SOON}", "级别:较轻"]


@pytest.mark.req("R23")
def test_only_the_rectifier_fixes_and_must_show_a_photo(people, sign_in, assigned):
    for name in ("start_fix", "submit_fix"):
        with pytest.raises(MoveRefused, match="只有整改人"):
            getattr(assigned, name)(by=people.team, on=TODAY, **({"measures": "x", "photos": []} if name == "submit_fix" else {}))
    without = sign_in(people.head).post(move(assigned, "submit_fix"), {"version": 1, "measures": "已装回"})
    assert (without.status_code, without.context["form"].errors["photos"]) == (422, ["请至少拍一张照片。"])
    assigned.start_fix(by=people.head, on=TODAY)
    assert assigned.state == "rectifying"
    assert (
        sign_in(people.head).post(move(assigned, "submit_fix"), {"version": 2, "measures": "已装回", "photos": jpeg()}).status_code == 302
    )
    assigned.refresh_from_db()
    assert (assigned.state, assigned.measures, assigned.fixed_on, assigned.accept_by_on > TODAY) == (
        "pending_acceptance",
        "已装回",
        TODAY,
        True,
    )


def test_photo_of_a_failed_form_is_kept(people, sign_in, assigned):
    client = sign_in(people.head)
    first = client.post(move(assigned, "submit_fix"), {"version": 1, "measures": "", "photos": jpeg()})
    photo = Attachment.objects.get()
    assert first.status_code == 422
    assert str(photo.uid) in first.content.decode()
    again = client.post(move(assigned, "submit_fix"), {"version": 1, "measures": "已装回", "photos_ids": str(photo.uid)})
    assert again.status_code == 302
    assert [a.pk for a in Attachment.objects.of(assigned)] == [photo.pk]


@pytest.mark.req("R23")
def test_acceptor_is_neither_rectifier_nor_finder(people, fixed):
    with pytest.raises(MoveRefused, match="验收人不能是整改人"):
        fixed.accept_fix(by=people.head, on=TODAY)
    with pytest.raises(MoveRefused, match="上报人不能验收"):
        fixed.accept_fix(by=people.team, on=TODAY)
    with pytest.raises(PermissionDenied):
        fixed.accept_fix(by=people.employee, on=TODAY)
    with pytest.raises(MoveRefused, match="只验收 3 人及以下"):
        fixed.accept_fix(by=people.village, on=TODAY)
    fixed.accept_fix(by=people.safety, on=TODAY, note="看过")
    assert (fixed.state, fixed.closed_by, fixed.closed_on) == ("closed", people.safety, TODAY)
    with pytest.raises(MoveRefused):
        fixed.accept_fix(by=people.principal, on=TODAY)


def test_database_itself_refuses_acceptor_as_rectifier_and_halves(people, fixed):
    rows = Hazard.objects.filter(pk=fixed.pk)
    for bad in ({"closed_by": people.head, "closed_on": TODAY}, {"closed_on": TODAY}, {"state": "closed"}, {"rectifier": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**bad)


@pytest.mark.req("R23", "R82")
@pytest.mark.parametrize("acceptor", ["village", "inspector"])
def test_firm_of_three_is_accepted_by_town_or_village(people, fixed, acceptor):
    people.factory.headcount = 3
    people.factory.save()
    fixed.refresh_from_db()
    with pytest.raises(MoveRefused, match="由镇或村"):
        fixed.accept_fix(by=people.safety, on=TODAY)
    assert fixed in Hazard.objects.waiting_for(getattr(people, acceptor))
    fixed.accept_fix(by=getattr(people, acceptor), on=TODAY)
    assert fixed.state == "closed"


def test_returned_fix_is_sent_again_and_pairs_the_latest_photos(people, sign_in, fixed):
    with pytest.raises(TypeError):
        fixed.return_fix(by=people.safety, on=TODAY)
    assert sign_in(people.safety).post(move(fixed, "return_fix"), {"version": 2, "note": ""}).status_code == 422
    fixed.return_fix(by=people.safety, on=TODAY, note="看不清")
    assert "看不清" in sign_in(people.head).get(fixed.get_absolute_url()).content.decode()
    fixed.submit_fix(by=people.head, on=TODAY, measures="重拍", photos=[Attachment.take_in(jpeg(), by=people.head)])
    page = sign_in(people.safety).get(fixed.get_absolute_url())
    assert ([len(page.context[k]) for k in ("after", "earlier")], fixed.state) == ([1, 1], "pending_acceptance")


def test_reject_needs_a_reason_and_major_is_not_the_firms_to_reject(people, sign_in, hazard):
    assert sign_in(people.safety).post(move(hazard, "reject"), {"version": 0, "note": " "}).status_code == 422
    Hazard.objects.filter(pk=hazard.pk).update(level="major")
    hazard.refresh_from_db()
    with pytest.raises(MoveRefused, match="疑似重大隐患不能由企业单独驳回"):
        hazard.reject(by=people.safety, on=TODAY, note="不是")
    hazard.regrade(by=people.inspector, on=TODAY, level="normal", note="现场核实不符合判定标准")
    hazard.reject(by=people.safety, on=TODAY, note="图纸如此")
    assert hazard.state == "rejected"
    assert [e.note for e in Event.objects.of(hazard)][1:] == ["现场核实不符合判定标准", "图纸如此"]


def test_town_finding_is_rejected_and_accepted_by_the_town_only(people):
    row = Hazard.report(by=people.inspector, on=TODAY, enterprise=people.factory, source="inspection", place="库房", description="堵塞")
    with pytest.raises(MoveRefused, match="不能由企业驳回"):
        row.reject(by=people.principal, on=TODAY, note="不认可")
    row.assign(by=people.principal, on=TODAY, rectifier=people.head, due_on=SOON, level="normal")
    row.submit_fix(by=people.head, on=TODAY, measures="已清", photos=[Attachment.take_in(jpeg(), by=people.head)])
    with pytest.raises(MoveRefused, match="由镇执法人员验收"):
        row.accept_fix(by=people.safety, on=TODAY)
    row.accept_fix(by=people.inspector2, on=TODAY)
    assert row.state == "closed"


def test_extension_asked_granted_refused(people, sign_in, assigned):
    later = SOON + datetime.timedelta(days=7)
    with pytest.raises(MoveRefused, match="晚于现在的期限"):
        assigned.ask_extension(by=people.head, on=TODAY, until=SOON, note="等货")
    form = {"version": 1, "quick": "", "other_day": later.isoformat(), "note": "等货"}
    assert sign_in(people.head).post(move(assigned, "ask_extension"), form).status_code == 302
    assigned.refresh_from_db()
    assert (assigned.state, assigned.due_on) == ("assigned", SOON)
    assert assigned in Hazard.objects.waiting_for(people.safety)
    with pytest.raises(MoveRefused, match="已有一个延期申请"):
        assigned.ask_extension(by=people.head, on=TODAY, until=later, note="再等")
    with pytest.raises(PermissionDenied):
        assigned.grant_extension(by=people.team, on=TODAY)
    assigned.grant_extension(by=people.safety, on=TODAY, note="同意")
    assert (assigned.due_on, Extension.objects.get().answer) == (later, "granted")
    with pytest.raises(MoveRefused, match="没有等待答复"):
        assigned.grant_extension(by=people.principal, on=TODAY)
    assigned.ask_extension(by=people.head, on=TODAY, until=later + datetime.timedelta(days=9), note="还要")
    assigned.refuse_extension(by=people.principal, on=TODAY, note="不行")
    assert (assigned.due_on, sorted(Extension.objects.values_list("answer", flat=True))) == (later, ["granted", "refused"])


def test_own_request_for_time_is_not_ones_own_to_grant(people, hazard):
    hazard.assign(by=people.principal, on=TODAY, rectifier=people.safety, due_on=SOON, level="light")
    hazard.ask_extension(by=people.safety, on=TODAY, until=SOON + datetime.timedelta(days=1), note="等货")
    with pytest.raises(MoveRefused, match="自己的延期申请"):
        hazard.grant_extension(by=people.safety, on=TODAY)


def test_reassigning_drops_the_open_request(people, assigned):
    assigned.ask_extension(by=people.head, on=TODAY, until=SOON + datetime.timedelta(days=1), note="等货")
    assigned.reassign(by=people.safety, on=TODAY, rectifier=people.team, note="休假")
    assert (assigned.rectifier, assigned.state, assigned.due_on, assigned.open_extension) == (people.team, "assigned", SOON, None)


def test_second_person_is_told_who_and_when_and_keeps_the_text(people, sign_in, fixed):
    fixed.return_fix(by=people.principal, on=TODAY, note="照片不清")
    response = sign_in(people.safety).post(move(fixed, "return_fix"), {"version": 2, "note": "我写的理由"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "厂长 于" in page
    assert "照片不清" in page
    assert "我写的理由" in page
    assert Event.objects.of(fixed).filter(move="return_fix").count() == 1


def test_double_click_is_one_move_and_one_answer(people, sign_in, fixed):
    client = sign_in(people.safety)
    answers = [client.post(move(fixed, "accept_fix"), {"version": 2, "note": "好"}) for _ in range(2)]
    assert [(a.status_code, a.url) for a in answers] == [(302, fixed.get_absolute_url())] * 2
    assert Event.objects.of(fixed).filter(move="accept_fix").count() == 1


def test_derived_states_agree_with_their_querysets(people, assigned):
    late = TODAY - datetime.timedelta(days=1)
    Hazard.objects.filter(pk=assigned.pk).update(due_on=late)
    others = [
        f.HazardFactory(state=s, enterprise=people.factory, rectifier=people.head, due_on=late)
        for s in ("pending_acceptance", "rectifying", "returned")
    ]
    f.HazardFactory(state="closed", enterprise=people.factory, rectifier=people.head, due_on=late, closed_on=TODAY, closed_by=people.safety)
    rows = list(Hazard.objects.order_by("pk"))
    assert sorted(h.pk for h in rows if h.is_overdue(TODAY)) == sorted(Hazard.objects.overdue(TODAY).values_list("pk", flat=True))
    assert {h.pk for h in rows if h.is_open} == set(Hazard.objects.open().values_list("pk", flat=True))
    assert Hazard.objects.overdue(TODAY).count() == 3
    assert others[0] not in Hazard.objects.overdue(TODAY)


def test_scope_by_unit_and_person(people, hazard):
    elsewhere = Hazard.report(
        by=people.team_b, on=TODAY, enterprise=people.factory, unit=people.team_b_unit, source="team", place="x", description="乙班的"
    )
    snap = Hazard.report(by=people.employee, on=TODAY, enterprise=people.factory, source="snap", place="y", description="随手拍")
    abroad = Hazard.report(by=people.foreign, on=TODAY, enterprise=people.abroad, source="inspection", place="z", description="邻镇的")
    seen = lambda user: set(Hazard.objects.for_user(user))  # noqa: E731
    assert seen(people.team) == {hazard}
    assert seen(people.team_b) == {elsewhere}
    assert seen(people.head) == {hazard, elsewhere}
    assert seen(people.employee) == {snap}
    for user in (people.safety, people.principal, people.inspector, people.village, people.department, people.leader):
        assert seen(user) == {hazard, elsewhere, snap}
    assert seen(people.outsider) == set()
    assert seen(people.foreign) == {abroad}


@pytest.mark.req("R23")
def test_snapshot_report_is_taken_once(people, sign_in):
    client, url, client_id = sign_in(people.employee), reverse("hazard_report"), str(uuid.uuid4())
    photo = Attachment.take_in(jpeg(), by=people.employee)
    data = {"client_id": client_id, "place": "门口", "description": "地面有油", "photos_ids": str(photo.uid)}
    answers = [client.post(url, data) for _ in range(2)]
    row = Hazard.objects.get()
    assert [a.url for a in answers] == [row.get_absolute_url()] * 2
    assert (row.source, row.found_by, row.enterprise, Submission.objects.get().receipt) == (
        "snap",
        people.employee,
        people.factory,
        row.number,
    )
    other = client.post(url, {**data, "description": "改了的描述"})
    assert other.status_code == 409
    assert row.number in other.content.decode()
    assert "改了的描述" in other.content.decode()
    assert Hazard.objects.count() == 1
    empty = client.post(url, {"client_id": str(uuid.uuid4())})
    assert (empty.status_code, sorted(empty.context["form"].errors)) == (422, ["description", "photos", "place"])


def test_town_reports_at_an_enterprise_of_its_area_only(people, sign_in):
    url = reverse("hazard_report")
    data = {"client_id": str(uuid.uuid4()), "place": "库房", "description": "通道堵塞", "photos": jpeg()}
    assert sign_in(people.village).post(url, {**data, "enterprise": people.neighbour.pk}).status_code == 422
    data["photos"] = jpeg()
    assert sign_in(people.village).post(url, {**data, "enterprise": people.factory.pk}).status_code == 302
    assert Hazard.objects.get().source == "inspection"
    assert sign_in(people.reviewer).get(url).status_code == 403


def test_list_filters_and_exports_exactly_the_filter(people, sign_in, hazard, tmp_path):
    from io import BytesIO

    from openpyxl import load_workbook

    Hazard.report(
        by=people.team, on=TODAY, enterprise=people.factory, source="snap", place="门口", description='=HYPERLINK("http://x","y")'
    )
    client = sign_in(people.safety)
    page = client.get(reverse("hazard_list"), {"source": "snap"})
    assert [h.source for h in page.context["object_list"]] == ["snap"]
    book = load_workbook(BytesIO(client.get(reverse("hazard_list"), {"source": "snap", "export": "xlsx"}).content))
    rows = list(book.active.iter_rows(min_row=2))
    assert len(rows) == 1
    assert (rows[0][4].value, rows[0][4].data_type) == ('=HYPERLINK("http://x","y")', "s")
    assert client.get(reverse("hazard_list"), {"view": "mine"}).context["object_list"].count() == 2
    assert client.get(reverse("hazard_list"), {"state": "nonsense"}).status_code == 200


def test_suspected_major_and_town_findings_close_by_the_town_even_in_the_smallest_firm(people, fixed):
    people.factory.headcount = 2
    people.factory.save()
    for change in ({"level": "major"}, {"source": "inspection"}):
        Hazard.objects.filter(pk=fixed.pk).update(**{"level": "light", "source": "team", **change})
        row = Hazard.objects.get(pk=fixed.pk)
        with pytest.raises(MoveRefused, match="由镇执法人员验收"):
            row.accept_fix(by=people.village, on=TODAY)
        assert row in Hazard.objects.waiting_for(people.inspector)
        assert row not in Hazard.objects.waiting_for(people.village)
        assert row not in Hazard.objects.waiting_for(people.safety)


def test_waiting_for_somebody_means_he_can_do_something(people, assigned):
    state = lambda **more: f.HazardFactory(enterprise=people.factory, unit=people.team_a, found_by=people.employee, **more)  # noqa: E731
    given = {"rectifier": people.head, "due_on": SOON}
    for source in ("team", "inspection"):
        for level in ("light", "major"):
            state(source=source, level=level)
            for name in ("assigned", "rectifying", "returned", "pending_acceptance"):
                state(source=source, level=level, state=name, **given)
    assigned.ask_extension(by=people.head, on=TODAY, until=SOON + datetime.timedelta(days=2), note="等货")
    for name in ("principal", "safety", "head", "team", "employee", "inspector", "village", "leader", "outsider"):
        user = getattr(people, name)
        for row in Hazard.objects.waiting_for(user):
            assert row.moves_for(user), (name, row.state, row.source, row.level)
    assert Hazard.objects.waiting_for(people.inspector).count() == 11
    assert Hazard.objects.waiting_for(people.team).count() == 1
    assert Hazard.objects.waiting_for(people.leader).count() == 0


def test_the_last_day_is_within_a_year(people, hazard, sign_in):
    far = TODAY + datetime.timedelta(days=400)
    with pytest.raises(MoveRefused, match="不能超过一年"):
        hazard.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=far, level="light")
    form = {"version": 0, "level": "light", "quick": "", "other_day": "9999-12-31", "rectifier": people.head.pk}
    assert sign_in(people.safety).post(move(hazard, "assign"), form).status_code == 422
    hazard.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=SOON, level="light")
    with pytest.raises(MoveRefused, match="不能超过今天起一年"):
        hazard.ask_extension(by=people.head, on=TODAY, until=far, note="很久")


def test_a_photo_is_evidence_once(people, sign_in, assigned):
    used = Attachment.take_in(jpeg(), by=people.head)
    other = Hazard.report(by=people.head, on=TODAY, enterprise=people.factory, source="snap", place="x", description="y", photos=[used])
    response = sign_in(people.head).post(move(assigned, "submit_fix"), {"version": 1, "measures": "好了", "photos_ids": str(used.uid)})
    assert (response.status_code, response.context["form"].errors["photos"]) == (422, ["请至少拍一张照片。"])
    with pytest.raises(MoveRefused, match="已经用在别的记录上"):
        assigned.submit_fix(by=people.head, on=TODAY, measures="好了", photos=[used])
    assert list(Attachment.objects.of(other)) == [used]
    assert Hazard.objects.get(pk=assigned.pk).state == "assigned"


def test_other_content_sent_twice_is_not_taken_for_an_echo(people, sign_in, fixed):
    client = sign_in(people.safety)
    first = client.post(move(fixed, "accept_fix"), {"version": 2, "note": "好"})
    second = client.post(move(fixed, "accept_fix"), {"version": 2, "note": "另一段话"})
    assert (first.status_code, second.status_code) == (302, 409)
    assert "另一段话" in second.content.decode()


def test_extension_of_a_town_finding_is_the_towns_to_decide(people):
    row = Hazard.report(by=people.inspector, on=TODAY, enterprise=people.factory, source="inspection", place="库房", description="堵塞")
    row.assign(by=people.principal, on=TODAY, rectifier=people.head, due_on=SOON, level="normal")
    row.ask_extension(by=people.head, on=TODAY, until=SOON + datetime.timedelta(days=2), note="等货")
    with pytest.raises(MoveRefused, match="镇执法人员答复延期"):
        row.grant_extension(by=people.safety, on=TODAY)
    row.grant_extension(by=people.inspector2, on=TODAY)
    assert row.due_on == SOON + datetime.timedelta(days=2)


def test_inspector_does_not_reject_what_the_firm_reported_itself(people, hazard):
    with pytest.raises(MoveRefused, match="由企业自己受理"):
        hazard.reject(by=people.inspector, on=TODAY, note="x")


def test_odd_filters_are_no_error(people, sign_in):
    client = sign_in(people.inspector)
    for query in (
        "enterprise=99999999999999999999999",
        "enterprise=1e30",
        "page=abc",
        "page=999",
        "state=x",
        "found_from=0000-00-00",
        "q=%00",
        "sector=-1",
    ):
        for name in ("hazard_list", "check_list"):
            assert client.get(f"{reverse(name)}?{query}").status_code == 200, (name, query)
