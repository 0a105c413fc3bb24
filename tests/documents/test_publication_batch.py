"""Many publications reviewed or published at once: whole, ticked, one button; all or none, once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Counter, Event
from documents.models import Publication
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("R76")]
TODAY = timezone.localdate()
REVIEW, PUBLISH = "publication_reviews", "publication_releases"
IDS = [f"6f1c1c1e-0000-4000-8000-0000000000{n:02d}" for n in range(9)]


def tick(*rows, number=0, **more):
    """What the page sends when these are ticked."""
    said = {"is_masked": "on", "is_open": "on"}
    return {"client_id": IDS[number], "rows": [f"{row.pk}:{row.version}" for row in rows], **said, **more}


@pytest.fixture
def drafts(people):
    return [f.a_publication(people, title=f"第{n}条") for n in range(3)]


def states():
    return list(Publication.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_ticked_is_reviewed_once_however_often_it_is_sent(people, drafts, sign_in):
    client, url = sign_in(people.reviewer), reverse(REVIEW)
    page = client.get(url)
    assert [row for row, *_ in page.context["whole"]] == drafts
    assert page.text.count("<del>小明</del>") == 3, "each is shown whole"
    answers = [client.post(url, tick(*drafts[:2])) for _ in range(3)]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, url)}
    assert states() == ["reviewed", "reviewed", "draft"]
    assert Event.objects.filter(move="review").count() == 2
    assert "已审核通过 2 条" in client.get(url).text
    assert client.post(url, tick(drafts[2])).status_code == 409, "the same page, other ticks"
    assert states() == ["reviewed", "reviewed", "draft"]


@pytest.mark.parametrize("missing", ["is_masked", "is_open", "rows", "client_id"])
def test_both_statements_and_a_tick_are_asked_for_and_ticks_are_kept(people, drafts, sign_in, missing):
    given = {name: value for name, value in tick(*drafts).items() if name != missing}
    answer = sign_in(people.reviewer).post(reverse(REVIEW), given)
    assert answer.status_code == 422
    assert answer.text.count(' name="rows"') == 3
    assert answer.text.count(" checked") == sum(given.get(n) == "on" for n in ("is_masked", "is_open")) + 3 * (missing != "rows")
    assert states() == ["draft"] * 3


@pytest.mark.parametrize("rows", [["x"], ["1:"], [":1"], ["1:x"], ["²:1"], ["1" * 40 + ":1"]])
def test_odd_ticks_are_a_sentence(people, drafts, sign_in, rows):
    answer = sign_in(people.reviewer).post(reverse(REVIEW), {**tick(), "rows": rows})
    assert (answer.status_code, "刷新" in answer.text) == (422, True)


def test_one_that_changed_meanwhile_holds_up_all_and_is_named(people, drafts, sign_in):
    client, url = sign_in(people.reviewer), reverse(REVIEW)
    seen = tick(*drafts)
    drafts[1].revise(by=people.inspector2, on=TODAY, title="改过的", party="", original="乙", body="丙")
    answer = client.post(url, seen)
    assert (answer.status_code, "“改过的”在您看的时候变了" in answer.text) == (409, True)
    assert (states(), Event.objects.filter(move="review").count()) == (["draft"] * 3, 0)
    assert answer.text.count('name="rows" value="') == 3
    assert answer.text.count(" checked") == 4, "two ticks and two statements; what changed is to be read again"
    again = tick(drafts[0], Publication.objects.get(title="改过的"), drafts[2])
    assert client.post(url, again).status_code == 302, "the same page sent again after its refusal"
    assert states() == ["reviewed"] * 3


def test_nobody_is_offered_what_he_wrote_and_the_query_says_what_the_guard_says(people, drafts):
    drafts[0].revise(by=people.inspector2, on=TODAY, title="甲", party="", original="乙", body="丙")
    drafts[1].send_back(by=people.reviewer, on=TODAY, note="再改")
    for who in (people.inspector, people.inspector2, people.reviewer, people.leader):
        rows = Publication.objects.order_by("pk")
        said = [row for row in rows if row.state == "draft" and not row.is_returned and not row.guard_review(who)]
        assert list(Publication.objects.to_review(who).order_by("pk")) == said
    assert list(Publication.objects.to_review(people.inspector2)) == [drafts[2]]


def test_a_forged_tick_of_ones_own_draft_is_refused_whole(people, drafts, sign_in):
    answer = sign_in(people.inspector).post(reverse(REVIEW), tick(*drafts))
    assert (answer.status_code, "审核人不能是拟稿人" in answer.text) == (409, True)
    assert states() == ["draft"] * 3
    abroad = f.a_publication(people, by=people.foreign, enterprise=people.abroad)
    answer = sign_in(people.reviewer).post(reverse(REVIEW), tick(abroad))
    assert (answer.status_code, abroad.title in answer.context["refused"]) == (409, False)
    assert set(states()) == {"draft"}


def test_reviewed_ones_are_published_together_with_numbers_in_a_row(people, drafts, sign_in):
    paper = f.a_town_paper(people)
    waiting = f.a_publication(people, document=paper)
    for row in (*drafts, waiting):
        row.review(by=people.reviewer, on=TODAY)
    client, url = sign_in(people.leader), reverse(PUBLISH)
    rows = [row for row, *_ in client.get(url).context["whole"]]
    assert rows == drafts, "what was not served is not offered"
    said = [row for row in Publication.objects.filter(state="reviewed").order_by("pk") if not row.guard_publish(people.leader)]
    assert list(Publication.objects.to_publish(TODAY).order_by("pk")) == said == drafts
    answer = client.post(url, tick(*drafts, waiting))
    assert (answer.status_code, "还没有送达" in answer.text) == (409, True)
    assert Counter.objects.filter(key__startswith="publication").count() == 0
    for _ in range(2):
        assert client.post(url, tick(*drafts, number=1)).status_code == 302
    assert list(Publication.objects.exclude(number=None).order_by("pk").values_list("number", flat=True)) == [
        f"{TODAY.year}-{n:05d}" for n in (1, 2, 3)
    ]
    f.a_service(people, paper)
    assert list(Publication.objects.to_publish(TODAY)) == [waiting]


def test_the_page_filters_pages_and_needs_as_many_queries_for_many(people, drafts, sign_in):
    client, url = sign_in(people.reviewer), reverse(REVIEW)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    count()
    few = count()
    for n in range(22):
        f.a_publication(people, title=f"又{n}", kind="circular")
    assert count() == few
    page = client.get(url, {"kind": "circular", "page": 99})
    assert (page.context["page_obj"].number, page.context["page_obj"].paginator.count) == (2, 22)
    row = page.context["object_list"][0]
    answer = client.post(f"{url}?kind=circular&page=2", tick(row))
    assert answer.url == f"{url}?kind=circular&page=2"
    empty = sign_in(people.inspector).get(url).text
    assert "没有等您审核的公示" in empty
