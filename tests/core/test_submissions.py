"""A form that a phone may send twice is taken once."""

import uuid

import pytest

from core.models import Counter, Submission, SubmissionVariant
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from tests.factories import a_hazard

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(people):
    """send(content, **changes) → the Submission; each really new one makes one hazard."""
    made = []
    client_id = uuid.uuid4()

    def post(content, *, user=people.employee, client_id=client_id, make=None):
        def report():
            made.append(a_hazard(people))
            return made[-1], f"回执{len(made)}"

        return take_once(user=user, client_id=client_id, kind="report", content=content, make=make or report)

    post.made = made
    return post


def test_the_same_again_gives_the_same_receipt(send):
    first, again = send({"a": 1, "b": "二"}), send({"b": "二", "a": 1})
    assert (again.pk, again.receipt, len(send.made)) == (first.pk, "回执1", 1)
    assert (first.subject_model, first.subject_pk) == ("hazards.hazard", send.made[0].pk)


def test_other_content_under_the_same_id_is_kept_and_told(send):
    first = send({"a": 1})
    for _ in range(2):
        with pytest.raises(ContentConflict) as conflict:
            send({"a": 2})
    variant = SubmissionVariant.objects.get()
    assert (conflict.value.submission, conflict.value.variant) == (first, variant)
    assert (variant.content, variant.digest, variant.chosen) == ({"a": 2}, digest({"a": 2}), "")
    assert (Submission.objects.get().content, len(send.made)) == ({"a": 1}, 1)


def test_ids_are_ones_own(send, people):
    assert send({"a": 1}).pk != send({"a": 2}, user=people.team).pk
    assert send({"a": 1}, client_id=uuid.uuid4()).receipt == "回执3"


def test_a_failure_while_making_leaves_nothing_and_may_be_sent_again(send):
    def fail():
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        send({"a": 1}, make=fail)
    assert Submission.objects.count() == 0
    assert send({"a": 1}).receipt == "回执1"


def test_numbers_run_without_gap_or_repeat():
    assert [Counter.take("x"), Counter.take("x", 3), Counter.take("x"), Counter.take("y")] == [1, 2, 5, 1]
