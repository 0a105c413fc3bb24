"""Walks never count as inspections; visits of other authorities do; both are known before a visit is planned."""

import uuid

import pytest
from django.urls import reverse

from core.models import Attachment, Event
from inspections.models import OutsideVisit, Patrol
from inspections.models.guard import known_of
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db


def patrol(people, enterprise=None, **facts):
    given = {"walker": "village", "names": "刘村安", "on": TODAY, "text": "提醒清理通道", **facts}
    return Patrol.log(by=people.village, today=TODAY, enterprise=enterprise or people.factory, **given)


def sent(people, **facts):
    given = {
        "client_id": str(uuid.uuid4()),
        "enterprise": people.factory.pk,
        "on": f"{TODAY}",
        "walker": "village",
        "names": "刘村安",
        "text": "通道堆物,已提醒",
    }
    return {**given, **facts}


@pytest.mark.req("R82")
def test_a_village_registers_a_walk_once_and_reports_from_it(people, client):
    client.force_login(people.village)
    assert "找企业" in client.get(reverse("patrol_new")).content.decode()
    data = {**sent(people), "photos": jpeg()}
    first = client.post(reverse("patrol_new"), data)
    row = Patrol.objects.get()
    assert (first.status_code, first.url) == (302, reverse("patrol_detail", args=[row.pk]))
    assert client.post(reverse("patrol_new"), {**data, "photos": jpeg()}).url == first.url
    assert Patrol.objects.count() == 1
    assert client.post(reverse("patrol_new"), {**data, "photos": jpeg(), "text": "别的话"}).status_code == 409
    page = client.get(first.url).content.decode()
    assert "不计为执法检查" in page
    assert f"{reverse('hazard_report')}?enterprise={people.factory.pk}" in page
    assert Attachment.objects.of(row).count() == 1
    assert Event.objects.of(row).get().label == "登记走访"


def test_what_is_wrong_is_said_and_the_text_kept(people, client):
    client.force_login(people.village)
    for wrong, words in (
        ({"on": f"{later(1)}"}, "不能晚于今天"),
        ({"text": ""}, "请写明看到的情况"),
        ({"walker": ""}, "请选择走访人员"),
        ({"enterprise": people.neighbour.pk}, "不在您的范围内"),
    ):
        answer = client.post(reverse("patrol_new"), sent(people, **wrong))
        assert answer.status_code == 422, wrong
        assert words in answer.content.decode(), wrong
    assert "刘村安" in client.post(reverse("patrol_new"), sent(people, text="")).content.decode()
    assert Patrol.objects.count() == 0


@pytest.mark.req("B7", "R82")
def test_a_walk_is_known_but_never_counted(people):
    course.law()
    for back in range(3):
        patrol(people, on=later(-back))
    known = known_of(people.factory, TODAY, "planned")
    assert (len(known.patrols), known.this_year, known.warnings) == (3, 0, [])


@pytest.mark.req("B7", "R72")
def test_a_visit_of_another_authority_is_counted_and_warned_of(people, client):
    course.law()
    client.force_login(people.inspector)
    data = {"client_id": str(uuid.uuid4()), "enterprise": people.factory.pk, "organ": "区应急管理局", "on": f"{TODAY}", "note": "粉尘"}
    for _ in range(2):
        assert client.post(reverse("outside_new"), data).url == reverse("outside_list")
    known = known_of(people.factory, TODAY, "planned")
    assert (known.this_year, "区应急管理局" in known.warnings[0]) == (1, True)
    assert OutsideVisit.objects.get().by == people.inspector
    assert Event.objects.of(people.factory).get(move="outside_visit").audience == "town"
    again = client.post(reverse("outside_new"), {**data, "client_id": str(uuid.uuid4())})
    assert (again.status_code, "已经登记过" in again.content.decode()) == (422, True)


def test_lists_filter_and_export(people, client):
    patrol(people)
    patrol(people, enterprise=people.neighbour, walker="grid", names="王网格", on=later(-40))
    client.force_login(people.inspector)
    rows = lambda **given: [row.names for row in client.get(reverse("patrol_list"), given).context["object_list"]]  # noqa: E731
    assert rows() == ["刘村安", "王网格"]
    assert (rows(walker="grid"), rows(q="邻家"), rows(start=f"{later(-3)}"), rows(q="没有")) == (["王网格"], ["王网格"], ["刘村安"], [])
    assert client.get(reverse("patrol_list"), {"export": "xlsx"})["Content-Disposition"].endswith(".xlsx")
    OutsideVisit.objects.create(enterprise=people.factory, organ="区应急局", on=TODAY, by=people.inspector)
    assert [row.organ for row in client.get(reverse("outside_list"), {"q": "应急"}).context["object_list"]] == ["区应急局"]


def test_the_file_shows_walks_to_the_firm_and_other_authorities_to_the_town(people, client):
    patrol(people)
    patrol(people, enterprise=people.neighbour)
    OutsideVisit.objects.create(enterprise=people.factory, organ="市应急局", on=TODAY, by=people.inspector)
    url = reverse("enterprise_patrols", args=[people.factory.pk])
    for name, sees in (("inspector", True), ("village", True), ("principal", False)):
        client.force_login(getattr(people, name))
        page = client.get(url)
        assert len(page.context["object_list"]) == 1
        assert ("市应急局" in page.content.decode()) is sees, name
    client.force_login(people.village)
    assert client.get(reverse("enterprise_patrols", args=[people.neighbour.pk])).status_code == 404


def test_nobody_sees_walks_of_another_firm(people):
    mine, other = patrol(people), patrol(people, enterprise=people.neighbour)
    found = {
        name: set(Patrol.objects.for_user(getattr(people, name)))
        for name in ("principal", "outsider", "village", "foreign", "employee", "inspector")
    }
    assert found == {
        "principal": {mine},
        "outsider": {other},
        "village": {mine},
        "foreign": set(),
        "employee": set(),
        "inspector": {mine, other},
    }
