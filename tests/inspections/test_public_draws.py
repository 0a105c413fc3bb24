"""Draws on the public site: commitment and digest at once, nothing else before publication, everything after."""

import datetime
import io
import json
import runpy
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core.models import MoveRefused
from core.work import sweep
from inspections.draw_file import content_of, text_of
from inspections.models import Avoidance, Draw, FirmGrade
from inspections.models import draw_making as making
from tests.inspections import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.req("R49"), pytest.mark.req("B1")]
program = runpy.run_path(str(Path(__file__).parents[2] / "static/verify/verify_draw.py"))
verify, Mismatch = program["verify"], program["Mismatch"]
PAGE_LIMIT = 150_000


def at(name, draw, *args):
    return reverse(name, args=[draw.number, *args])


def addresses(draw):
    """Every public address of a draw."""
    return [
        at("public_draw", draw),
        at("public_draw_lists", draw),
        at("public_draw_file", draw, draw.number),
        reverse("public_draws"),
        reverse("public_list"),
        reverse("public_csv"),
    ]


def words_of(draw):
    """What must not be read before publication."""
    names = [row.name for row in (*draw.objects_listed.all(), *draw.officers_listed.all())]
    keys = [row.key for row in draw.objects_listed.all()]
    found = [draw.title, draw.secret, draw.seed, draw.public_value, *names, *keys, draw.pool.name]
    return [word for word in found if word]


@pytest.mark.parametrize("step", ["configured", "frozen", "valued", "drawn", "confirmed", "issued", "over", "voided"])
def test_before_publication_the_public_reads_two_digests_and_nothing_else(people, step):
    draw = getattr(drawn, step)(people, title="秘密名称")
    answers = [Client().get(path) for path in addresses(draw)]
    texts = [b"".join(r.streaming_content).decode() if r.streaming else r.content.decode() for r in answers]
    assert [word for word in words_of(draw) for text in texts if word in text] == []
    assert [r.status_code for r in answers] == [200, 404, 404, 200, 200, 200]
    assert (draw.commitment in texts[0], draw.public_event in texts[0], bool(draw.lists_sha256) and draw.lists_sha256 in texts[0]) == (
        True,
        True,
        bool(draw.lists_sha256),
    )
    with pytest.raises(CommandError, match="还没有公布"):
        call_command("export_draw", draw.number, stdout=io.StringIO())


def test_after_publication_everything_shows_and_a_stranger_replays_it(people):
    drawn.firms(people, 5)
    drawn.officers(people, 5)
    draw = drawn.published(people, n=3, title="四季度抽查")
    page = Client().get(at("public_draw", draw)).content.decode()
    lists = Client().get(at("public_draw_lists", draw)).content.decode()
    for pick in draw.drawn_rows():
        assert pick.listed.name in page and pick.ticket in page and pick.ticket in lists
    assert draw.secret in page and draw.seed in page and "四季度抽查" in page
    file = Client().get(at("public_draw_file", draw, draw.number))
    assert (file["Content-Type"], file["Access-Control-Allow-Origin"]) == ("application/json; charset=utf-8", "*")
    data = json.loads(file.content)
    result = verify(data, draw.commitment, draw.lists_sha256)
    stands = {p.listed.key: sorted(s.officer.key for s in p.seats.filter(replaced_by=None)) for p in draw.standing()}
    assert {key: sorted(people) for key, people in result.items()} == stands
    for named in (draw.number, str(draw.pk)):
        out = io.StringIO()
        call_command("export_draw", named, stdout=out)
        assert out.getvalue() == text_of(draw)
    assert [len(Client().get(path).content) < PAGE_LIMIT for path in addresses(draw)[:2]] == [True, True]


def test_replacements_and_what_was_drawn_first_stand_in_the_file_and_on_the_page(people):
    drawn.firms(people, 4)
    drawn.officers(people, 5)
    draw = drawn.issued(people, n=2)
    first = [row["object"] for row in content_of(draw)["drawn"]]
    draw.ask_change(by=people.inspector, on=drawn.TODAY, object=first[0], officer="", note="企业已搬迁出本镇")
    draw.approve_change(by=people.leader, on=drawn.TODAY, note="同意")
    draw = Draw.objects.get(pk=draw.pk)
    seat = draw.standing().last().seats.first()
    draw.ask_change(
        by=people.inspector, on=drawn.TODAY, object=draw.standing().last().listed.key, officer=seat.officer.key, note="生病住院"
    )
    draw.approve_change(by=people.leader, on=drawn.TODAY, note="同意")
    draw = drawn.published(people, drawn.over(people, Draw.objects.get(pk=draw.pk)))
    data = content_of(draw)
    assert [row["object"] for row in data["drawn"]] == first
    assert [(row["kind"], row["by"] != row["approved_by"]) for row in data["changes"]] == [
        ("replace_object", True),
        ("replace_officer", True),
    ]
    assert list(verify(json.loads(json.dumps(data)))) == [p.listed.key for p in draw.standing()]
    page = Client().get(at("public_draw", draw)).content.decode()
    for words in ("企业已搬迁出本镇", "生病住院", "已替换"):
        assert words in page


def test_a_void_draw_is_known_at_once_and_open_with_its_reason_and_its_redraw(people):
    draw = drawn.voided(people, drawn.drawn(people))
    page = Client().get(at("public_draw", draw)).content.decode()
    assert ("已经作废" in page, "来源停办" in page, draw.secret in page) == (True, False, False)
    again = drawn.over(people, redraw_of=draw, redraw_reason="原抽取作废")
    draw = Draw.objects.get(pk=draw.pk)
    with pytest.raises(MoveRefused, match=f"重抽\\({again.number}\\)还没有公布,名单可能相同"):
        draw.disclose(by=people.reviewer, on=drawn.TODAY)
    assert Client().get(at("public_draw_lists", draw)).status_code == 404
    assert list(Draw.objects.to_publish()) == [again]
    again.publish(by=people.reviewer, on=drawn.TODAY)
    draw = Draw.objects.get(pk=draw.pk)
    assert list(Draw.objects.to_publish()) == [draw]
    draw.disclose(by=people.reviewer, on=drawn.TODAY)
    page = Client().get(at("public_draw", draw)).content.decode()
    assert ("来源停办" in page, draw.secret in page, at("public_draw", again) in page) == (True, True, True)
    data = content_of(draw)
    assert (data["changes"][-1]["kind"], data["changes"][-1]["replacement"]) == ("void", again.number)
    assert verify(json.loads(json.dumps(data)))


@pytest.mark.req("R63")
def test_draws_are_found_by_firm_number_title_and_day_as_far_as_each_is_open(people):
    drawn.firms(people, 3)
    drawn.officers(people, 6)
    known, secret = drawn.published(people, title="一季度抽查"), drawn.issued(people, title="二季度暗访")
    firm, hidden = (draw.standing().first().listed.name for draw in (known, secret))
    day = lambda days: (drawn.TODAY + datetime.timedelta(days=days)).isoformat()  # noqa: E731

    def found(**asked):
        return list(Client().get(reverse("public_draws"), asked).context["object_list"])

    assert found() == found(since=day(-1), until=day(1)) == found(since="昨天") == [secret, known]
    assert found(firm=firm) == [known]
    assert found(firm=hidden) == ([known] if hidden == firm else [])
    assert found(q="一季度") == found(q=known.number) == [known]
    assert found(q="二季度") == found(since=day(2)) == found(until=day(-2)) == found(since=day(1), until=day(-1)) == []
    assert found(q=secret.number) == [secret]
    text = Client().get(reverse("public_draws"), {"since": day(1), "until": day(-1), "q": "二季度"}).content.decode()
    assert ("结束日期早于开始日期" in text, 'value="二季度"' in text) == (True, True)


@pytest.mark.parametrize("step", ["configured", "frozen", "issued"])
def test_the_rule_its_version_and_its_numbers_are_public_with_the_commitment(people, step):
    draw = getattr(drawn, step)(people, n=2, max_per_officer=7)
    text = Client().get(at("public_draw", draw)).content.decode()
    assert "规则 shijiao-draw/1:抽 2 个对象,每个对象 2 名检查人员,每人最多 7 个对象" in text


def test_what_was_changed_on_record_after_the_draw_is_seen_by_whoever_makes_it_again(people):
    drawn.firms(people, 4)
    drawn.officers(people, 5)
    draw = drawn.published(people, n=2)
    verify(content_of(draw))
    pick = draw.picks.first()
    kept = pick.listed
    pick.listed = draw.objects_listed.filter(pick=None).first()
    pick.save()
    with pytest.raises(Mismatch, match="重算的抽取结果"):
        verify(content_of(Draw.objects.get(pk=draw.pk)))
    pick.listed = kept
    pick.save()
    seat = pick.seats.first()
    seat.officer = draw.officers_listed.exclude(seats__pick=pick).first()
    seat.save()
    with pytest.raises(Mismatch, match="重算的抽取结果"):
        verify(content_of(Draw.objects.get(pk=draw.pk)))


def test_two_people_of_one_name_are_two_people_in_the_file(people):
    people.leader.name = people.inspector.name
    people.leader.save()
    drawn.firms(people, 3)
    draw = drawn.issued(people)
    draw.ask_change(by=people.inspector, on=drawn.TODAY, object=draw.standing().get().listed.key, note="企业已搬迁")
    draw.approve_change(by=people.leader, on=drawn.TODAY)
    data = content_of(Draw.objects.get(pk=draw.pk))
    names = [data["changes"][0][name] for name in ("by", "approved_by")]
    assert names == [f"李执法({person.staff_number})" for person in (people.inspector, people.leader)]
    assert verify(json.loads(json.dumps(data)))


def test_a_draw_void_before_its_freeze_has_no_lists(people, monkeypatch):
    monkeypatch.setattr(making, "LARGE_LISTS", 1)
    draw = drawn.configured(people, n=50)
    draw.freeze(by=people.inspector, on=drawn.TODAY)
    sweep()
    draw = drawn.voided(people, Draw.objects.get(pk=draw.pk))
    assert draw.objects_listed.count() == 2
    draw.disclose(by=people.reviewer, on=drawn.TODAY)
    data = content_of(draw)
    assert (data["objects"], data["officers"], verify(json.loads(json.dumps(data)))) == ([], [], {})
    assert Client().get(at("public_draw_lists", draw)).status_code == 404
    assert at("public_draw_lists", draw) not in Client().get(at("public_draw", draw)).content.decode()


def test_each_weight_stands_beside_its_reason_and_each_pair_beside_its_firm(people):
    four = drawn.officers(people)
    (heavy,) = drawn.firms(people, 1)
    FirmGrade.give(heavy, by=people.inspector, on=drawn.TODAY, grade="major", reason="粉尘")
    Avoidance.log(by=people.inspector, on=drawn.TODAY, enterprise=heavy, user=four[0], reason="relative", since=drawn.TODAY)
    draw = drawn.published(people)
    page = lambda words: Client().get(at("public_draw_lists", draw), {"q": words}).content.decode()  # noqa: E731
    assert ("重大风险 4" in page(heavy.name), "近亲属关系" in page(heavy.name)) == (True, True)
    assert ("未评定 1" in page(people.factory.name), "近亲属关系" in page(people.factory.name)) == (True, False)


def test_lists_are_searched_by_firm_and_paged(people):
    drawn.firms(people, 4)
    draw = drawn.published(people)
    name = draw.firms_listed().first().name
    text = Client().get(at("public_draw_lists", draw), {"q": name, "page": "abc"}).content.decode()
    assert (name in text, "共 1 家" in text) == (True, True)
    assert "没有这样的企业" in Client().get(at("public_draw_lists", draw), {"q": "没有的厂"}).content.decode()


def test_addresses_that_are_none(people):
    draw = drawn.published(people)
    assert Client().get(reverse("public_draw", args=["2026-999"])).status_code == 404
    assert Client().get(at("public_draw_file", draw, "2026-999")).status_code == 404
    assert Client().get(reverse("public_draws"), {"page": "abc"}).status_code == 200
    with pytest.raises(CommandError, match="没有编号"):
        call_command("export_draw", "2026-999")
