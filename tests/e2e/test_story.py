"""The story of the first slice in a real Chromium, on a phone and on a desktop."""

import re

import pytest
from django.utils import timezone

from core.models import Attachment, Event
from hazards.models import Check, Hazard
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def owed(people):
    """The team's list of today."""
    return f.OccurrenceFactory(unit=people.team_a)


def photo(name, color):
    upload = jpeg(name, color, (800, 600))
    return {"name": name, "mimeType": "image/jpeg", "buffer": upload.read()}


def sign_in_by_hand(page, username):
    page.goto("/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill("shijiao-demo")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r".*/$"))


@pytest.mark.req("R20", "R23")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_check_hazard_fix_accepted(people, catalogue, visit, size):
    page = visit(size=size)
    sign_in_by_hand(page, "team")
    page.get_by_role("button", name="开始检查").click()
    check = Check.objects.get()
    total = len(check.items)
    page.wait_for_load_state("load")
    assert page.locator("input[type=radio]:checked:visible").count() == 0
    page.locator("#item-0 .result-pass").click()
    page.get_by_text(f"已填 1/{total}").wait_for()
    for position in range(1, total):
        result = "fail" if position == 3 else "pass"
        page.locator(f"#item-{position} .result-{result}").click()
    page.locator("#n-3").fill("2号冲床防护罩缺失")
    page.locator("#p-3").set_input_files(photo("前.jpg", "red"))
    page.locator("#item-3").get_by_text("已上传 · 回执").wait_for()
    page.locator("#item-3").get_by_text("较轻").click()
    page.get_by_text(f"已填 {total}/{total}").wait_for()
    assert overflow(page) == 0
    assert serious(page) == []
    page.get_by_role("button", name="核对后提交").click()
    page.get_by_text("2号冲床防护罩缺失").wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="提交并登记 1 条隐患").click()
    page.get_by_text("已收到。回执号").wait_for()
    check.refresh_from_db()
    assert check.receipt in page.content()
    hazard = Hazard.objects.get()
    assert (hazard.level, hazard.description, Attachment.objects.of(hazard).count()) == ("light", "2号冲床防护罩缺失", 1)

    page = visit(people.safety, size)
    page.goto("/")
    page.get_by_text("2号冲床防护罩缺失").first.click()
    page.get_by_role("link", name="指派整改").click()
    page.get_by_label("整改人").select_option(label=people.head.name)
    page.locator("label.choice", has_text="3天").click()
    assert serious(page) == []
    page.get_by_role("button", name="指派整改").click()
    page.get_by_text("已指派整改").wait_for()

    page = visit(people.head, size)
    page.goto(f"/hazards/{hazard.pk}/")
    page.get_by_role("link", name="提交整改").click()
    page.get_by_label("整改措施").fill("已装回防护罩")
    page.locator("input[type=file]").set_input_files(photo("后.jpg", "green"))
    page.get_by_text("已上传 · 回执").wait_for()
    page.get_by_role("button", name="提交整改").click()
    page.get_by_text("已提交整改").wait_for()
    assert page.get_by_role("link", name="验收通过").count() == 0

    page = visit(people.safety, size)
    page.goto(f"/hazards/{hazard.pk}/")
    page.get_by_role("link", name="验收通过").click()
    page.get_by_role("button", name="验收通过").click()
    page.get_by_text("已销案").wait_for()
    assert [item.split("\n")[0].split(" ")[0] for item in page.locator(".story > li").all_inner_texts()] == [
        "登记",
        "指派整改",
        "提交整改",
        "验收通过",
    ]
    assert page.locator(".photo-pair img").count() == 2
    assert overflow(page) == 0
    assert serious(page) == []
    assert [e.move for e in Event.objects.of(hazard)] == ["open", "assign", "submit_fix", "accept_fix"]

    page = visit(people.inspector, size)
    page.goto("/hazards/")
    page.get_by_text("2号冲床防护罩缺失").wait_for()
    page = visit(people.outsider, size)
    assert page.goto(f"/hazards/{hazard.pk}/").status == 404
    page.goto("/hazards/")
    assert "2号冲床" not in page.content()


def test_whole_check_without_javascript(people, catalogue, visit):
    page = visit(people.team, PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("button", name="开始检查").click()
    total = len(Check.objects.get().items)
    for position in range(total):
        page.locator(f"#item-{position} .result-{'fail' if position == 0 else 'pass'}").click()
    page.locator("#n-0").fill("没有开班前会")
    page.locator("#p-0").set_input_files(photo("前.jpg", "red"))
    page.get_by_role("button", name="核对后提交").click()
    page.get_by_role("button", name="提交并登记 1 条隐患").click()
    page.get_by_text("已收到。回执号").wait_for()
    assert Hazard.objects.get().description == "没有开班前会"


def test_upload_interrupted_is_retried_with_the_same_id(people, catalogue, visit):
    page = visit(people.employee, PHONE)
    page.goto("/hazards/report/")
    calls = []

    def cut_first_answer(route):
        calls.append(route.request.post_data_buffer)
        if len(calls) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/files/", cut_first_answer)
    page.locator("input[type=file]").set_input_files(photo("前.jpg", "red"))
    page.get_by_text("网络断了").wait_for()
    page.get_by_role("button", name="重传").click()
    page.get_by_text("已上传 · 回执").wait_for()
    assert (len(calls), Attachment.objects.count()) == (2, 1)
    page.get_by_label("在哪里").fill("门口")
    page.get_by_label("看到了什么").fill("地面有油")
    page.get_by_role("button", name="提交上报").click()
    page.get_by_text("已收到,回执号").wait_for()
    assert Attachment.objects.of(Hazard.objects.get()).count() == 1


def test_session_that_runs_out_in_the_middle_loses_nothing(people, catalogue, visit):
    page = visit(people.team, PHONE)
    page.goto("/")
    page.get_by_role("button", name="开始检查").click()
    page.locator("#item-0 .result-pass").click()
    page.get_by_text("已填 1/").wait_for()
    page.context.clear_cookies(name="sessionid")
    page.locator("#item-1 .result-fail").click()
    page.locator("#n-1").fill("没有戴安全帽")
    page.locator("#item-2 .result-pass").click()
    page.get_by_text("登录已过期").wait_for()
    assert Check.objects.get().answers.count() == 1
    other = page.context.new_page()
    sign_in_by_hand(other, "team")
    page.locator("#item-3 .result-pass").click()
    page.get_by_text("已填 4/").wait_for()
    assert page.locator("#failure").count() == 0
    assert Check.objects.get().answers.get(position=1).note == "没有戴安全帽"


def test_form_sent_after_the_sign_in_ran_out_is_kept(people, catalogue, visit):
    page = visit(people.employee, PHONE)
    page.goto("/hazards/report/")
    page.get_by_label("在哪里").fill("门口")
    page.get_by_label("看到了什么").fill("地面有油")
    page.locator("input[type=file]").set_input_files(photo("前.jpg", "red"))
    page.get_by_text("已上传 · 回执").wait_for()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="提交上报").click()
    page.get_by_role("heading", name="登录已过期").wait_for()
    assert serious(page) == []
    other = page.context.new_page()
    sign_in_by_hand(other, "employee")
    page.get_by_role("button", name="再发一次").click()
    page.get_by_role("button", name="再发一次").click()
    page.get_by_text("已收到,回执号").wait_for()
    assert (Hazard.objects.get().description, Attachment.objects.of(Hazard.objects.get()).count()) == ("地面有油", 1)


def test_check_handed_over_elsewhere_says_so_at_the_next_tap(people, catalogue, visit):
    page = visit(people.team, PHONE)
    page.goto("/")
    page.get_by_role("button", name="开始检查").click()
    page.locator("#item-0 .result-pass").click()
    page.get_by_text("已填 1/").wait_for()
    Check.objects.get().hand_over(by=people.safety, on=timezone.localdate(), to=people.head)
    page.locator("#item-9 .result-pass").click()
    page.get_by_text(f"现在由{people.head.name}填写").wait_for()
    assert page.get_by_text(f"现在由{people.head.name}填写").is_visible()
    page.get_by_text("有内容还没有保存").wait_for()
    assert Check.objects.get().answers.count() == 1


def test_offline_tap_is_shown_and_sent_when_the_network_is_back(people, catalogue, visit):
    page = visit(people.team, PHONE)
    page.goto("/")
    page.get_by_role("button", name="开始检查").click()
    page.locator("#item-0 .result-pass").click()
    page.get_by_text("已填 1/").wait_for()
    page.context.set_offline(True)
    page.locator("#item-5 .result-pass").click()
    page.get_by_text("网络断了").wait_for()
    page.context.set_offline(False)
    page.get_by_text("已填 2/").wait_for()
    assert sorted(Check.objects.get().answers.values_list("position", flat=True)) == [0, 5]


def test_keyboard_alone_fills_an_item_and_moves_on(people, catalogue, visit):
    page = visit(people.team, DESKTOP)
    page.goto("/")
    page.get_by_role("button", name="开始检查").focus()
    page.keyboard.press("Enter")
    page.locator("input[name=a-0]").first.focus()
    page.keyboard.press("Space")
    page.get_by_text("已填 1/").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("已填 2/").wait_for()
    assert sorted(Check.objects.get().answers.values_list("position", "result")) == [(0, "pass"), (1, "pass")]
