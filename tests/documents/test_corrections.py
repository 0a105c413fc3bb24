"""Corrections and dropped drafts: what was public stays, each names the other, and a draft tells nobody."""

import csv
import datetime
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core import clock
from core.models import Event, MoveRefused
from documents.models import Document, Publication
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("R76")]
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)
TEXTS = {"title": "更正后的标题", "party": "重庆石角机械厂", "original": "联系人张小明", "body": "更正后的正文"}


def publish(people, row):
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    return Publication.objects.get(pk=row.pk)


def published(people, **facts):
    return publish(people, f.a_publication(people, **facts))


def test_a_correction_is_a_publication_of_its_own_and_each_names_the_other(people):
    old = published(people)
    new = old.correct(by=people.inspector, on=TODAY, **TEXTS)
    assert (new.state, new.kind, new.enterprise, new.corrects) == ("draft", old.kind, old.enterprise, old)
    assert new.due_on == clock.due_on("publication.due", TODAY)
    assert Event.objects.of(new).get().note == f"更正 {old.number}"
    before = old.content_digest
    new = publish(people, new)
    old.refresh_from_db()
    assert (old.state, old.content_digest, old.version) == ("published", before, 3)
    event = Event.objects.of(old).last()
    assert (event.move, event.note, event.from_state, event.to_state) == ("be_corrected", f"更正见 {new.number}", "published", "published")


def test_one_correction_at_a_time_and_only_of_what_was_public(people):
    draft = f.a_publication(people)
    with pytest.raises(MoveRefused, match="不能再拟更正"):
        draft.correct(by=people.inspector, on=TODAY, **TEXTS)
    old = publish(people, draft)
    new = old.correct(by=people.inspector, on=TODAY, **TEXTS)
    assert (old.is_corrigible, new.is_corrigible) == (False, False)
    with pytest.raises(MoveRefused, match="已有一条更正"):
        old.correct(by=people.inspector, on=TODAY, **TEXTS)
    kept = {n: getattr(new, n) for n in ("kind", "title", "original", "body", "area", "starts_on", "due_on", "drafted_by")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(**kept, corrects=old, state="draft")
    with pytest.raises(IntegrityError, match="corrects_another|CHECK"), transaction.atomic():
        Publication.objects.filter(pk=new.pk).update(corrects=new)
    new = publish(people, new)
    assert (old.is_corrigible, new.is_corrigible) == (False, True), "a correction is corrected, not the first once more"
    with pytest.raises(PermissionDenied):
        new.correct(by=people.leader, on=TODAY, **TEXTS)
    Publication.objects.filter(pk=new.pk).update(published_on=TODAY - 9 * DAY, expires_on=TODAY - DAY)
    Publication.objects.all().expire(TODAY)
    assert not Publication.objects.get(pk=new.pk).is_corrigible


def test_the_correction_of_a_paper_rests_on_the_paper_that_took_its_place(people):
    paper = f.a_town_paper(people)
    f.a_service(people, paper)
    old = published(people, document=paper)
    assert old.correct(by=people.inspector, on=TODAY, **TEXTS).document == paper, "beside the live one of the same paper"
    Publication.objects.filter(corrects=old).delete()
    newer = f.a_document(people.factory, people.inspector, kind="RECHECK_OPINION", replaces=paper)
    old = Publication.objects.get(pk=old.pk)
    assert old.is_void
    new = old.correct(by=people.inspector, on=TODAY, **TEXTS)
    assert new.document == newer
    assert Document.objects.get(pk=paper.pk).voided_at
    new.drop(by=people.inspector, on=TODAY, note="文书又更正了")
    newest = f.a_document(people.factory, people.inspector, kind="RECHECK_OPINION", replaces=newer)
    old = Publication.objects.get(pk=old.pk)
    assert old.correct(by=people.inspector, on=TODAY, **TEXTS).document == newest, "corrected twice: the paper that stands"


def test_what_was_withdrawn_may_be_corrected_too(people):
    old = published(people)
    old.withdraw(by=people.leader, on=TODAY, note="有误,另行公示")
    new = publish(people, old.correct(by=people.inspector, on=TODAY, **TEXTS))
    old.refresh_from_db()
    assert (old.state, new.corrects_id) == ("withdrawn", old.pk)


def test_the_public_reads_both_ways_but_never_of_a_draft(people, client):
    old = published(people, title="原来的标题")
    new = old.correct(by=people.inspector, on=TODAY, **TEXTS)
    url = reverse("public_detail", args=[old.number])
    for address in (url, reverse("public_list")):
        assert "更正" not in client.get(address).text
    new = publish(people, new)
    there = reverse("public_detail", args=[new.number])
    assert f'href="{there}"' in client.get(url).text
    assert "联系人张某某" in client.get(url).text, "the old text stays"
    assert f'href="{url}"' in client.get(there).text
    listed = client.get(reverse("public_list")).text
    assert (f"已由 {new.number} 更正" in listed, f"更正 {old.number}" in listed) == (True, True)
    rows = {row["公示号"]: row for row in csv.DictReader(io.StringIO(b"".join(client.get(reverse("public_csv"))).decode("utf-8-sig")))}
    assert [(rows[n]["更正"], rows[n]["已由更正"]) for n in (old.number, new.number)] == [("", new.number), (old.number, "")]
    old.refresh_from_db()
    old.withdraw(by=people.leader, on=TODAY, note="见更正")
    assert f'href="{there}"' in client.get(url).text
    assert f"已由 {new.number} 更正" in client.get(reverse("public_list"), {"state": "withdrawn"}).text


def test_a_correction_that_was_withdrawn_no_longer_corrects(people, client):
    old = published(people)
    new = publish(people, old.correct(by=people.inspector, on=TODAY, **TEXTS))
    new.withdraw(by=people.leader, on=TODAY, note="更正有误")
    page = client.get(reverse("public_detail", args=[old.number])).text
    assert ("这一条已更正" in page, f"{new.number}</a> 更正,那一条更正已撤下" in page) == (False, True)
    assert f"已由 {new.number} 更正" not in client.get(reverse("public_list")).text
    rows = {row["公示号"]: row for row in csv.DictReader(io.StringIO(b"".join(client.get(reverse("public_csv"))).decode("utf-8-sig")))}
    assert rows[old.number]["已由更正"] == ""
    again = publish(people, Publication.objects.get(pk=old.pk).correct(by=people.inspector, on=TODAY, **TEXTS))
    page = client.get(reverse("public_detail", args=[old.number])).text
    assert ("这一条已更正" in page, again.number in page, new.number in page) == (True, True, True)


def test_a_dropped_draft_is_over_and_was_never_public(people, client):
    row = f.a_publication(people)
    with pytest.raises(PermissionDenied):
        row.drop(by=people.leader, on=TODAY, note="不公示")
    row.review(by=people.reviewer, on=TODAY)
    row.drop(by=people.inspector, on=TODAY, note="先核实")
    assert (row.state, row.number, list(row.moves_for(people.inspector))) == ("dropped", None, [])
    assert list(Publication.objects.once_public()) == []
    other = f.a_publication(people)
    other.drop(by=people.inspector, on=TODAY, note="重复")
    assert [list(Publication.objects.waiting_for(who)) for who in (people.inspector, people.reviewer)] == [[], []]
    assert Publication.objects.late(TODAY + 99 * DAY).count() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(number="2026-99999")
    paper = f.a_town_paper(people)
    f.a_publication(people, document=paper).drop(by=people.inspector, on=TODAY, note="再拟")
    assert f.a_publication(people, document=paper).state == "draft", "its paper may have another"


# Pages


def sent(**fields):
    return {"client_id": "6f1c1c1e-0000-4000-8000-00000000000b", **TEXTS, **fields}


def test_the_page_begins_with_the_old_words_and_drafts_once(people, sign_in):
    old = published(people)
    client, url = sign_in(people.inspector), reverse("publication_correct", args=[old.pk])
    assert url in client.get(old.get_absolute_url()).text
    form = client.get(url).context["form"]
    assert (form["title"].value(), form["body"].value(), "kind" in form.fields) == (old.title, old.body, False)
    proposal = client.post(url, sent(body="", original="联系人:王大力", propose="1"))
    assert proposal.context["form"]["body"].value() == "联系人:王某某"
    answers = [client.post(url, sent()) for _ in range(3)]
    new = Publication.objects.get(corrects=old)
    assert {answer.url for answer in answers} == {new.get_absolute_url()}
    assert client.post(url, sent(title="另一个")).status_code == 409
    assert client.get(url).url == old.get_absolute_url()
    page = client.get(old.get_absolute_url()).text
    assert (url in page, new.get_absolute_url() in page) == (False, True)
    assert old.number in client.get(new.get_absolute_url()).text
    assert client.post(url, sent(client_id="6f1c1c1e-0000-4000-8000-00000000000c")).status_code == 422
    assert Publication.objects.count() == 2


def test_bad_words_lose_nothing_and_a_leader_has_no_button(people, sign_in):
    old = published(people)
    url = reverse("publication_correct", args=[old.pk])
    answer = sign_in(people.inspector).post(url, sent(body="电话13812345678", party="保留的单位"))
    assert (answer.status_code, "手机号" in answer.text, "保留的单位" in answer.text) == (422, True, True)
    assert url not in sign_in(people.leader).get(old.get_absolute_url()).text
    assert Publication.objects.count() == 1


def test_the_list_says_which_is_a_correction(people, sign_in):
    old = published(people)
    publish(people, old.correct(by=people.inspector, on=TODAY, **TEXTS))
    page = sign_in(people.leader).get(reverse("publication_list")).text
    assert page.count("已更正") == 1
