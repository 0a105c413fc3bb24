"""Takes the phone screenshots of docs/journey from a freshly seeded demo: python docs/journey.py http://127.0.0.1:8000"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
HERE = Path(__file__).parent / "journey"
SCENE = Path(__file__).parent.parent / "var" / "scene.jpg"


def sign_in(browser, username: str) -> Page:
    """A phone-wide page of one demo account."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=BASE)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill("shijiao-demo")
    page.get_by_role("button", name="登录").click()
    return page


def shoot(page: Page, name: str) -> None:
    """One picture, as high as the phone."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png")


def check(browser) -> None:
    """The team leader's daily check."""
    page = sign_in(browser, "team")
    shoot(page, "1-today")
    page.get_by_role("button", name="开始检查").first.click()
    items = page.locator("fieldset.check-item")
    for number in range(items.count()):
        items.nth(number).locator(".result-fail" if number == 4 else ".result-pass").click()
    page.locator("#n-4").fill("1号冲床双手按钮失灵,单手也能启动")
    page.locator("#p-4").set_input_files(SCENE)
    page.locator("#item-4").get_by_text("已上传").wait_for()
    page.locator("#item-4").scroll_into_view_if_needed()
    shoot(page, "2-fail")
    page.get_by_role("button", name="核对后提交").click()
    page.get_by_role("button", name="提交并登记").click()
    page.get_by_text("已收到。回执号").wait_for()
    shoot(page, "3-receipt")


def fix(browser) -> None:
    """Assigned, rectified, accepted."""
    safety = sign_in(browser, "safety")
    safety.get_by_text("双手按钮失灵").first.click()
    safety.get_by_role("link", name="指派整改").click()
    safety.get_by_label("整改人").select_option(label=head_name(browser))
    safety.locator("label.choice", has_text="3天").click()
    shoot(safety, "4-assign")
    safety.get_by_role("button", name="指派整改").click()
    path = safety.url
    head = sign_in(browser, "head")
    head.goto(path)
    head.get_by_role("link", name="提交整改").click()
    head.get_by_label("整改措施").fill("更换按钮模块,试机三次正常")
    head.locator("input[type=file]").set_input_files(SCENE)
    head.get_by_text("已上传").wait_for()
    shoot(head, "5-fix")
    head.get_by_role("button", name="提交整改").click()
    safety.goto(path)
    safety.get_by_role("link", name="验收通过").click()
    safety.get_by_role("button", name="验收通过").click()
    safety.get_by_text("已销案").wait_for()
    shoot(safety, "6-accepted")
    safety.locator(".story").scroll_into_view_if_needed()
    safety.locator(".story > li").last.scroll_into_view_if_needed()
    shoot(safety, "7-story")


def head_name(browser) -> str:
    """The unit head's name, read from his own page."""
    page = sign_in(browser, "head")
    return page.locator(".who-text strong").inner_text()


with sync_playwright() as playwright:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (800, 600), "#d9dde0")
    ImageDraw.Draw(picture).rectangle((220, 160, 580, 480), fill="#6b7885")
    SCENE.parent.mkdir(exist_ok=True)
    picture.save(SCENE)
    chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
    HERE.mkdir(exist_ok=True)
    check(chromium)
    fix(chromium)
    chromium.close()
