"""Scopes of people."""

import pytest

from enterprises.models import Enterprise

pytestmark = pytest.mark.django_db


@pytest.mark.req("R59")
def test_scope_of_each_role_is_exact(people):
    names = lambda user: sorted(Enterprise.objects.for_user(user).values_list("name", flat=True))  # noqa: E731
    both = sorted([people.factory.name, people.neighbour.name])
    for user in (people.admin, people.leader, people.inspector, people.reviewer):
        assert names(user) == both
    assert names(people.department) == [people.factory.name]
    assert names(people.village) == [people.factory.name]
    for user in (people.principal, people.safety, people.head, people.team, people.employee):
        assert names(user) == [people.factory.name]
    assert names(people.outsider) == [people.neighbour.name]
    assert names(people.foreign) == [people.abroad.name]
