"""Pages of results owed to the public: the list, one draft, drafts for all, the visit's own page, desk and homes."""

import io
import uuid

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from documents.models import Publication
from inspections.models import Inspection, InspectionResult
from tests import factories as f
from tests.inspections import results
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db
LIST = "result_list"


@pytest.fixture
def rows(people):
    """One of each standing: undrafted and late, drafted, public, waived."""
    visits = {name: results.closed(people) for name in ("late", "drafted", "public", "waived")}
    Inspection.objects.filter(pk=visits["late"].pk).update(publish_by_on=later(-1))
    results.drafted(people, visits["drafted"])
    results.published(people, visits["public"])
    visits["waived"].waive_result(by=people.leader, on=TODAY, note="国家秘密")
    return visits


def shown(client, **query):
    return [row.pk for row in client.get(reverse(LIST), query).context["object_list"]]


def test_the_list_filters_by_how_the_publication_stands(people, rows, sign_in):
    client = sign_in(people.inspector)
    found = {view: set(shown(client, view=view)) for view in ("owed", "undrafted", "drafted", "late", "public", "waived")}
    pks = {name: row.pk for name, row in rows.items()}
    assert found == {
        "owed": {pks["late"], pks["drafted"]},
        "undrafted": {pks["late"]},
        "drafted": {pks["drafted"]},
        "late": {pks["late"]},
        "public": {pks["public"]},
        "waived": {pks["waived"]},
    }
    assert set(shown(client)) == set(pks.values())
    assert shown(client, q=rows["late"].enterprise.name) == [pks["late"]]
    assert (shown(client, start=later(1).isoformat()), len(shown(client, end=TODAY.isoformat()))) == ([], 4)
    page = client.get(reverse(LIST))
    assert page.text.count("公示逾期") == 2, "the choice of the filter and one badge"
    assert Publication.objects.exclude(number=None).get().number in page.text


def test_the_export_is_the_filter(people, rows, sign_in):
    answer = sign_in(people.leader).get(reverse(LIST), {"view": "public", "export": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet] == ["检查编号", rows["public"].number]
    assert sheet[1][7:9] == ["公示中", Publication.objects.exclude(number=None).get().number]


def test_a_correction_under_way_does_not_hide_what_is_public(people, rows, sign_in):
    old = Publication.objects.exclude(number=None).get()
    texts = {name: getattr(old, name) for name in ("title", "party", "original")}
    new = old.correct(by=people.inspector, on=TODAY, body="更正后的正文", **texts)
    for user in (people.leader, people.department):
        (row,) = sign_in(user).get(reverse(LIST), {"view": "public"}).context["visits"]
        assert row[1:] == (old, "公示中", old.number, False)
    answer = sign_in(people.leader).get(reverse(LIST), {"view": "public", "export": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert (sheet[1][7:9], sheet[1][9]) == (["公示中", old.number], TODAY)
    new.review(by=people.reviewer, on=TODAY)
    new.publish(by=people.leader, on=TODAY)
    (row,) = sign_in(people.leader).get(reverse(LIST), {"view": "public"}).context["visits"]
    assert row[1:] == (new, "公示中", new.number, False)


def test_one_press_drafts_all_that_have_none_and_a_second_sending_changes_nothing(people, rows, sign_in):
    more = results.closed(people)
    client, url = sign_in(people.inspector), reverse("result_drafts")
    assert "为没有拟的 2 次拟公示" in client.get(reverse(LIST)).text
    sent = {"client_id": str(uuid.uuid4())}
    answers = [client.post(url, sent) for _ in range(3)]
    assert {answer.url for answer in answers} == {f"{reverse('publication_list')}?state=draft"}
    made = InspectionResult.objects.filter(inspection__in=[rows["late"], more])
    assert [row.publication.drafted_by for row in made] == [people.inspector] * 2
    assert InspectionResult.objects.count() == 4
    assert "已拟公示 2 条" in client.get(answers[0].url).text
    answer = client.post(url, {"client_id": str(uuid.uuid4())}, follow=True)
    assert "没有拟公示" in answer.text
    assert client.post(url, {"client_id": "x"}, follow=True).status_code == 200
    assert InspectionResult.objects.count() == 4


def test_the_batch_keeps_to_the_filter(people, rows, sign_in):
    results.closed(people)
    client = sign_in(people.inspector)
    query = f"q={rows['late'].number}"
    client.post(f"{reverse('result_drafts')}?{query}", {"client_id": str(uuid.uuid4())})
    assert InspectionResult.objects.filter(inspection=rows["late"]).exists()
    assert Inspection.objects.result_undrafted().count() == 1
    answer = client.post(f"{reverse('result_drafts')}?start=x", {"client_id": str(uuid.uuid4())}, follow=True)
    assert "没有拟公示" in answer.text
    assert Inspection.objects.result_undrafted().count() == 1


def test_one_visit_is_previewed_and_drafted_once(people, sign_in):
    visit = results.closed(people)
    client, url = sign_in(people.reviewer), reverse("result_draft", args=[visit.pk])
    page = client.get(url)
    assert "检查结果:未发现问题。" in page.text
    assert Publication.objects.count() == 0
    sent = {"client_id": str(page.context["client_id"])}
    answers = [client.post(url, sent) for _ in range(2)]
    row = Publication.objects.get()
    assert [answer.url for answer in answers] == [row.get_absolute_url()] * 2
    assert client.get(url).url == visit.get_absolute_url()
    assert "已拟公示" in client.post(url, {"client_id": str(uuid.uuid4())}, follow=True).text
    assert client.post(url, {"client_id": "x"}).url == url
    assert Publication.objects.count() == 1


def test_the_visits_page_says_how_it_stands_to_each_reader(people, rows, sign_in):
    public = Publication.objects.exclude(number=None).get()

    def page(user, name):
        return sign_in(user).get(rows[name].get_absolute_url()).text

    assert reverse("result_draft", args=[rows["late"].pk]) in page(people.inspector, "late")
    assert "公示逾期" in page(people.leader, "late")
    assert reverse("result_draft", args=[rows["late"].pk]) not in page(people.leader, "late")
    draft = Publication.objects.get(number=None)
    assert draft.get_absolute_url() in page(people.inspector, "drafted")
    assert "国家秘密" in page(people.inspector, "waived")
    assert reverse("public_detail", args=[public.number]) in page(people.village, "public")
    for user in (people.department, people.village):
        assert draft.title not in page(user, "drafted"), "drafts hold what must not out"
    firm = f.MembershipFactory(enterprise=rows["late"].enterprise, role="principal").user
    assert "结果公示" not in page(firm, "late")


def test_the_firm_reads_its_public_result_but_no_draft_of_it(people, sign_in):
    visit = results.closed(people, people.factory)
    draft = results.drafted(people, visit).publication
    assert "结果公示" not in sign_in(people.principal).get(visit.get_absolute_url()).text
    draft.review(by=people.reviewer, on=TODAY)
    draft.publish(by=people.leader, on=TODAY)
    page = sign_in(people.principal).get(visit.get_absolute_url()).text
    assert reverse("public_detail", args=[draft.number]) in page
    assert draft.get_absolute_url() not in page


def test_desk_and_homes_count_what_is_owed(people, rows, sign_in):
    page = sign_in(people.inspector).get(reverse("inspection_desk"), {"pile": "result"})
    assert {row.pk for row in page.context["object_list"]} == {rows["late"].pk, rows["drafted"].pk}
    for user, labels in ((people.inspector, {"检查结果待公示": 2, "公示逾期": 1}), (people.leader, {"公示逾期": 1})):
        found = {pile.label: number for pile, number in sign_in(user).get(reverse("home")).context["piles"]}
        assert {label: found.get(label) for label in labels} == labels
    figures = {label: (value, url) for label, value, url, _ in sign_in(people.reviewer).get(reverse("home")).context["figures"]}
    assert figures["检查结果待公示"] == (2, f"{reverse(LIST)}?view=owed")
    assert figures["公示逾期"] == (1, f"{reverse(LIST)}?view=late")
    assert [figures[label][0] for label in ("检查结果待公示", "公示逾期")] == [
        sign_in(people.reviewer).get(figures[label][1]).context["page_obj"].paginator.count for label in ("检查结果待公示", "公示逾期")
    ]


def test_a_waiver_is_a_move_of_the_visits_page(people, sign_in):
    visit = results.closed(people)
    client, url = sign_in(people.leader), reverse("inspection_move", args=[visit.pk, "waive_result"])
    assert client.get(url).status_code == 200
    version = Inspection.objects.get(pk=visit.pk).version
    assert client.post(url, {"version": version, "note": ""}).status_code == 422
    for _ in range(2):
        assert client.post(url, {"version": version, "note": "涉及商业秘密"}).status_code == 302
    visit.refresh_from_db()
    assert (visit.result_waiver, visit.version) == ("涉及商业秘密", version + 1)
