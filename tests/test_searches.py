"""Whatever is typed into a search, the page answers."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
LISTS = (
    "hazard_list",
    "check_list",
    "enterprise_list",
    "occurrence_list",
    "document_list",
    "publication_list",
    "publication_reviews",
    "result_list",
    "fix_plan_list",
    "hazard_report",
    "order_list",
    "measure_list",
    "violation_list",
    "inspection_list",
    "inspection_new",
    "project_list",
    "draw_list",
    "officer_list",
    "absence_list",
    "avoidance_list",
    "exclusion_list",
    "firm_grade_list",
)
WORDS = ("字" * 3000, "%" * 3000, "a\0b", "'; --")


@pytest.mark.parametrize("name", LISTS)
def test_odd_words_are_answered(people, sign_in, name):
    client = sign_in(people.inspector)
    assert [client.get(reverse(name), {"q": words}).status_code for words in WORDS] == [200] * len(WORDS)
