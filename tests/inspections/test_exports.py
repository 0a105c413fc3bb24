"""Exports for the district: columns as the town sets them, text that stays text, once and in scope."""

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from core.models import Job
from core.work import sweep
from inspections import exports
from inspections.models import ExportLayout
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def layout(people):
    """layout(what, columns) → one of the town's."""

    def make(what="orders", columns=None, **facts):
        columns = columns or exports.default_columns(what)
        return ExportLayout.objects.create(
            area=people.town, name=facts.pop("name", f"{what}格式"), what=what, columns=columns, by=people.inspector
        )

    return make


def table(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_columns_are_chosen_ordered_and_renamed(people, client, layout):
    row = course.served(people)
    made = layout()
    client.force_login(people.inspector)
    url = reverse("district_export_layout", args=[made.pk])
    fields = {field.code: field.label for field in exports.FIELDS["orders"]}
    data = {
        "name": "区平台",
        "version": 0,
        **{f"at_{code}": 50 for code in fields},
        **{f"as_{code}": label for code, label in fields.items()},
    }
    data |= {"on_number": "on", "at_number": 2, "as_number": "文号", "on_firm": "on", "at_firm": 1, "as_firm": "单位"}
    assert client.post(url, data).url == made.get_absolute_url()
    made.refresh_from_db()
    assert (made.name, made.columns, made.version, made.by) == ("区平台", [["firm", "单位"], ["number", "文号"]], 1, people.inspector)
    answer = client.get(made.get_absolute_url(), {"export": "xlsx"})
    assert table(answer.content) == [["单位", "文号"], [people.factory.name, row.printed_number]]
    stale = client.post(url, data)
    assert (stale.status_code, "别人改过" in stale.content.decode()) == (409, True)
    assert "文号" in stale.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"on_number": ""}, "至少选一列"),
        ({"on_firm": "on", "as_firm": "文号"}, "用了两次"),
        ({"name": ""}, "名称"),
        ({"at_number": "x"}, "次序"),
    ],
)
def test_a_wrong_layout_is_refused_with_what_was_typed(people, client, layout, wrong, words):
    made = layout(columns=[["number", "文号"]])
    client.force_login(people.inspector)
    fields = {field.code: field.label for field in exports.FIELDS["orders"]}
    data = {"name": "格式", "version": 0, **{f"at_{code}": 5 for code in fields}, **{f"as_{code}": label for code, label in fields.items()}}
    data |= {"on_number": "on", "as_number": "文号"}
    answer = client.post(reverse("district_export_layout", args=[made.pk]), {**data, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_text_is_never_a_formula(people, client, layout):
    people.factory.name = '=HYPERLINK("http://x")'
    people.factory.save()
    course.served(people)
    made = layout(columns=[["firm", "=1+1"], ["due_on", "期限"]])
    client.force_login(people.inspector)
    rows = table(client.get(made.get_absolute_url(), {"export": "xlsx"}).content)
    assert rows[0][0] == "=1+1"
    assert rows[1] == ['=HYPERLINK("http://x")', later(15)]


@pytest.mark.parametrize("what", ["inspections", "orders", "hazards"])
def test_every_field_can_be_read_of_every_kind_and_of_what_came_from_paper(people, client, layout, what, django_assert_max_num_queries):
    course.served(people)
    order = course.Order.objects.get()
    course.Order.objects.filter(pk=order.pk).update(inspection=None, is_carried=True, paper_number="旧〔2018〕1号")
    f.HazardFactory(source="inspection", enterprise=people.factory)
    people.factory.sector = None
    people.factory.save()
    made = layout(what)
    client.force_login(people.inspector)
    with django_assert_max_num_queries(25):
        page = client.get(made.get_absolute_url(), {"start": f"{later(-400)}", "end": f"{TODAY}"})
    assert page.status_code == 200
    assert len(page.context["cells"]) == (2 if what == "hazards" else 1)
    assert client.get(made.get_absolute_url(), {"start": f"{later(1)}"}).context["cells"] == []


def test_many_rows_become_a_job_that_writes_the_same(people, client, layout, settings):
    course.served(people)
    settings.EXPORT_DIRECT_ROWS = 0
    made = layout(columns=[["number", "文号"]])
    client.force_login(people.inspector)
    answer = client.get(made.get_absolute_url(), {"export": "xlsx"})
    job = Job.objects.get()
    assert answer.url == reverse("job_detail", args=[job.pk])
    sweep()
    job.refresh_from_db()
    assert (job.state, table(job.result.read())) == ("done", [["文号"], [course.Order.objects.get().printed_number]])


def test_layouts_are_the_towns_own(people, client, layout):
    made = layout()
    for name, status in (("foreign", 404), ("leader", 403), ("principal", 403), ("admin", 200)):
        client.force_login(getattr(people, name))
        assert client.get(made.get_absolute_url()).status_code == status, name
        assert client.get(reverse("district_export_layout", args=[made.pk])).status_code == status, name


def test_a_new_layout_has_every_column_and_a_name_of_its_own(people, client):
    client.force_login(people.inspector)
    answer = client.post(reverse("district_export"), {"name": "月报", "what": "hazards"})
    made = ExportLayout.objects.get()
    assert (answer.url, made.columns) == (reverse("district_export_layout", args=[made.pk]), exports.default_columns("hazards"))
    again = client.post(reverse("district_export"), {"name": "月报", "what": "hazards"})
    assert (again.status_code, ExportLayout.objects.count()) == (422, 1)
    assert client.get(answer.url).status_code == 200


def test_a_column_that_no_longer_exists_is_left_out(people, layout):
    made = layout(columns=[["number", "文号"], ["gone", "旧列"]])
    assert [heading for heading, _ in exports.readers(made)] == ["文号"]
