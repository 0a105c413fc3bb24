"""公示: two people, service first, frozen content, withdrawal, expiry, and the pages inside the town."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from core import clock
from core.models import Counter, Event, MoveRefused, Submission
from documents.models import Document, Publication
from documents.tasks import expire_publications
from tests import factories as f

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)
ID = "110101199003077758"


def published(people, **facts):
    """A publication that went the whole way today."""
    row = f.a_publication(people, **facts)
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    return row


@pytest.mark.req("R76")
def test_from_draft_to_withdrawal_with_a_story(people):
    row = published(people)
    assert (row.state, row.number, row.published_on, row.reviewed_by) == ("published", f"{TODAY.year}-00001", TODAY, people.reviewer)
    assert row.expires_on == clock.due_on("publication.expire", TODAY)
    assert row.due_on == clock.due_on("publication.due", TODAY)
    row.withdraw(by=people.leader, on=TODAY, note="文书变更")
    assert (row.state, row.withdrawn_on, row.explanation) == ("withdrawn", TODAY, "文书变更")
    moves = [(e.move, e.by, e.from_state, e.to_state) for e in Event.objects.of(row)]
    assert moves == [
        ("open", people.inspector, "", "draft"),
        ("review", people.reviewer, "draft", "reviewed"),
        ("publish", people.leader, "reviewed", "published"),
        ("withdraw", people.leader, "published", "withdrawn"),
    ]
    digests = {e.data.get("content") for e in Event.objects.of(row).filter(move__in=("review", "publish"))}
    assert digests == {row.content_digest}, "what was reviewed is what was published, and the sealed Events say so"


@pytest.mark.req("R76")
def test_the_reviewer_is_never_whoever_wrote(people):
    row = f.a_publication(people)
    with pytest.raises(MoveRefused, match="审核人不能是拟稿人"):
        row.review(by=people.inspector, on=TODAY)
    row.revise(by=people.inspector2, on=TODAY, title="甲", party="", original="乙", body="丙")
    for writer in (people.inspector, people.inspector2):
        with pytest.raises(MoveRefused, match="审核人不能是拟稿人"):
            row.review(by=writer, on=TODAY)
        assert "review" not in [offer.name for offer in row.moves_for(writer)]
    row.review(by=people.reviewer, on=TODAY)
    assert row.state == "reviewed"
    with pytest.raises(IntegrityError, match="publication_second_person"), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(reviewed_by=row.drafted_by)


def test_a_returned_draft_says_why_and_goes_round_again(people):
    row = f.a_publication(people)
    row.review(by=people.reviewer, on=TODAY)
    row.send_back(by=people.leader, on=TODAY, note="还有名字")
    assert (row.state, row.reviewed_by, row.is_returned) == ("draft", None, True)
    waiting = {who.username: list(Publication.objects.waiting_for(who)) for who in (people.inspector, people.reviewer)}
    assert waiting == {"inspector": [row], "reviewer": []}
    row.revise(by=people.inspector, on=TODAY, title="甲", party="", original="乙", body="丙")
    waiting = {who.username: list(Publication.objects.waiting_for(who)) for who in (people.inspector, people.reviewer, people.safety)}
    assert waiting == {"inspector": [], "reviewer": [row], "safety": []}
    with pytest.raises(MoveRefused, match="请直接修改"):
        row.send_back(by=people.inspector, on=TODAY, note="自己退自己")


@pytest.mark.req("R76")
def test_nothing_is_published_before_its_paper_was_served(people):
    paper = f.a_town_paper(people, on=TODAY - DAY)
    row = f.a_publication(people, document=paper)
    row.review(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match="还没有送达"):
        row.publish(by=people.leader, on=TODAY)
    assert "publish" not in [offer.name for offer in row.moves_for(people.leader)]
    assert Counter.objects.filter(key__startswith="publication").count() == 0, "a refused publication uses no number"
    announced = f.a_service(people, paper, method="announced", sent_on=TODAY - DAY, served_on=None, reference="公告栏")
    with pytest.raises(MoveRefused, match="还没有送达"):
        row.publish(by=people.leader, on=TODAY)
    f.a_service(people, paper, corrects=announced, correction_reason="当面送到了")
    row.publish(by=people.leader, on=TODAY)
    assert row.state == "published"


def test_a_paper_of_the_firm_needs_no_service(people):
    paper = f.a_town_paper(people, kind="HAZARD_PUBLICITY")
    paper.kind.issuer = "enterprise"
    paper.kind.save()
    assert published(people, document=paper).state == "published"


def test_a_void_paper_is_not_published_and_what_was_is_to_be_withdrawn_in_time(people):
    paper = f.a_town_paper(people)
    f.a_service(people, paper)
    row = published(people, document=paper)
    draft = f.a_publication(people, document=f.a_town_paper(people))
    assert (row.is_void, row.withdraw_by_on, list(Publication.objects.void())) == (False, None, [])
    Document.objects.update(voided_at=timezone.now(), voided_by=people.inspector, void_reason="决定撤销")
    row, draft = Publication.objects.get(pk=row.pk), Publication.objects.get(pk=draft.pk)
    assert (row.is_void, row.withdraw_by_on) == (True, clock.due_on("publication.withdraw", TODAY))
    assert list(Publication.objects.void()) == [row]
    assert row in Publication.objects.waiting_for(people.leader)
    draft.review(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match="已作废"):
        draft.publish(by=people.leader, on=TODAY)
    with pytest.raises(MoveRefused, match="已作废"):
        f.a_publication(people, document=Document.objects.get(pk=paper.pk))


def test_one_paper_has_one_live_publication(people):
    paper = f.a_town_paper(people)
    row = f.a_publication(people, document=paper)
    with pytest.raises(MoveRefused, match="已有一条公示"):
        f.a_publication(people, document=paper)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(
            **{n: getattr(row, n) for n in ("kind", "title", "original", "body", "document", "area", "starts_on", "due_on", "drafted_by")},
            state="draft",
        )
    assert Publication.objects.count() == 1


@pytest.mark.req("R76")
@pytest.mark.parametrize("where", ["title", "party", "body"])
def test_personal_numbers_never_get_into_what_is_public(people, where):
    with pytest.raises(MoveRefused, match="身份证号"):
        f.a_publication(people, **{where: f"张三{ID}"})
    row = f.a_publication(people)
    texts = {"title": "甲", "party": "", "original": "乙", "body": "丙"}
    with pytest.raises(MoveRefused, match="手机号"):
        row.revise(by=people.inspector, on=TODAY, **{**texts, where: "电话138 1234 5678"})
    Publication.objects.filter(pk=row.pk).update(**{where: f"从前写下的 {ID}"})
    with pytest.raises(MoveRefused, match="身份证号"):
        Publication.objects.get(pk=row.pk).review(by=people.reviewer, on=TODAY)
    assert Publication.objects.get().state == "draft"


def test_the_explanation_of_a_withdrawal_is_checked_too(people):
    row = published(people)
    with pytest.raises(MoveRefused, match="手机号"):
        row.withdraw(by=people.leader, on=TODAY, note="张三13812345678要求撤下")
    assert row.state == "published"


def test_content_is_frozen_once_reviewed(people):
    row = f.a_publication(people)
    texts = {"title": "偷换", "party": "", "original": "乙", "body": "丙"}
    row.review(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused):
        row.revise(by=people.inspector, on=TODAY, **texts)
    row.publish(by=people.leader, on=TODAY)
    with pytest.raises(MoveRefused):
        row.revise(by=people.inspector, on=TODAY, **texts)
    assert Publication.objects.get().title == "隐患治理情况"


def test_the_original_is_encrypted_and_in_no_event_and_no_submission(people, sign_in):
    f.publication_rules()
    sign_in(people.inspector).post(reverse("publication_new"), draft_form(original=f"张小明{ID}", body="张某某"))
    row = Publication.objects.get()
    assert row.original == f"张小明{ID}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT original FROM documents_publication")
        assert ID not in cursor.fetchone()[0]
    kept = [str(e.data) + e.note for e in Event.objects.all()] + [str(s.content) for s in Submission.objects.all()]
    assert kept
    assert [text for text in kept if ID in text or "张小明" in text] == []


@pytest.mark.req("R76")
def test_it_expires_by_rule_once(people):
    row = published(people)
    last = row.expires_on
    assert Publication.objects.all().expire(last) == 0, "the last day is still public"
    assert Publication.objects.all().expire(last + DAY) == 1
    assert Publication.objects.all().expire(last + DAY) == 0
    row.refresh_from_db()
    event = Event.objects.of(row).last()
    assert (row.state, event.move, event.by.is_system, event.on) == ("expired", "expire", True, last + DAY)
    assert expire_publications() == 0


def test_a_penalty_has_its_own_periods(people):
    row = published(people, kind="penalty")
    assert row.due_on == clock.due_on("publication.due.penalty", TODAY)
    assert row.expires_on == clock.due_on("publication.expire.penalty", TODAY)


def test_late_is_the_same_question_as_property_and_as_query(people):
    late = f.a_publication(people)
    Publication.objects.filter(pk=late.pk).update(due_on=TODAY - DAY)
    due_today = f.a_publication(people)
    Publication.objects.filter(pk=due_today.pk).update(due_on=TODAY)
    done = published(people)
    Publication.objects.filter(pk=done.pk).update(due_on=TODAY - DAY)
    assert list(Publication.objects.late(TODAY)) == [row for row in Publication.objects.order_by("pk") if row.is_late] == [late]


def test_only_drafters_draft(people):
    for who in (people.leader, people.admin, people.village, people.department, people.safety):
        with pytest.raises(PermissionDenied):
            f.a_publication(people, by=who)
    assert Publication.objects.count() == 0


# Pages


def draft_form(**fields):
    """What the page sends."""
    base = {
        "client_id": "6f1c1c1e-0000-4000-8000-00000000000a",
        "kind": "circular",
        "title": "通报",
        "party": "",
        "starts_on": TODAY.isoformat(),
    }
    return {**base, "original": "联系人:张小明", "body": "联系人:张某某", **fields}


def test_a_draft_sent_twice_is_one_draft(people, sign_in):
    f.publication_rules()
    client, url = sign_in(people.inspector), reverse("publication_new")
    answers = [client.post(url, draft_form()) for _ in range(3)]
    row = Publication.objects.get()
    assert {(a.status_code, a.url) for a in answers} == {(302, row.get_absolute_url())}
    assert (row.area_id, row.enterprise, row.drafted_by, row.state) == (people.town.pk, None, people.inspector, "draft")
    answer = client.post(url, draft_form(title="另一个"))
    assert (answer.status_code, "另一个" in answer.text, Publication.objects.count()) == (409, True, 1)


def test_the_proposal_is_shown_beside_the_original_and_saves_nothing(people, sign_in):
    f.publication_rules()
    url = f"{reverse('publication_new')}?enterprise={people.factory.pk}"
    answer = sign_in(people.inspector).post(url, draft_form(original=f"到场人甲班长,身份证{ID}", body="", title="", propose="1"))
    form = answer.context["form"]
    assert (answer.status_code, form["body"].value(), form["title"].value()) == (200, f"到场人甲某某,身份证{'*' * 18}", "")
    assert form["client_id"].value() == draft_form()["client_id"], "pressed and then saved, it is one draft"
    assert "<ins>某某</ins>" in answer.text
    assert "error-summary" not in answer.text, "a half-filled form is not scolded for asking"
    assert Publication.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"body": ""}, "body", "生成遮盖稿"),
        ({"body": f"张三{ID}"}, "body", "身份证号"),
        ({"title": "通报13812345678"}, "title", "手机号"),
        ({"original": ""}, "original", "请填写原文"),
        ({"starts_on": (TODAY + DAY).isoformat()}, "starts_on", "晚于今天"),
        ({"starts_on": "x"}, "starts_on", "日期"),
        ({"kind": "nothing"}, "kind", "选择"),
        ({"client_id": "x"}, "client_id", "刷新"),
        ({"body": "长" * 20001}, "body", "20000"),
        ({"title": "\x00"}, "title", "看不见的字符"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_is_a_sentence_and_loses_nothing(people, sign_in, fields, field, why):
    answer = sign_in(people.inspector).post(reverse("publication_new"), draft_form(party="保留的单位", **fields))
    assert (answer.status_code, why in "".join(answer.context["form"].errors[field]), "保留的单位" in answer.text) == (422, True, True)
    assert Publication.objects.count() == 0


def test_a_day_before_all_rules_is_a_sentence(people, sign_in):
    f.publication_rules()
    answer = sign_in(people.inspector).post(reverse("publication_new"), draft_form(starts_on="0001-01-01"))
    assert (answer.status_code, "请核对起算日期" in answer.text) == (422, True)


def test_a_draft_from_a_paper_of_another_town_is_a_404(people, sign_in):
    for name, pk in (("enterprise", people.abroad.pk), ("enterprise", "x"), ("document", "99999"), ("document", "9" * 40)):
        assert sign_in(people.inspector).get(f"{reverse('publication_new')}?{name}={pk}").status_code == 404


def test_the_review_shows_both_texts_and_wants_both_ticks(people, sign_in):
    row = f.a_publication(people)
    client, url = sign_in(people.reviewer), reverse("publication_move", args=[row.pk, "review"])
    page = client.get(url).text
    assert "<del>小明</del>" in page
    assert "<ins>某某</ins>" in page
    ticked = {"version": row.version, "is_masked": "on", "is_open": "on", "note": ""}
    for missing in ("is_masked", "is_open"):
        answer = client.post(url, {k: v for k, v in ticked.items() if k != missing})
        assert (answer.status_code, Publication.objects.get().state) == (422, "draft")
    for _ in range(2):
        assert client.post(url, ticked).status_code == 302
    assert (Publication.objects.get().state, Event.objects.of(row).filter(move="review").count()) == ("reviewed", 1)


def test_a_revision_proposes_keeps_and_does_not_overwrite(people, sign_in):
    row = f.a_publication(people)
    client, url = sign_in(people.inspector), reverse("publication_move", args=[row.pk, "revise"])
    texts = {"version": row.version, "title": "新标题", "party": "", "original": "联系人:李大力", "body": "旧"}
    answer = client.post(url, {**texts, "propose": "1"})
    assert (answer.status_code, answer.context["form"]["body"].value(), answer.context["form"]["title"].value()) == (
        200,
        "联系人:李某某",
        "新标题",
    )
    row.revise(by=people.inspector2, on=TODAY, title="别人的", party="", original="乙", body="丙")
    answer = client.post(url, texts)
    assert (answer.status_code, "新标题" in answer.text, "王执法" in answer.text, Publication.objects.get().title) == (
        409,
        True,
        True,
        "别人的",
    )


def test_the_list_filters_and_exports_exactly_its_filter(people, sign_in):
    f.a_publication(people, title="草稿甲")
    published(people, title="公示乙")
    client = sign_in(people.leader)
    page = client.get(reverse("publication_list"), {"state": "published"}).text
    assert ("公示乙" in page, "草稿甲" in page) == (True, False)
    assert [row.title for row in client.get(reverse("publication_list"), {"view": "mine"}).context["object_list"]] == ["草稿甲"]
    export = client.get(reverse("publication_list"), {"state": "published", "export": "xlsx"})
    assert export["Content-Type"].startswith("application/vnd.openxmlformats")


def test_why_it_cannot_be_published_yet_stands_on_its_page(people, sign_in):
    paper = f.a_town_paper(people)
    row = f.a_publication(people, document=paper)
    row.review(by=people.reviewer, on=TODAY)
    page = sign_in(people.leader).get(row.get_absolute_url()).text
    assert "还没有送达当事人" in page
    assert reverse("service_list", args=[paper.pk]) in page


def test_the_papers_page_leads_to_its_service_and_its_publication(people, sign_in):
    paper = f.a_town_paper(people)
    url, draft = paper.get_absolute_url(), f"{reverse('publication_new')}?document={paper.pk}"

    def shown(user):
        text = sign_in(user).get(url).text
        links = (reverse("service_list", args=[paper.pk]), reverse("service_new", args=[paper.pk]), draft)
        return [f'href="{link}"' in text for link in links]

    assert shown(people.inspector) == [True, True, True]
    assert shown(people.reviewer) == [True, False, True]
    assert shown(people.safety) == [True, False, False]
    f.a_service(people, paper)
    row = f.a_publication(people, document=paper)
    assert shown(people.inspector) == [True, False, False]
    assert row.get_absolute_url() in sign_in(people.leader).get(url).text
    assert row.get_absolute_url() not in sign_in(people.safety).get(url).text
    own = f.a_document(people.factory, people.safety)
    assert "拟公示" not in sign_in(people.inspector).get(own.get_absolute_url()).text, "a firm's own order is nobody else's business"
