"""A stranger checks a published draw: in his own browser, by the downloaded file, and sees at once when it was touched."""

import json
import subprocess
import sys

import pytest
from django.urls import reverse

from inspections.models import DrawObject
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.inspections import drawn

pytestmark = pytest.mark.django_db(transaction=True)


def replaced(people):
    """A published draw with an object and an officer replaced."""
    drawn.firms(people, 6)
    drawn.officers(people, 5)
    draw = drawn.issued(people, n=3)
    first = draw.standing().first()
    draw.ask_change(by=people.inspector, on=drawn.TODAY, object=first.listed.key, officer="", note="企业已搬迁")
    draw.approve_change(by=people.leader, on=drawn.TODAY, note="同意")
    last = draw.standing().last()
    seat = last.seats.first()
    draw.ask_change(by=people.inspector, on=drawn.TODAY, object=last.listed.key, officer=seat.officer.key, note="住院")
    draw.approve_change(by=people.leader, on=drawn.TODAY, note="同意")
    return drawn.published(people, drawn.over(people, draw))


@pytest.mark.req("R49")
@pytest.mark.req("B1")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_a_stranger_makes_the_draw_again(people, visit, size, tmp_path):
    draw = replaced(people)
    page = visit(None, size)
    page.goto(reverse("public_list"))
    page.get_by_role("link", name="双随机抽取").click()
    page.get_by_role("link", name=f"抽取 {draw.number}").click()
    page.get_by_text("企业已搬迁").wait_for()
    assert (serious(page), overflow(page)) == ([], 0)
    page.get_by_role("button", name="在浏览器里重算").click()
    page.get_by_text("全部相符:结果就是").wait_for()
    for words in ("密钥的指纹与承诺相符", "重算 3 个对象", "变更 2 项"):
        page.locator("#check").get_by_text(words).wait_for()
    with page.expect_download() as file:
        page.get_by_role("link", name="下载抽取文件").click()
    with page.expect_download() as program:
        page.get_by_role("link", name="下载核对程序").click()
    paths = [tmp_path / name for name in ("verify_draw.py", f"draw-{draw.number}.json")]
    program.value.save_as(paths[0])
    file.value.save_as(paths[1])
    ran = subprocess.run([sys.executable, "-I", *map(str, paths)], capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, "全部相符" in ran.stdout) == (0, True), ran.stdout
    page.get_by_role("link", name="看全部名单").click()
    page.get_by_label("企业名称或信用代码").fill("第3号厂")
    page.get_by_role("button", name="查找").click()
    page.get_by_text("共 1 家").wait_for()
    assert (serious(page), overflow(page)) == ([], 0)


@pytest.mark.req("B1")
def test_a_list_touched_afterwards_is_seen_in_the_browser(people, visit):
    draw = replaced(people)
    DrawObject.objects.filter(draw=draw, key=draw.standing().first().listed.key).update(name="别的厂")
    page = visit(None, PHONE)
    page.goto(reverse("public_draw", args=[draw.number]))
    page.get_by_role("button", name="在浏览器里重算").click()
    page.get_by_text("核对没有通过").wait_for()
    page.get_by_text("不符:名单与指纹不符").wait_for()


@pytest.mark.req("B1")
def test_the_browser_refuses_what_the_program_refuses(people, visit):
    draw = replaced(people)
    address = reverse("public_draw_file", args=[draw.number, draw.number])
    page = visit(None, PHONE)
    good = page.request.get(address).text()
    data = json.loads(good)
    bad = {
        "冻结一步的内容不全": {**data, "frozen_at": None},
        "公共随机值一步的内容不全": {**data, "public_value": ""},
        "还没有抽取,却有结果": {**data, "drawn_at": None},
        "作废以后还有变更": {**data, "changes": [{**data["changes"][0], "kind": "void", "object": None}, data["changes"][1]]},
        "作废不只对一个对象": {**data, "changes": [data["changes"][0], {**data["changes"][1], "kind": "void"}]},
        "几个时间的先后不对": {**data, "public_value_at": data["frozen_at"]},
        "不是大于 0 的整数": {**data, "n": 2.5},
    }
    texts = {words: json.dumps(other, ensure_ascii=False, indent=1) + "\n" for words, other in bad.items()}
    texts["有重复的键"] = good.replace('"title":', '"title": "别的",\n "title":', 1)
    served = {}
    page.route(f"**{address}", lambda route: route.fulfill(body=served["text"], content_type="application/json"))
    page.goto(reverse("public_draw", args=[draw.number]))
    for words, text in texts.items():
        served["text"] = text
        page.get_by_role("button", name="在浏览器里重算").click()
        page.locator("#check").get_by_text(words).wait_for()
        page.get_by_text("核对没有通过").wait_for()
    served["text"] = good
    page.get_by_role("button", name="在浏览器里重算").click()
    page.get_by_text("全部相符:结果就是").wait_for()


def test_a_void_draw_without_a_result_is_checked_as_far_as_it_went(people, visit):
    draw = drawn.voided(people)
    draw.disclose(by=people.reviewer, on=drawn.TODAY)
    page = visit(None, PHONE)
    page.goto(reverse("public_draw", args=[draw.number]))
    page.get_by_role("button", name="在浏览器里重算").click()
    page.get_by_text("全部相符:这次抽取没有结果").wait_for()


def test_without_javascript_the_page_is_whole(people, visit):
    draw = drawn.published(people)
    page = visit(None, PHONE, java_script_enabled=False)
    answer = page.goto(reverse("public_draw", args=[draw.number]))
    assert len(answer.body()) < 150_000
    page.get_by_text("在浏览器里重算需要允许运行脚本").wait_for()
    assert page.get_by_role("link", name="下载抽取文件").is_visible()
    assert json.loads(page.request.get(reverse("public_draw_file", args=[draw.number, draw.number])).text())["id"] == draw.number
