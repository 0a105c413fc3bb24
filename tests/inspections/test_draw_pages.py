"""Pages of draws: what is typed, shown, taken once; and that nothing of a draw gets out before its publication."""

import datetime
import io
import uuid

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Event, Job
from core.work import sweep
from documents.models import Document
from inspections import drawing, reminders_draws
from inspections.models import Draw, DrawChange, Inspection
from inspections.models import draw_making as making
from notices.catalogue import load as load_rules
from notices.models import Notice
from tests import factories as f
from tests.inspections import drawn
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import page, post_plan

pytestmark = pytest.mark.django_db


def configure(people, **changes):
    """What the configuring form sends."""
    data = {
        "client_id": str(uuid.uuid4()),
        "title": "四季度抽查",
        "pool": f.a_pool(people, name=f"库{uuid.uuid4()}").pk,
        "unit": "n",
        "n": "1",
        "officers_per_object": "2",
        "visits_from": TODAY.isoformat(),
        "visits_until": later(20).isoformat(),
        "public_event": "某彩票某期中奖号码",
    }
    return {**data, **changes}


def move(client, draw, name, status=302, **fields):
    """Send a move's form, at the version of now unless another is given."""
    version = fields.pop("version", None) or Draw.objects.values_list("version", flat=True).get(pk=draw.pk)
    response = client.post(reverse("draw_move", args=[draw.pk, name]), {"version": version, **fields})
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def typed(at):
    """A moment as the browser sends it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M:%S")


# Configure


@pytest.mark.req("R49")
def test_a_draw_is_configured_once_however_often_it_is_sent(people, sign_in):
    drawn.law()
    client, data = sign_in(people.inspector), configure(people)
    first, second = client.post(reverse("draw_new"), data), client.post(reverse("draw_new"), data)
    draw = Draw.objects.get()
    assert first.url == second.url == draw.get_absolute_url()
    assert client.post(reverse("draw_new"), {**data, "n": "2"}).status_code == 409
    text = page(client, "draw_detail", draw.pk)
    for words in (draw.number, draw.commitment, "公布承诺", "冻结名单", "下一步", "申请作废", "某彩票某期中奖号码"):
        assert words in text


def test_a_share_of_the_pool_becomes_a_number(people, sign_in):
    drawn.law()
    drawn.firms(people, 5)
    data = configure(people, unit="share", n="", share="30")
    sign_in(people.inspector).post(reverse("draw_new"), data)
    draw = Draw.objects.get()
    assert draw.n == 3
    assert "抽 3 家(库里企业的 30%)" in Event.objects.of(draw).get().data["lines"][2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n": ""}, "请填写抽多少。"),
        ({"unit": "share", "share": "101"}, "不能大于 100。"),
        ({"officers_per_object": "1"}, "不能小于 2。"),
        ({"visits_from": "2020-01-01"}, "日期不能早于今天。"),
        ({"visits_from": later(9).isoformat(), "visits_until": later(8).isoformat()}, "检查期间的结束不能早于开始。"),
        ({"pool": "999999"}, "请从名单里选抽查对象库。"),
        ({"title": ""}, "请写明这次抽取的名称。"),
        ({"public_event": ""}, "请写明公共随机值从哪里来。"),
        ({"n": "9999999"}, "不能大于 5000。"),
    ],
)
def test_what_is_wrong_with_it_is_said(people, sign_in, changes, words):
    response = sign_in(people.inspector).post(reverse("draw_new"), configure(people, **changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Draw.objects.count() == 0


def test_another_towns_pool_cannot_be_drawn_from(people, sign_in):
    theirs = f.a_pool(people, by=people.foreign, name="邻镇库")
    assert sign_in(people.inspector).post(reverse("draw_new"), configure(people, pool=theirs.pk)).status_code == 422


def test_a_void_draw_is_drawn_anew_from_its_page(people, sign_in):
    old = drawn.voided(people)
    client = sign_in(people.inspector)
    assert "重抽" in page(client, "draw_detail", old.pk)
    url = f"{reverse('draw_new')}?redraw_of={old.pk}"
    assert old.number in client.get(url).content.decode()
    assert client.post(url, configure(people)).status_code == 422
    client.post(url, configure(people, redraw_reason="换下一期"))
    new = Draw.objects.get(redraw_of=old)
    assert new.number in page(client, "draw_detail", old.pk)
    assert "换下一期" in page(client, "draw_detail", new.pk)
    for named in (new.pk, "x", "9" * 30):
        assert client.get(reverse("draw_new"), {"redraw_of": named}).status_code == 404


# Moves


@pytest.mark.req("R49")
def test_the_whole_course_by_pages(people, sign_in):
    load_rules()
    drawn.firms(people, 3)
    drawn.officers(people)
    draw = drawn.configured(people, n=2)
    client = sign_in(people.inspector)
    move(client, draw, "freeze")
    Draw.objects.update(frozen_at=timezone.now() - datetime.timedelta(hours=1))
    at = typed(timezone.now() - datetime.timedelta(minutes=5))
    text = page(client, "draw_move", draw.pk, "enter_value")
    assert "名单冻结于" in text
    for changes, words in (
        ({"again": "03 12"}, "两遍填的不一样"),
        ({"public_value_at": typed(timezone.now() - datetime.timedelta(hours=3))}, "冻结之后"),
    ):
        response = move(client, draw, "enter_value", 422, **{"public_value": "03 11", "again": "03 11", "public_value_at": at, **changes})
        assert words in response.content.decode()
    version = Draw.objects.get().version
    given = {"public_value": "03 11", "again": "03 11", "public_value_at": at, "version": version}
    first = move(client, draw, "enter_value", **given)
    assert first.url == move(client, draw, "enter_value", **given).url
    draw.refresh_from_db()
    assert (draw.state, draw.public_value, draw.picks.count()) == ("drawn", "03 11", 2)
    client = sign_in(people.leader)
    for words, said in (("王某 镇纪委", "两名以上"), ("王某 镇纪委\n李某", "没有写单位"), ("", "请写明在场的见证人")):
        assert said in move(client, draw, "confirm", 422, witnesses=words).content.decode()
    move(client, draw, "confirm", witnesses="王某 镇纪委\n 李某  司法所 \n")
    draw.refresh_from_db()
    assert draw.witnesses == ["王某 镇纪委", "李某 司法所"]
    client = sign_in(people.inspector)
    move(client, draw, "issue_tasks")
    assert Inspection.objects.filter(kind="random", pick__draw=draw).count() == 2
    told = Notice.objects.filter(kind="draw.tasks")
    assert {row.recipient for row in told} == {seat.officer.user for pick in draw.standing() for seat in pick.seats_now}
    assert not any(pick.listed.name in f"{row.title}{row.body}" for row in told for pick in draw.standing())
    text = page(client, "draw_detail", draw.pk)
    for pick in draw.standing():
        assert pick.listed.name in text
        assert pick.inspection.number in text
        assert draw.number in page(client, "inspection_detail", pick.inspection.pk)
    drawn.over(people, Draw.objects.get(pk=draw.pk))
    client = sign_in(people.reviewer)
    move(client, draw, "publish")
    draw = Draw.objects.get(pk=draw.pk)
    text = page(client, "draw_detail", draw.pk)
    assert draw.secret in text
    assert draw.seed in text


@pytest.mark.req("R49")
def test_a_change_is_asked_and_approved_without_showing_who_would_come(people, sign_in):
    load_rules()
    drawn.officers(people)
    rest = drawn.firms(people, 4)
    draw = drawn.issued(people)
    pick = draw.standing().get()
    client = sign_in(people.inspector)
    assert pick.listed.name in page(client, "draw_move", draw.pk, "ask_change")
    response = move(client, draw, "ask_change", 422, object=pick.listed.key, officer="999999", note="借调")
    assert "不在现在的抽取结果里" in response.content.decode()
    assert "请写明替换的理由" in move(client, draw, "ask_change", 422, object=pick.listed.key, note="").content.decode()
    move(client, draw, "ask_change", object=pick.listed.key, note="企业已迁出")
    assert {row.recipient for row in Notice.objects.filter(kind="draw.asked")} == {people.leader, people.reviewer}
    text = page(sign_in(people.leader), "draw_move", draw.pk, "approve_change")
    assert pick.listed.name in text
    assert "企业已迁出" in text
    others = {firm.name for firm in [*rest, people.factory, people.neighbour]} - {pick.listed.name}
    assert not any(name in text for name in others)
    move(sign_in(people.leader), draw, "approve_change", note="同意")
    assert not Notice.objects.filter(kind="draw.asked").unread().exists()
    text = page(client, "draw_detail", draw.pk)
    for words in ("企业已迁出", "已撤出", "已批准", DrawChange.objects.get().became):
        assert words in text


def test_a_stale_page_is_told_and_a_double_send_is_one_move(people, sign_in):
    draw = drawn.frozen(people)
    client = sign_in(people.inspector)
    version = draw.version
    move(client, draw, "ask_void", note="来源停办", version=version)
    move(client, draw, "ask_void", note="来源停办", version=version)
    assert DrawChange.objects.count() == 1
    response = move(sign_in(people.inspector2), draw, "ask_void", 409, note="别的理由", version=version)
    assert "别的理由" in response.content.decode()


def test_a_value_that_cannot_be_drawn_with_stays_and_the_page_says_why(people, sign_in):
    draw = drawn.frozen(people)
    draw.objects_listed.update(weight=7)
    client = sign_in(people.inspector)
    at = typed(timezone.now() - datetime.timedelta(minutes=5))
    move(client, draw, "enter_value", public_value="03 11", again="03 11", public_value_at=at)
    text = page(client, "draw_detail", draw.pk)
    assert "公共随机值已经录入,但没有抽取" in text
    draw.refresh_from_db()
    assert (draw.state, draw.public_value) == ("frozen", "03 11")
    assert "draw" in [offer.name for offer in draw.moves_for(people.inspector)]


def test_a_large_draw_shows_what_runs_and_why_it_stopped(people, sign_in, monkeypatch):
    monkeypatch.setattr(making, "LARGE_LISTS", 1)
    draw = drawn.configured(people, n=9)
    client = sign_in(people.inspector)
    move(client, draw, "freeze")
    text = page(client, "draw_detail", draw.pk)
    assert ("冻结名单已开始,在后台办理。" in text, "已冻结名单。" in text) == (True, False)
    move(client, draw, "freeze", 409, version=draw.version)
    assert Job.objects.filter(kind="draw_freeze").count() == 1
    text = page(sign_in(people.leader), "draw_detail", draw.pk)
    assert "正在后台办理" in text
    assert 'http-equiv="refresh"' in text
    sweep()
    text = page(sign_in(people.inspector), "draw_detail", draw.pk)
    assert "可抽取的企业只有 2 家,不够抽 9 家" in text
    assert 'http-equiv="refresh"' not in text


# Lists and tickets


def test_list_filters_exports_and_explains_its_emptiness(people, sign_in):
    first = drawn.configured(people, title="一季度抽查")
    second = drawn.over(people)
    Draw.objects.filter(pk=second.pk).update(publish_by_on=later(-1))
    client = sign_in(people.inspector)
    names = lambda **query: [row.pk for row in client.get(reverse("draw_list"), query).context["object_list"]]  # noqa: E731
    assert names() == [second.pk, first.pk]
    assert names(q="一季度") == [first.pk]
    assert names(state="results_in") == names(view="publish") == names(view="late") == [second.pk]
    assert names(view="open") == [second.pk, first.pk]
    assert names(view="change") == []
    assert names(pool=first.pool_id) == [second.pk, first.pk]
    assert names(start=later(40).isoformat()) == []
    assert "没有符合条件的抽取" in page(client, "draw_list", q="没有")
    assert client.get(reverse("draw_list"), {"export": "xlsx"}).status_code == 200
    assert client.get(reverse("draw_list"), {"page": "abc"}).status_code == 200


@pytest.mark.req("R49")
def test_every_ticket_is_shown_in_its_order_once_it_is_drawn(people, sign_in):
    from inspections.models import Exclusion, FirmGrade

    rest = drawn.firms(people, 4)
    FirmGrade.give(rest[0], by=people.inspector, on=TODAY, grade="major", reason="粉尘")
    Exclusion.log(by=people.inspector, on=TODAY, enterprise=rest[1], reason="整体搬迁", since=TODAY)
    draw = drawn.valued(people, n=2)
    client = sign_in(people.inspector)
    assert client.get(reverse("draw_tickets", args=[draw.pk])).status_code == 404
    draw = drawn.over(people, drawn.issued(people, drawn.confirmed(people, drawn.drawn(people, draw))))
    rows = list(client.get(reverse("draw_tickets", args=[draw.pk])).context["object_list"])
    assert [row.place for row in rows] == [1, 2, 3, 4, 5, None]
    assert [row.ticket for row in rows[:5]] == sorted(row.ticket for row in rows[:5])
    assert [row.outcome[0] for row in rows] == ["抽中", "抽中", "未抽中", "未抽中", "未抽中", "排除"]
    assert (rows[-1].listed.name, rows[-1].listed.excluded) == (rest[1].name, "整体搬迁")
    only = client.get(reverse("draw_tickets", args=[draw.pk]), {"q": rest[0].name}).context["object_list"]
    assert [(row.listed.weight, row.listed.grade_label) for row in only] == [(4, "重大风险")]
    assert [row.outcome[0] for row in client.get(reverse("draw_tickets", args=[draw.pk]), {"view": "drawn"}).context["object_list"]] == [
        "抽中"
    ] * 2
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("draw_tickets", args=[draw.pk]), {"export": "xlsx"}).content)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)][:3] == [1, 2, 3]
    assert sheet.max_row == 7


@pytest.mark.req("R49")
def test_who_would_come_next_is_read_nowhere_while_a_replacement_is_possible(people, sign_in):
    drawn.officers(people, 5)
    drawn.firms(people, 4)
    draw = drawn.issued(people, n=2)
    order = drawing.ranking(draw.seed, draw.lists()["objects"])
    pick = draw.standing().first()
    lots = sorted(drawing.officer_ticket(draw.seed, pick.listed.key, row.key) for row in draw.officers_listed.all())
    client, tickets, seats = (
        sign_in(people.leader),
        reverse("draw_tickets", args=[draw.pk]),
        reverse("draw_officers", args=[draw.pk, pick.pk]),
    )
    rows = list(client.get(tickets).context["object_list"])
    assert [(row.listed.key, row.ticket, row.place) for row in rows[:2]] == [
        (key, ticket, place) for place, (ticket, key) in enumerate(order[:2], 1)
    ]
    rest = sorted(key for _, key in order[2:])
    assert [(row.listed.key, row.ticket, row.place, row.outcome[0]) for row in rows[2:]] == [(key, "", None, "未抽中") for key in rest]
    book = openpyxl.load_workbook(io.BytesIO(client.get(tickets, {"export": "xlsx"}).content)).active
    told = "".join(str(cell.value) for row in book.iter_rows() for cell in row) + client.get(tickets).content.decode()
    assert [ticket for ticket, _ in order if ticket in told] == [ticket for ticket, _ in order[:2]]
    told, made = client.get(seats).content.decode(), sorted(seat.ticket for seat in pick.seats_now)
    assert [lot for lot in lots if lot in told] == made
    draw = drawn.over(people, draw)
    client = sign_in(people.leader)
    assert all(ticket in client.get(tickets).content.decode() for ticket, _ in order)
    assert all(lot in client.get(seats).content.decode() for lot in lots)


@pytest.mark.req("R49")
def test_the_cap_an_officer_had_reached_is_told_of_a_firm_that_came_in_later_too(people, sign_in):
    drawn.officers(people, 5)
    drawn.firms(people, 4)
    draw = drawn.drawn(people, n=2, max_per_officer=1)
    for officer in (False, True):
        draw = Draw.objects.get(pk=draw.pk)
        pick = draw.standing().first()
        seat = pick.seats_now[0].officer.key if officer else ""
        draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, officer=seat, note="替换")
        draw.approve_change(by=people.leader, on=TODAY)
    draw = Draw.objects.get(pk=draw.pk)
    first, gone = draw.standing().first(), draw.picks.exclude(withdrawn_by=None).get()
    last = draw.standing().last()
    client = sign_in(people.inspector)
    said = lambda pick: sorted(seat.outcome for seat in client.get(reverse("draw_officers", args=[draw.pk, pick.pk])).context["seats"])  # noqa: E731
    full = "当时已抽到 1 家,达到上限"
    assert said(gone) == ["抽中"] * 2 + ["没有轮到"] * 3
    # Whoever came in later may be one of the two who were full when this firm's turn came.
    came = draw.changes.get(kind="replace_officer").replacement
    was_full = gone.seats.filter(officer__key=came).exists()
    assert said(first) == sorted(["已换下", "抽中", "抽中", full, "没有轮到" if was_full else full])
    assert said(last) == sorted(["抽中", "抽中", "没有轮到", full, full])


def test_a_page_of_many_changes_asks_as_often_as_one_of_few(people, sign_in):
    drawn.officers(people, 5)
    drawn.firms(people, 6)
    draw, counts = drawn.drawn(people, n=2), []
    for _ in range(4):
        draw = Draw.objects.get(pk=draw.pk)
        pick = draw.standing().last()
        draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, note="替换")
        draw.approve_change(by=people.leader, on=TODAY)
        clients = ((sign_in(people.reviewer), draw.get_absolute_url()), (Client(), reverse("public_draw", args=[draw.number])))
        Draw.objects.filter(pk=draw.pk).update(published_at=timezone.now())
        asked = []
        for client, path in clients:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            asked.append(len(queries))
        Draw.objects.filter(pk=draw.pk).update(published_at=None)
        counts.append(asked)
    assert counts[1] == counts[2] == counts[3]


def test_officers_tickets_say_why_each_was_drawn_or_not(people, sign_in):
    from inspections.models import Absence, Avoidance

    five = drawn.officers(people, 6)
    for firm in (people.factory, people.neighbour):
        Avoidance.log(by=people.inspector, on=TODAY, enterprise=firm, user=five[4], reason="interest", since=TODAY)
    Absence.log(by=people.inspector, on=TODAY, area=people.town, user=five[5], reason="leave", since=TODAY)
    draw = drawn.drawn(people, n=2, max_per_officer=1)
    second = draw.standing().last()
    seats = sign_in(people.inspector).get(reverse("draw_officers", args=[draw.pk, second.pk])).context["seats"]
    assert [bool(seat.ticket) for seat in seats] == [True] * 2 + [False] * 4
    said = {seat.name: seat.outcome for seat in seats}
    assert (said[five[4].name], said[five[5].name]) == ("回避:有利害关系", "排除:休假")
    assert sorted(said[person.name] for person in five[:4]) == ["当时已抽到 1 家,达到上限"] * 2 + ["抽中"] * 2


# The record


@pytest.mark.req("R49")
def test_the_record_is_the_towns_own_and_keeps_the_secret_until_it_is_public(people, sign_in):
    f.DocumentKindFactory(code="DRAW_RECORD", issuer="town")
    draw = drawn.drawn(people)
    client, url = sign_in(people.inspector), reverse("draw_record_paper", args=[draw.pk])
    assert client.get(url).status_code == 302
    draw = drawn.confirmed(people, draw)
    form = client.get(url).context["form"]
    sent = {"client_id": str(uuid.uuid4()), "seen": form["seen"].initial or form.initial["seen"]}
    assert client.post(url, sent).status_code == 302
    paper = Document.objects.get(kind__code="DRAW_RECORD")
    assert (paper.audience, paper.enterprise, paper.facts["secret"], paper.facts["seed"]) == ("town", None, "", "")
    assert paper.facts["witnesses"] == drawn.WITNESSES
    assert [row["name"] for row in paper.facts["picks"]] == [pick.listed.name for pick in draw.standing()]
    assert paper.preview().startswith(b"%PDF")
    for person in (people.village, people.principal, people.outsider, people.department):
        assert not Document.objects.for_user(with_role(person)).filter(pk=paper.pk).exists()


def with_role(person):
    """As the middleware leaves him."""
    person.membership = person.memberships.current().first()
    return person


# Nothing gets out


OUTSIDE = ("village", "principal", "safety", "head", "employee", "outsider")


@pytest.fixture
def secretive(people):
    """A draw that is issued, with a void one and a replaced object: everything that could leak."""
    load_rules()
    drawn.officers(people)
    drawn.firms(people, 3)
    f.DocumentKindFactory(code="DRAW_RECORD", issuer="town")
    drawn.voided(people)
    draw = drawn.drawn(people, n=3)
    draw.ask_change(by=people.inspector, on=TODAY, object=draw.standing().first().listed.key, note="替换秘密理由")
    draw.approve_change(by=people.leader, on=TODAY)
    draw = drawn.issued(people, drawn.confirmed(people, draw))
    from inspections import documents_draws

    facts = documents_draws.record_facts(draw)
    Document.issue("DRAW_RECORD", subject=draw, enterprise=None, facts=facts, by=people.inspector, on=TODAY, audience="town")
    return draw


def words_of(draw):
    """What must not stand on any page outside the offices."""
    tickets = [pick.ticket for pick in draw.picks.all()]
    return [draw.secret, draw.seed, draw.number, draw.title, "替换秘密理由", "双随机抽中", "抽查对象库", *tickets]


PAGES = (
    "home",
    "enterprise_list",
    "enterprise_history",
    "enterprise_inspections",
    "inspection_list",
    "notice_list",
    "document_list",
    "public_list",
    "public_csv",
    "public_data",
)


@pytest.mark.req("R49")
@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_the_offices_learns_of_it(people, sign_in, secretive, who):
    person, found = getattr(people, who), []
    for enterprise in (people.factory, people.neighbour):
        client = sign_in(person)
        for name in PAGES:
            args = [enterprise.pk] if name in ("enterprise_history", "enterprise_inspections") else []
            response = client.get(reverse(name, args=args))
            text = b"".join(response) if response.streaming else response.content
            found += [(name, words) for words in words_of(secretive) if words in text.decode("utf-8", "ignore")]
    assert found == []
    for name in ("draw_list", "pool_list", "officer_list", "absence_list", "avoidance_list", "exclusion_list", "firm_grade_list"):
        assert client.get(reverse(name)).status_code == 403
    assert client.get(secretive.get_absolute_url()).status_code in (403, 404)
    assert not Notice.objects.filter(recipient=person, kind__startswith="draw.").exists()
    for pick in secretive.standing():
        assert client.get(pick.inspection.get_absolute_url()).status_code in (403, 404)


@pytest.mark.req("R49")
def test_a_firm_that_was_told_of_its_visit_reads_nothing_of_the_draw(people, sign_in, secretive):
    pick = next(pick for pick in secretive.standing())
    visit = pick.inspection
    manager = f.MembershipFactory(user=f.UserFactory(name="当事厂长"), role="principal", enterprise=visit.enterprise).user
    first = visit.officers.first().user
    visit.submit_scheme(by=first, on=TODAY)
    visit.approve_scheme(by=people.leader, on=TODAY)
    visit.notify(by=people.inspector, on=TODAY)
    client = sign_in(manager)
    text = page(client, "inspection_detail", visit.pk)
    assert "双随机、一公开抽查" in text
    assert [words for words in words_of(secretive) if words in text] == []
    secretive.refresh_from_db()
    secretive.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, note="替换秘密理由")
    secretive.approve_change(by=people.leader, on=TODAY)
    for text in (
        page(client, "inspection_detail", visit.pk),
        page(client, "notice_list"),
        page(client, "enterprise_history", visit.enterprise_id),
    ):
        assert [words for words in words_of(secretive) if words in text] == []
    assert "检查任务调整" in page(client, "inspection_detail", visit.pk)


@pytest.mark.req("R49")
def test_secret_and_seed_are_on_no_page_of_the_offices_before_the_publication(people, sign_in, secretive):
    pick = secretive.standing().first()
    paths = [
        secretive.get_absolute_url(),
        reverse("draw_tickets", args=[secretive.pk]),
        reverse("draw_officers", args=[secretive.pk, pick.pk]),
        reverse("draw_list"),
        f"{reverse('draw_list')}?export=xlsx",
        reverse("inspection_detail", args=[pick.inspection.pk]),
    ]
    for who in ("inspector", "leader", "reviewer", "admin"):
        client = sign_in(getattr(people, who))
        for path in paths:
            text = client.get(path).content.decode("utf-8", "ignore")
            assert secretive.secret not in text, path
            assert secretive.seed not in text, path


def test_a_department_sees_its_own_draws_only(people, sign_in, secretive):
    client = sign_in(people.department)
    assert list(client.get(reverse("draw_list")).context["object_list"]) == []
    assert client.get(secretive.get_absolute_url()).status_code == 404


def test_planning_by_hand_offers_no_random_visit(people, sign_in):
    drawn.law()
    client = sign_in(people.inspector)
    text = client.get(reverse("inspection_new"), {"enterprise": people.factory.pk}).content.decode()
    assert 'value="random"' not in text
    assert post_plan(client, people, kind="random").status_code == 422


# Clocks


@pytest.mark.req("R49")
def test_publication_is_reminded_of_once_and_stands_on_the_desk(people, sign_in):
    load_rules()
    draw = drawn.over(people)
    Draw.objects.filter(pk=draw.pk).update(publish_by_on=later(3))
    assert reminders_draws.tell(TODAY) == 2
    assert reminders_draws.tell(TODAY) == 0
    told = Notice.objects.filter(kind="draw.publish")
    assert {(row.recipient, row.enterprise_id) for row in told} == {(people.leader, None), (people.reviewer, None)}
    Draw.objects.filter(pk=draw.pk).update(publish_by_on=later(-1))
    for who in ("leader", "reviewer"):
        client = sign_in(getattr(people, who))
        text = client.get(reverse("inspection_desk"), {"pile": "draw_late"}).content.decode()
        assert draw.title in text
        assert "抽取公布逾期" in page(client, "home")
        assert client.get(reverse("inspection_desk"), {"pile": "draw_late", "export": "xlsx"}).status_code == 200
    draw = Draw.objects.get(pk=draw.pk)
    draw.publish(by=people.reviewer, on=TODAY)
    assert not Notice.objects.filter(kind="draw.publish").unread().exists()
