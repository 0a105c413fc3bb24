"""Constraints of the enterprise file, and its catalogue."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from enterprises import catalogue
from enterprises.models import Enterprise, HazardTrait
from enterprises.models.enterprise import check_credit_code
from tests import factories as f


@pytest.mark.parametrize("code", ["91500110MAYPJXQL25", "91500110MA000000", "", "9150011OMA14ABAJ68"])
def test_a_wrong_credit_code_is_refused(code):
    with pytest.raises(ValidationError, match="营业执照"):
        check_credit_code(code)


def test_a_right_credit_code_is_taken():
    assert check_credit_code("91500110MA14ABAJ68") is None


@pytest.mark.parametrize(("dispatched", "interns"), [(11, None), (None, 11), (6, 5)])
def test_parts_of_the_headcount_do_not_exceed_it(db, dispatched, interns):
    f.EnterpriseFactory(headcount=10, dispatched=6, interns=4)
    with pytest.raises(IntegrityError):
        f.EnterpriseFactory(headcount=10, dispatched=dispatched, interns=interns)


def test_nobody_is_his_own_landlord(db):
    firm = f.EnterpriseFactory()
    with pytest.raises(IntegrityError):
        Enterprise.objects.filter(pk=firm.pk).update(landlord=firm)


def test_a_tenant_outlives_the_landlords_file(db):
    landlord = f.EnterpriseFactory()
    tenant = f.EnterpriseFactory(landlord=landlord)
    landlord.delete()
    tenant.refresh_from_db()
    assert tenant.landlord is None


@pytest.mark.req("R6")
def test_incomplete_is_the_same_by_row_and_by_query(people):
    f.KeyPersonFactory(enterprise=people.factory, confirmed_on="2026-01-01", confirmed_by=people.inspector)
    f.KeyPersonFactory(enterprise=people.neighbour, kind="safety", confirmed_on="2026-01-01", confirmed_by=people.inspector)
    by_query = set(Enterprise.objects.incomplete())
    assert by_query == {row for row in Enterprise.objects.all() if row.is_incomplete} == {people.neighbour, people.abroad}
    assert by_query == {row for row in Enterprise.objects.for_list() if row.is_incomplete}


def test_the_traits_catalogue_loads_once(db):
    first, second = catalogue.load()[0], catalogue.load()[0]
    assert (first.added, second.added, second.differing) == (23, 0, [])
    assert HazardTrait.objects.count() == 23
