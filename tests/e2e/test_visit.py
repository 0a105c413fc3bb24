"""A visit in a real Chromium: two officers on two phones, a signature on the glass, a joint visit, each page looked at."""

import re

import pytest
from django.urls import reverse

from core.models import Attachment, Event
from inspections.models import Finding, Inspection, Rating
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.e2e.test_pages import wrong_with
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def law(people):
    course.law()


def photo(name, color):
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(name, color, (800, 600)).read()}


def fine(page):
    """Nothing serious for axe, nothing too wide."""
    assert (serious(page), overflow(page)) == ([], 0), page.url


def tap(page, position, result):
    page.locator(f"#item-{position} .result-{result}").click()


def draw(page):
    """A stroke with the finger."""
    page.locator("canvas").evaluate("pad => pad.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 20 + 25 * step, box["y"] + 60 + (30 if step % 2 else -30))
    page.mouse.up()


@pytest.mark.req("R43")
def test_two_officers_on_two_phones_fill_sign_and_overwrite_nothing(people, visit):
    row = course.noticed(people)
    li, wang = visit(people.inspector, PHONE), visit(people.inspector2, PHONE)
    li.goto(row.get_absolute_url())
    li.get_by_role("link", name="到场,开始检查").click()
    li.get_by_role("button", name="到场,开始检查").click()
    li.get_by_role("link", name="填写检查").click()
    wang.goto(reverse("inspection_fill", args=[row.pk]))
    fine(li)

    tap(li, 0, "pass")
    li.get_by_text("已填 1/2").wait_for()
    li.get_by_text(re.compile(r"已保存 \d\d:\d\d")).wait_for()
    tap(wang, 1, "pass")
    wang.locator("#item-0").get_by_text("李执法").wait_for()
    assert wang.locator("#item-0 input[value=pass]").is_checked()

    # Both change the second item: the slower one is shown both answers, and his own stands only when he says so.
    tap(wang, 1, "fail")
    wang.locator("#n-1").fill("王看到通道被堵")
    wang.locator("#w-1").click()
    wang.locator("#progress").get_by_text(re.compile("已保存")).wait_for()
    until(lambda: row.items.get(position=1).note == "王看到通道被堵")
    tap(li, 1, "na")
    li.locator("#newer-1").get_by_text("王看到通道被堵").wait_for()
    assert row.items.get(position=1).result == "fail"
    fine(li)
    tap(li, 0, "pass")
    assert row.items.get(position=1).result == "fail"
    li.locator("#newer-1 label.choice", has_text="用已填的").click()
    li.locator("#newer-1 .alert").wait_for(state="detached")
    assert li.locator("#n-1").input_value() == "王看到通道被堵"

    wang.locator("#p-1").set_input_files(photo("前.jpg", "red"))
    wang.locator("#item-1").get_by_text("已上传 · 回执").first.wait_for()
    wang.locator("#item-1 label.choice", has_text="当场改正").click()
    wang.locator("#q-1").set_input_files(photo("后.jpg", "green"))
    wang.locator("#item-1 .spot-part").get_by_text("已上传 · 回执").wait_for()
    until(lambda: Attachment.objects.of(row.items.get(position=1)).count() == 2)
    fine(wang)

    li.goto(reverse("inspection_sign", args=[row.pk]))
    li.get_by_label("现场负责人", exact=True).fill("张厂长")
    li.get_by_label("职务").fill("厂长")
    draw(li)
    fine(li)
    li.get_by_role("button", name="核对无误,我签名").click()
    li.get_by_text("您已签名").first.wait_for()
    fine(li)

    wang.goto(reverse("inspection_sign", args=[row.pk]))
    wang.get_by_text("您看到的就是他签的那一份").wait_for()
    fine(wang)
    wang.get_by_role("button", name="我已核对,会签").click()
    wang.get_by_text("检查记录完成").wait_for()
    fine(wang)
    row.refresh_from_db()
    assert (row.state, row.party_name, Finding.objects.get().hazard.state) == ("recorded", "张厂长", "closed")
    signature = Attachment.objects.of(row).get()
    assert (signature.media_type, signature.purpose.startswith("signature-")) == ("image/png", True)
    assert [event.move for event in Event.objects.of(row)][-3:] == ["begin", "sign_record", "record"]


def until(holds):
    """Wait for what the server writes."""
    import time

    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("the server did not write it")


@pytest.mark.req("R72")
@pytest.mark.req("R85")
def test_joint_visit(people, visit):
    row = course.planned(people, planned_on=later(5))
    page = visit(people.department, PHONE)
    page.goto(reverse("inspection_new"))
    page.get_by_label("检查哪家企业").fill("石角机械")
    page.get_by_role("button", name="找企业").click()
    page.get_by_role("link", name="重庆石角机械厂").click()
    page.get_by_text("镇应急办已计划于").first.wait_for()
    fine(page)
    page.get_by_role("link", name="并入这次检查").click()
    page.get_by_label("要查什么").fill("看环保设施")
    page.locator("label.choice", has_text="经发办").locator("input").set_checked(True)
    fine(page)
    page.get_by_role("button", name="并入联合检查").click()
    page.get_by_role("link", name="选检查项目和分工").click()
    second = row.items.get(position=1).point
    page.locator(f"#owner-{second.pk}").select_option(label="经济发展办公室")
    fine(page)
    page.get_by_role("button", name="保存检查项目").click()
    page.get_by_text("检查项目已保存").wait_for()
    assert [item.department for item in row.items.all()] == [None, people.office]
    fine(page)


def test_an_item_in_own_words_is_answered_on_a_phone_with_and_without_javascript(people, visit):
    row = course.begun(people)
    page = visit(people.inspector, PHONE)
    page.goto(reverse("inspection_item_add", args=[row.pk]))
    page.get_by_label("检查项目", exact=True).fill("厂区西北角废料堆里的旧气瓶")
    page.locator(".submit-bar button").click()
    page.get_by_text("每点一下都会自动保存").wait_for()
    widths = page.locator("#item-2 .results .choice").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert min(widths) > 60, widths
    tap(page, 2, "pass")
    until(lambda: row.items.get(position=2).result == "pass")
    plain = visit(people.inspector2, PHONE, java_script_enabled=False)
    plain.goto(reverse("inspection_fill", args=[row.pk]))
    assert plain.locator("#progress noscript").bounding_box()["width"] > 60
    assert not plain.get_by_text("每点一下都会自动保存").is_visible()
    fine(page)


def test_guard_follows_day_and_kind_and_the_form_its_kind(people, visit):
    course.planned(people, planned_on=later(5))
    page = visit(people.inspector, DESKTOP)
    page.goto(reverse("inspection_new") + f"?enterprise={people.factory.pk}")
    page.locator("#guard").get_by_text("已计划于").wait_for()
    assert not page.get_by_label("转办单号").is_visible()
    page.locator("label.choice", has_text="投诉举报核查").click()
    page.locator("#guard").get_by_text("没有重复检查的提醒").wait_for()
    page.get_by_label("转办单号").wait_for()
    page.locator("label.choice", has_text="计划检查").click()
    page.locator("#guard").get_by_text("已计划于").wait_for()
    page.get_by_label("计划检查日期").fill(later(60).isoformat())
    page.locator("#guard").get_by_text("没有重复检查的提醒").wait_for()
    fine(page)


def test_signature_left_on_the_glass_can_be_wiped_and_photographed(people, visit):
    row = course.filled(people)
    page = visit(people.inspector, PHONE, java_script_enabled=False)
    page.goto(reverse("inspection_sign", args=[row.pk]))
    assert not page.locator("canvas").is_visible()
    page.get_by_label("现场负责人", exact=True).fill("张厂长")
    page.get_by_label("职务").fill("厂长")
    page.locator("#id_signature").set_input_files(photo("签名.jpg", "white"))
    page.get_by_role("button", name="核对无误,我签名").click()
    page.get_by_text("您已签名").first.wait_for()
    page = visit(people.inspector2, PHONE)
    page.goto(reverse("inspection_fill", args=[row.pk]))
    tap(page, 1, "na")
    page.get_by_text("已保存").wait_for()
    page.goto(reverse("inspection_sign", args=[row.pk]))
    draw(page)
    page.get_by_role("button", name="清除重写").click()
    page.get_by_role("button", name="核对无误,我签名").click()
    page.locator(".error-summary").get_by_text("请企业现场负责人签名").wait_for()
    assert Inspection.objects.get(pk=row.pk).record_signers == []


def test_firm_scans_the_code_and_rates_without_signing_in(people, visit):
    row = course.recorded(people, p1={})
    page = visit(size=PHONE)
    page.goto(reverse("inspection_entry", args=[row.entry_code]))
    fine(page)
    page.locator("label.choice", has_text="4 好").click()
    page.get_by_label("意见和建议").fill("讲得清楚")
    page.get_by_role("button", name="提交评价").click()
    page.get_by_text("谢谢您的评价").wait_for()
    fine(page)
    page.goto(reverse("inspection_entry", args=[row.entry_code]))
    page.get_by_text("已经评价过").wait_for()
    assert Rating.objects.get().score == 4


def pages(people):
    """[(who, path)]: each template, in the states that look different."""
    open_one = course.begun(people)
    course.filled(people, open_one, p0={"is_violation": True})
    near = course.planned(people, planned_on=later(3), override_reason="上级交办")
    near.join(by=people.department, on=TODAY, note="看环保设施", officers=[people.department])
    recorded = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, course.planned(people, people.neighbour)))),
        p0={"is_violation": True},
        p1={},
    )
    told = course.noticed(people, course.approved(people, course.planned(people, planned_on=later(40), override_reason="再查")))
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    new = at("inspection_new")
    return [
        ("inspector", at("inspection_list")),
        ("inspector", at("inspection_list") + "?q=nothing-like-it"),
        ("safety", at("inspection_list")),
        ("inspector", at("enterprise_inspections", people.factory.pk)),
        ("inspector", new),
        ("department", new + f"?enterprise={people.factory.pk}"),
        ("inspector", near.get_absolute_url()),
        ("inspector", open_one.get_absolute_url()),
        ("inspector", recorded.get_absolute_url()),
        ("leader", recorded.get_absolute_url()),
        ("outsider", recorded.get_absolute_url()),
        ("safety", told.get_absolute_url()),
        ("inspector", at("inspection_items", near.pk)),
        ("inspector", at("inspection_fill", open_one.pk)),
        ("inspector", at("inspection_item_add", open_one.pk)),
        ("inspector", at("inspection_sign", open_one.pk)),
        ("inspector", at("inspection_move", near.pk, "replan")),
        ("inspector", at("inspection_move", recorded.pk, "waive_part")),
        (None, at("inspection_entry", told.entry_code)),
        (None, at("inspection_entry", recorded.entry_code)),
        (None, at("inspection_entry", "0" * 20)),
    ]


def test_each_page_of_visits(people, visit):
    found = wrong_with(pages(people), visit)
    assert not found, "\n".join(map(str, found))
