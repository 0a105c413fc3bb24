"""Filling in a visit on two phones."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Attachment
from inspections.models import Inspection, InspectionPoint
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import countersign, fill, mark_of, mark_of_pass, page, sign
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db


def test_every_tap_is_saved_at_once_and_says_when(people, sign_in):
    row = course.begun(people)
    text = fill(sign_in(people.inspector), row, a_1="pass", s_1="0", o_1="", s_0="0", o_0="")
    assert "已填 1/2" in text
    assert "已保存" in text
    assert [(i.position, i.result, i.by) for i in row.items.exclude(result="")] == [(1, "pass", people.inspector)]


@pytest.mark.req("R43")
def test_what_the_other_officer_wrote_comes_along_and_nothing_untouched_is_a_conflict(people, sign_in):
    row = course.begun(people)
    mine, theirs = Client(), Client()
    mine.force_login(people.inspector)
    theirs.force_login(people.inspector2)
    fill(mine, row, a_0="pass", s_0="0", o_0="", s_1="0", o_1="")
    shown = fill(theirs, row, a_1="pass", s_1="0", o_1="", s_0="0", o_0="")
    assert 'id="item-0"' in shown
    assert 'id="item-1"' not in shown
    fill(theirs, row, a_0="na", r_0="设备停用检修", s_0="1", o_0=mark_of(row, 0))
    again = fill(mine, row, a_0="pass", s_0="1", o_0=mark_of_pass(), s_1="0", o_1="")
    assert "设备停用检修" in again
    assert "您填的" not in again
    assert row.items.get(position=0).result == "na"


@pytest.mark.req("R43")
def test_same_item_changed_on_both_phones_is_409_with_both_until_somebody_chooses(people, sign_in):
    row = course.begun(people)
    mine, theirs = Client(), Client()
    mine.force_login(people.inspector)
    theirs.force_login(people.inspector2)
    fill(theirs, row, a_1="fail", n_1="王的话", s_1="0", o_1="")
    stale = {"a_1": "fail", "n_1": "李的话", "s_1": "0", "o_1": ""}
    for _ in range(2):
        text = fill(mine, row, 409, **stale)
        assert "王的话" in text
        assert "李的话" in text
        assert row.items.get(position=1).note == "王的话"
    whole = fill(mine, row, 409, htmx=False, **stale).content.decode()
    assert "李的话</textarea>" in whole
    kept = fill(mine, row, k_1="theirs", **stale)
    assert ("王的话</textarea>" in kept, row.items.get(position=1).note) == (True, "王的话")
    fill(mine, row, k_1="mine:1", **stale)
    assert (row.items.get(position=1).note, row.items.get(position=1).by) == ("李的话", people.inspector)


def test_a_page_sent_as_it_was_shown_leaves_a_signature_standing(people, sign_in):
    row = course.signed(people)
    client = sign_in(people.inspector2)
    assert "签名作废" in page(client, "inspection_fill", row.pk)
    assert fill(client, row, htmx=False, a_0="pass", s_0="1", o_0=mark_of(row, 0), status=302).url == reverse(
        "inspection_fill", args=[row.pk]
    )
    assert Inspection.objects.get(pk=row.pk).record_signers == [people.inspector]
    fill(client, row, a_0="na", r_0="设备停用检修", s_0="1", o_0=mark_of(row, 0))
    assert Inspection.objects.get(pk=row.pk).record_signers == []


def test_problem_without_javascript_photos_and_all(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    fields = {
        "a_0": "pass",
        "a_1": "fail",
        "n_1": "通道被堵",
        "w_1": "冲压车间",
        "l_1": "light",
        "x_1": "on_spot",
        "e_1": "清出",
        "d_1": later(3).isoformat(),
        "go": "sign",
    }
    response = fill(client, row, 302, htmx=False, **fields, **{"p-1": jpeg(), "q-1": jpeg(color="green")})
    assert response.url == reverse("inspection_sign", args=[row.pk])
    item = row.items.get(position=1)
    assert (item.note, item.place, item.level, item.disposal, item.requirement, item.due_on) == (
        "通道被堵",
        "冲压车间",
        "light",
        "on_spot",
        "清出",
        later(3),
    )
    assert sorted(Attachment.objects.of(item).values_list("purpose", flat=True)) == ["after", "before"]
    assert row.problems() == {}
    bad = fill(client, row, 422, htmx=False, a_1="fail", n_1="长" * 501, s_1="1", o_1=mark_of(row, 1))
    assert "情况有 501 字" in bad.content.decode()
    assert "长" * 501 in bad.content.decode()
    assert row.items.get(position=1).note == "通道被堵"


def test_file_that_is_no_photo_is_said_and_the_rest_is_kept(people, sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    row = course.begun(people)
    text = fill(
        sign_in(people.inspector), row, 422, htmx=False, a_1="fail", n_1="通道被堵", **{"p-1": SimpleUploadedFile("a.txt", b"x")}
    ).content.decode()
    assert "没有上传" in text
    assert row.items.get(position=1).note == "通道被堵"


@pytest.mark.req("R65")
def test_only_what_the_law_of_the_day_asks_for_may_be_a_violation(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    text = page(client, "inspection_fill", row.pk)
    assert "《安全生产法》(2021)第41条" in text
    assert "L2021" not in text
    InspectionPoint.objects.filter(code="P2").update(is_policy=True)
    text = page(client, "inspection_fill", row.pk)
    assert "仅为政策要求,不能作为违法行为" in text
    assert 'name="v-0"' in text
    assert 'name="v-1"' not in text
    fill(client, row, a_0="fail", n_0="没有排查", v_0="1", s_0="0", o_0="", a_1="fail", n_1="堆物", v_1="1", s_1="0", o_1="")
    assert [item.is_violation for item in row.items.all()] == [True, False]


def test_only_its_officers_fill_while_it_goes_on(people, sign_in):
    row = course.begun(people)
    assert sign_in(people.inspector).get(reverse("inspection_fill", args=[row.pk])).status_code == 200
    other = course.planned(people, enterprise=people.neighbour)
    assert sign_in(people.inspector).get(reverse("inspection_fill", args=[other.pk])).status_code == 302
    assert sign_in(people.department).get(reverse("inspection_fill", args=[row.pk])).status_code == 302
    refused = sign_in(people.department).post(reverse("inspection_fill", args=[row.pk]), {"a-0": "pass", "o-0": ""})
    assert (refused.status_code, row.items.exclude(result="").count()) == (409, 0)
    course.recorded(people, row)
    late = sign_in(people.inspector).post(
        reverse("inspection_fill", args=[row.pk]), {"a-0": "fail", "n-0": "补一句", "s-0": "1", "o-0": "x"}
    )
    assert (late.status_code, "补一句" in late.content.decode()) == (409, True)


def test_values_that_are_none_of_ours_are_ignored(people, sign_in):
    row = course.begun(people)
    junk = {
        "a_0": "maybe",
        "a_1": "fail",
        "n_1": "x\0y",
        "l_1": "z",
        "x_1": "z",
        "d_1": "昨天",
        "s_1": "9" * 30,
        "k_1": "mine:x",
        "p-1_ids": "乱",
        "o_1": "z",
    }
    fill(sign_in(people.inspector), row, 200, **junk)
    item = row.items.get(position=1)
    assert (item.note, item.level, item.disposal, item.due_on) == ("xy", "normal", "", None)
    assert row.items.get(position=0).result == ""


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("0226-12-01", "早于今天"),
        (f"{later(-1)}", "早于今天"),
        (f"{later(60)}", "一般隐患最长到"),
        ("2030-01-01", "一般隐患最长到"),
        ("9999-12-31", "一般隐患最长到"),
    ],
)
def test_a_day_no_order_could_have_is_said_at_its_item_and_kept(people, sign_in, day, words):
    row = course.begun(people)
    given = {"a_0": "pass", "a_1": "fail", "n_1": "通道被堵", "d_1": day}
    for htmx in (True, False):
        answer = fill(sign_in(people.inspector), row, 422, htmx=htmx, **given)
        text = answer if htmx else answer.text
        assert (words in text, htmx or f'value="{day}" checked' in text) == (True, True)
    fill(sign_in(people.inspector), row, 422, htmx=False, **given, **{"p-1": jpeg()})
    assert [item.result for item in row.items.order_by("position")][:2] == ["pass", ""]
    fill(sign_in(people.inspector), row, 200, **{**given, "d_1": f"{later(7)}"})
    assert row.items.get(position=1).due_on == later(7)


def test_a_major_one_may_have_a_later_day_within_what_can_be_meant(people, sign_in):
    row = course.begun(people)
    given = {"a_1": "fail", "n_1": "除尘失效", "l_1": "major"}
    assert "日期太远" in fill(sign_in(people.inspector), row, 422, d_1="9999-12-31", **given)
    fill(sign_in(people.inspector), row, 200, d_1=f"{later(60)}", **given)


def test_a_day_gone_by_is_not_signed(people):
    row = course.filled(people, p1={"due_on": f"{later(3)}"})
    row.items.filter(position=1).update(due_on=later(-1))
    assert (list(row.problems()), "早于今天" in row.problems()[1]) == ([1], True)
    row.items.filter(position=1).update(disposal="on_spot")
    assert "改正后的照片" in row.problems()[1]


def test_add_an_item_on_the_spot_once(people, sign_in):
    row = course.begun(people)
    extra = course.point("P9", "配电箱")
    client, url = sign_in(people.inspector), reverse("inspection_item_add", args=[row.pk])
    assert "配电箱" in client.get(url).content.decode()
    data = {"client_id": str(uuid.uuid4()), "point": extra.pk}
    assert [client.post(url, data).url for _ in range(2)] == [reverse("inspection_fill", args=[row.pk]) + "#item-2"] * 2
    item = row.items.get(position=2)
    assert (item.name, item.point, item.basis) == ("配电箱", extra, "《安全生产法》(2021)第41条")
    assert client.post(url, {"client_id": str(uuid.uuid4())}).status_code == 422
    client.post(url, {"client_id": str(uuid.uuid4()), "name": "废料堆", "section": ""})
    assert [(i.name, i.section) for i in row.items.filter(point=None)] == [("废料堆", "其他")]
    told = fill(client, row, a_0="pass", s_0="0", o_0="", s_1="0", o_1="")
    assert "另外加了 2 项" in told


def test_recheck_shows_the_lines_with_the_firms_photos(people, sign_in):
    order = course.applied(people)
    visit = order.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    visit.begin(by=people.inspector, on=TODAY, place="车间")
    client = sign_in(people.inspector)
    response = client.get(reverse("inspection_fill", args=[visit.pk]))
    text = response.content.decode()
    for words in ("填写复查", "已清出", "已整改", "未整改到位", "整改要求:清出通道", "原来的隐患照片"):
        assert words in text
    assert len(response.context["firm_photos"]) == 1
    assert 'name="x-0"' not in text
    fill(client, visit, a_0="pass", s_0="0", o_0="")
    assert sign(client, visit, by=people.inspector).status_code == 302
    assert countersign(sign_in(people.inspector2), visit).status_code == 302
    order.refresh_from_db()
    visit.refresh_from_db()
    assert (order.state, visit.state) == ("passed", "closed")
    assert "复查的指令" in page(sign_in(people.inspector), "inspection_detail", visit.pk)


def test_filling_needs_as_many_queries_for_many_items_as_for_few(people, sign_in):
    def asked(client, row):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("inspection_fill", args=[row.pk])).status_code == 200
        return len(caught)

    few = course.filled(people, p0={})
    for n in range(20):
        course.point(f"X{n}", f"第{n}")
    many = course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour))))
    course.filled(people, many, p0={}, p5={})
    client = sign_in(people.inspector)
    asked(client, few)
    assert asked(client, few) == asked(client, many)
