"""The public site: nothing unpublished shows anywhere, no cookie, no script, light pages, open data."""

import csv
import datetime
import io
import re
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from core.models import Event, Seal
from core.seals import seal_new
from documents.models import Publication
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("R76")]
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)
PAGE_LIMIT = 150_000


def publish(people, word, **facts):
    """A public notice in whose every text `word` stands."""
    texts = {"title": f"{word}标题", "party": f"{word}公司", "original": f"{word}原文", "body": f"{word}正文", **facts}
    row = f.a_publication(people, **texts)
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    return row


@pytest.fixture
def notices(people):
    """One of each state, each with a word of its own that no other text holds."""
    draft = {f"{n}": f"甲甲{n}" for n in ("title", "party", "original", "body")}
    f.a_publication(people, **draft)
    reviewed = f.a_publication(people, **{n: f"乙乙{n}" for n in draft})
    reviewed.review(by=people.reviewer, on=TODAY)
    withdrawn = publish(people, "丙丙")
    withdrawn.withdraw(by=people.leader, on=TODAY, note="说明戊戊")
    gone = publish(people, "丁丁")
    Publication.objects.filter(pk=gone.pk).update(published_on=TODAY - 9 * DAY, expires_on=TODAY - DAY, state="expired")
    over = publish(people, "己己")
    Publication.objects.filter(pk=over.pk).update(published_on=TODAY - 9 * DAY, expires_on=TODAY - DAY)
    shown = publish(people, "庚庚")
    return {"withdrawn": withdrawn, "gone": gone, "over": over, "shown": shown}


HIDDEN = ("甲甲", "乙乙", "丙丙", "丁丁", "己己", "原文")


def everything(client, notices):
    """What anybody can be shown: every address, every filter, every word searched."""
    asked = [{}, {"state": "withdrawn"}, *({"kind": kind} for kind in Publication.Kind.values), {"page": "1"}]
    asked += [{"q": word, "state": state} for word in (*HIDDEN, "戊戊", "庚庚") for state in ("", "withdrawn", "draft", "reviewed")]
    asked += [{"firm": word, "state": state} for word in HIDDEN for state in ("", "withdrawn")]
    asked += [{"since": "2000-01-01", "until": "2100-01-01", "state": state} for state in ("", "withdrawn")]
    for name in ("public_list", "public_csv"):
        for query in asked:
            answer = client.get(reverse(name), query)
            text = b"".join(answer).decode() if answer.streaming else answer.text
            yield f"{name} {query}", re.sub(r'value="[^"]*"|(?:q|firm)=[^"&]*', "", text), answer
    for row in notices.values():
        answer = client.get(reverse("public_detail", args=[row.number]))
        yield f"detail {row.state}", answer.text, answer
    for name in ("public_data", "public_seals"):
        answer = client.get(reverse(name))
        yield name, answer.text, answer


def test_nothing_unpublished_leaks_anywhere(client, notices):
    pages = list(everything(client, notices))
    leaked = [(where, word) for where, text, _ in pages for word in HIDDEN if f"{word}" in text.replace("原文件", "")]
    assert leaked == []
    assert sum("庚庚" in text for _, text, _ in pages) > 5, "the control: what is public is found by the same search"
    assert sum("说明戊戊" in text for _, text, _ in pages) > 3
    assert [str(answer.cookies) for _, _, answer in pages if answer.cookies] == []


def test_a_hidden_word_is_not_found_by_searching_what_was_withdrawn(client, notices):
    """A search that answers "yes" for hidden content would tell it word by word."""

    def count(**query):
        return client.get(reverse("public_list"), query).context["page_obj"].paginator.count

    assert (count(q="丙丙", state="withdrawn"), count(q="戊戊", state="withdrawn"), count(q="丙丙"), count(q="庚庚")) == (0, 1, 0, 1)


def test_the_permanent_address_says_what_became_of_it(client, notices):
    pages = {name: client.get(reverse("public_detail", args=[row.number])) for name, row in notices.items()}
    assert {name: page.status_code for name, page in pages.items()} == {"withdrawn": 200, "gone": 410, "over": 410, "shown": 200}
    assert "庚庚正文" in pages["shown"].text
    assert "说明戊戊" in pages["withdrawn"].text
    assert "noindex" in pages["withdrawn"].text
    assert "noindex" not in pages["shown"].text
    assert client.get(reverse("public_detail", args=["2026-99999"])).status_code == 404


def test_the_open_data_are_what_the_columns_say(client, people, notices):
    publish(people, "辛", title="=HYPERLINK(1)", body='第一行\n第二行,"引号"')
    answer = client.get(reverse("public_csv"))
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    described = [column.name for column in client.get(reverse("public_data")).context["columns"]]
    assert list(rows[0]) == described
    assert [(row["标题"], row["状态"], row["撤下说明"]) for row in rows] == [
        ("'=HYPERLINK(1)", "公示中", ""),
        ("庚庚标题", "公示中", ""),
        ("", "已撤下", "说明戊戊"),
    ]
    assert rows[0]["正文"] == '第一行\n第二行,"引号"'
    assert (rows[1]["当事人"], rows[1]["公示日期"], rows[2]["正文"], rows[2]["当事人"]) == ("庚庚公司", TODAY.isoformat(), "", "")
    filtered = b"".join(client.get(reverse("public_csv"), {"q": "庚庚"})).decode("utf-8-sig")
    assert [row["标题"] for row in csv.DictReader(io.StringIO(filtered))] == ["庚庚标题"]


@pytest.mark.parametrize("query", [{"q": "\x00"}, {"q": "甲" * 500}, {"kind": "x"}, {"state": "draft"}, {"size": "<b>", "contrast": "'"}])
def test_odd_questions_are_answered(client, notices, query):
    assert client.get(reverse("public_list"), query).status_code == 200
    assert client.get(reverse("public_csv"), query).status_code == 200
    assert client.get(reverse("public_list"), {**query, "page": "x"}).status_code == 200


@pytest.mark.parametrize(("page", "shown"), [("abc", 1), ("0", 2), ("-1", 2), ("99999", 2), ("", 1), ("2", 2), ("9" * 40, 2)])
def test_an_odd_page_number_shows_the_nearest_page(client, people, page, shown):
    for n in range(21):
        publish(people, f"{n:02d}")
    assert client.get(reverse("public_list"), {"page": page}).context["page_obj"].number == shown


def found(client, **query):
    """The titles the public list answers with."""
    return [row.title for row in client.get(reverse("public_list"), query).context["object_list"]]


@pytest.mark.req("R49")
def test_it_is_searched_by_firm_period_and_kind_alone_and_together(client, people):
    days = {"甲": TODAY - 9 * DAY, "乙": TODAY - 5 * DAY, "丙": TODAY}
    for name, day in days.items():
        row = publish(people, name, party=f"{name}机械厂", kind="inspection" if name == "乙" else "circular")
        Publication.objects.filter(pk=row.pk).update(published_on=day)
    assert found(client, firm="机械厂") == ["丙标题", "乙标题", "甲标题"]
    assert found(client, firm="甲机械") == ["甲标题"]
    assert found(client, firm="甲正文") == [], "the firm's name alone, not the text"
    assert found(client, since=(TODAY - 5 * DAY).isoformat()) == ["丙标题", "乙标题"]
    assert found(client, until=(TODAY - 5 * DAY).isoformat()) == ["乙标题", "甲标题"]
    assert found(client, kind="inspection") == ["乙标题"]
    both = {"since": (TODAY - 6 * DAY).isoformat(), "until": (TODAY - DAY).isoformat(), "firm": "机械", "kind": "inspection", "q": "正文"}
    assert found(client, **both) == ["乙标题"]
    assert found(client, **{**both, "kind": "circular"}) == []
    page = client.get(reverse("public_list"), {**both, "size": "xl"})
    file = re.search(r'href="(/public/data.csv[^"]*)"', page.text)[1].replace("&amp;", "&")
    lines = b"".join(client.get(file)).decode("utf-8-sig").splitlines()
    assert len(lines) == 2, "the download is what was asked for"


def test_a_question_without_an_answer_is_said_to_be_one(client, people, notices):
    late = {"since": TODAY.isoformat(), "until": (TODAY - DAY).isoformat()}
    page = client.get(reverse("public_list"), late)
    assert (page.status_code, "结束日期早于开始日期" in page.text, list(page.context["object_list"])) == (200, True, [])
    page = client.get(reverse("public_list"), {"firm": "丙丙", "state": "withdrawn"})
    assert ("不能按企业查找" in page.text, list(page.context["object_list"])) == (True, [])
    assert b"".join(client.get(reverse("public_csv"), {"firm": "丙丙", "state": "withdrawn"})).count(b"\n") == 1
    page = client.get(reverse("public_list"), {"since": "昨天"})
    assert ("日期要写成" in page.text, found(client, since="昨天")) == (True, ["庚庚标题"])


def test_the_permanent_address_and_the_day_of_the_visit_are_shown(client, people, settings):
    row = publish(people, "甲", kind="inspection", inspected_on=TODAY - 30 * DAY)
    path = reverse("public_detail", args=[row.number])
    page = client.get(path, {"size": "xl"}).text
    assert f">http://testserver{path}</a>" in page
    assert f"<dt>检查日期</dt><dd>{TODAY - 30 * DAY}</dd>" in page
    settings.SITE_URL = "https://shijiao.example"
    assert f">https://shijiao.example{path}</a>" in client.get(path).text
    line = next(csv.DictReader(io.StringIO(b"".join(client.get(reverse("public_csv"))).decode("utf-8-sig"))))
    assert (line["检查日期"], line["种类"]) == ((TODAY - 30 * DAY).isoformat(), "检查结果")


def test_the_look_is_carried_by_the_address_alone(client, notices):
    """特大字 and high contrast without a cookie: every link inside the site keeps them."""
    row = notices["shown"]
    for url in (reverse("public_list"), reverse("public_detail", args=[row.number]), reverse("public_data"), reverse("public_seals")):
        page = client.get(url, {"size": "xl", "contrast": "high"})
        assert re.search(r'<html[^>]*class="is-large is-contrast"', page.text)
        inside = [href for href in re.findall(r'href="(/public/[^"]*)"', page.text) if "data.csv" not in href]
        assert [href for href in inside if "size=xl" not in href or "contrast=high" not in href] == []
        assert inside
        plain = client.get(url).text
        assert "is-large" not in plain
        assert "size=xl" in plain, "the link that switches it on"
        assert page.cookies == {}


@pytest.mark.parametrize("rows", [0, 25])
def test_pages_are_light_and_need_no_script(client, people, rows):
    for n in range(rows):
        publish(people, f"{n}号", body="很长的正文。" * 200)
    row = Publication.objects.first()
    urls = [
        reverse("public_list"),
        reverse("public_data"),
        reverse("public_seals"),
        *([reverse("public_detail", args=[row.number])] if row else []),
    ]
    for url in urls:
        text = client.get(url).text
        assert "<script" not in text
        named = re.findall(r'(?:href|src)="/static/([^"]+)"', text)
        assert named
        weight = len(text.encode()) + sum(Path(finders.find(name)).stat().st_size for name in named)
        assert weight < PAGE_LIMIT, url


def test_the_foot_names_the_office_and_its_records(client, settings):
    foot = lambda: client.get(reverse("public_list")).text.split("<footer")[1]  # noqa: E731
    assert settings.ORGANISER in foot()
    assert "beian" not in foot(), "what is not set is not shown"
    settings.SITE_CODE, settings.ICP_NUMBER, settings.POLICE_NUMBER = "5001100001", "渝ICP备12345678号-1", "渝公网安备50011002000001号"
    for text in ("网站标识码:5001100001", "渝ICP备12345678号-1", "渝公网安备50011002000001号", "code=50011002000001"):
        assert text in foot()


def test_the_seal_of_each_day_and_the_one_a_paper_names(client, people):
    """A digest noted here one day can be asked for later by its number."""
    page = client.get(reverse("public_seals"))
    assert ("还没有封条" in page.text, "最近没有封条" in page.text) == (True, True)
    publish(people, "甲")
    for hour in range(3):
        with time_machine.travel(datetime.datetime(2026, 11, 2, 1 + hour, tzinfo=datetime.UTC), tick=False):
            Event.record(people.factory, by=people.inspector, on=TODAY, move="note", label="备注")
            seal_new()
    today = datetime.datetime(2026, 11, 3, 1, tzinfo=datetime.UTC)
    with time_machine.travel(today, tick=False):
        Event.record(people.factory, by=people.inspector, on=TODAY, move="note", label="备注")
        seal_new()
        Event.record(people.factory, by=people.inspector, on=TODAY, move="note", label="备注")
        page = client.get(reverse("public_seals"))
    newest, first = Seal.objects.get(number=4), Seal.objects.get(number=1)
    assert [seal.number for seal in page.context["seals"]] == [4, 3], "the last of each day"
    assert [seal.count for seal in page.context["seals"]] == [1, 1]
    assert "其后 1 条记录待封存" in page.context["line"]
    assert newest.digest in page.text
    assert str(newest) in client.get(reverse("public_list")).text.split("<footer")[1]
    asked = client.get(reverse("public_seals"), {"number": 1})
    assert (asked.context["found"].count, first.digest in asked.text) == (4, True)
    assert "没有第 99 号封条" in client.get(reverse("public_seals"), {"number": 99}).text
    for odd in ("x", "-1", "9" * 40, "\x00"):
        assert client.get(reverse("public_seals"), {"number": odd}).status_code == 200


def test_the_newest_stand_first_page_by_page(client, people):
    for n in range(23):
        publish(people, f"{n:02d}")
    first = client.get(reverse("public_list"))
    second = client.get(reverse("public_list"), {"page": 2, "size": "xl"})
    assert [row.title for row in first.context["object_list"]][:2] == ["22标题", "21标题"]
    assert [row.title for row in second.context["object_list"]] == ["02标题", "01标题", "00标题"]
    assert 'rel="prev" href="?size=xl&amp;page=1"' in second.text


def test_only_reading(client):
    assert client.post(reverse("public_list")).status_code in (403, 405)
