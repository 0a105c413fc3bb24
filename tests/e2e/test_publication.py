"""A paper of the town from its service to the public site and off it again, in the browser; the public reads without script."""

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.models import Publication, Service
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.people import township
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.localdate()
ORIGINAL = "企业联系人:王小明,电话 138 1234 5678。\n2号冲床防护罩已经装好,甲班长到场确认。"
MASKED = "企业联系人:王某某,电话 ***********。\n2号冲床防护罩已经装好,甲某某到场确认。"


@pytest.fixture
def paper(transactional_db):
    """A paper of the town to the factory."""
    people = township()
    people.paper = f.a_town_paper(people)
    return people


@pytest.mark.req("R76")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_from_service_to_the_public_and_off_it(paper, visit, size, tmp_path):
    people, photo = paper, tmp_path / "receipt.jpg"
    photo.write_bytes(jpeg().read())
    inspector, reviewer, leader = (visit(who, size) for who in (people.inspector, people.reviewer, people.leader))
    anybody = visit(None, size, java_script_enabled=False)
    reader = visit(None, size)

    def looked_at(page):
        found = [*serious(page), *([f"{overflow(page)} px too wide"] if overflow(page) else [])]
        assert found == [], page.url

    inspector.goto(reverse("service_new", args=[people.paper.pk]))
    looked_at(inspector)
    inspector.get_by_label("签收人", exact=True).fill("王安全")
    inspector.get_by_label("签收人身份").fill("安全管理员")
    inspector.get_by_label("送达地点").fill("厂办公室")
    inspector.locator("input[type=file]").set_input_files(photo)
    inspector.get_by_text("已上传").wait_for()
    inspector.get_by_role("button", name="登记送达").click()
    inspector.get_by_text("已登记送达").wait_for()
    looked_at(inspector)
    assert Service.objects.get().receiver == "王安全"

    inspector.goto(f"{reverse('publication_new')}?document={people.paper.pk}")
    inspector.get_by_label("种类").select_option("hazard")
    inspector.get_by_label("标题").fill("重庆石角机械厂隐患治理情况")
    inspector.get_by_label("原文(不公开)").fill(ORIGINAL)
    inspector.get_by_role("button", name="生成遮盖稿").click()
    inspector.locator("ins").first.wait_for()
    assert inspector.get_by_label("公开正文").input_value() == MASKED
    looked_at(inspector)
    inspector.get_by_role("button", name="保存并交审核").click()
    inspector.get_by_text("草稿已保存").wait_for()
    looked_at(inspector)
    row = Publication.objects.get()
    assert inspector.get_by_role("link", name="审核通过").count() == 0

    for page in (anybody, reader):
        page.goto(reverse("public_list"))
    assert "现在没有公示中的信息" in anybody.locator("main").inner_text()
    looked_at(reader)

    reviewer.goto(row.get_absolute_url())
    reviewer.get_by_role("link", name="审核通过").click()
    looked_at(reviewer)
    reviewer.get_by_label("已逐行对照").check()
    reviewer.get_by_label("不涉及国家秘密").check()
    reviewer.get_by_role("button", name="审核通过").click()
    reviewer.get_by_text("待发布").first.wait_for()
    leader.goto(row.get_absolute_url())
    leader.get_by_role("link", name="发布", exact=True).click()
    leader.get_by_role("button", name="发布", exact=True).click()
    leader.get_by_text("公示中").first.wait_for()
    leader.goto(reverse("publication_list"))
    looked_at(leader)

    anybody.goto(reverse("public_list"))
    anybody.get_by_label("搜索").fill("石角机械")
    anybody.get_by_role("button", name="查找").click()
    anybody.get_by_role("link", name="特大字").click()
    anybody.get_by_role("link", name="高对比").click()
    anybody.get_by_role("link", name="重庆石角机械厂隐患治理情况").click()
    assert "size=xl&contrast=high" in anybody.url
    body = anybody.locator("article").inner_text()
    assert "防护罩已经装好" in body
    assert [word for word in ("王小明", "甲班长", "5678") if word in body] == []
    address = anybody.url.partition("?")[0]
    for look in ("", "?size=xl", "?contrast=high", "?size=xl&contrast=high"):
        for url in (reverse("public_list"), address, reverse("public_data"), reverse("public_seals")):
            reader.goto(url + look)
            looked_at(reader)
    assert (anybody.context.cookies(), reader.context.cookies()) == ([], [])

    leader.goto(row.get_absolute_url())
    leader.get_by_role("link", name="撤下并说明").click()
    leader.get_by_label("公开的撤下说明").fill("复查意见书已更正,另行公示。")
    leader.get_by_role("button", name="撤下并说明").click()
    leader.get_by_text("已撤下").first.wait_for()
    anybody.goto(address)
    text = anybody.locator("main").inner_text()
    assert "复查意见书已更正" in text
    assert "防护罩" not in text
    reader.goto(address)
    looked_at(reader)
