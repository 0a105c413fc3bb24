"""Rosters with invisible characters, with two sheets of one name, and with more traits than the file."""

import io
import zipfile

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import Event
from enterprises.models import Enterprise, KeyPerson, RosterImport
from enterprises.roster import writing
from enterprises.roster.cells import clean_name
from enterprises.roster.work import take_in
from tests import factories as f
from tests.enterprises import roster as r

pytestmark = pytest.mark.django_db


def test_imported_names_lose_what_nobody_sees():
    cell = clean_name("重庆\u202e石角\u200b厂\u0007")
    assert (cell.value, cell.kind) == ("重庆石角厂", "mended")
    assert clean_name("\u202e").kind == "refused"


def test_two_sheets_of_one_name_are_both_read(people):
    import openpyxl

    r.reference_data()
    book = openpyxl.Workbook()
    for number, sheet in enumerate((book.active, book.create_sheet("第二张")), start=1):
        for row in (r.HEAD, r.firm(number)):
            sheet.append(row)
    out, clean = io.BytesIO(), io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(clean, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("第二张".encode(), book.active.title.encode()))
    roster = take_in(clean.getvalue(), "名册.xlsx", by=people.inspector, area=people.town)
    assert list(roster.rows.values_list("sheet", "number")) == [("Sheet", 2), ("Sheet(2)", 2)]


def test_traits_added_and_taken_back_by_an_import_are_told(people):
    one, two = f.HazardTraitFactory(code="dust", name="粉尘"), f.HazardTraitFactory(code="space", name="有限空间")
    firm = people.factory
    firm.traits.add(one)
    roster = RosterImport.objects.create(area=people.town, by=people.inspector, name="名册.xlsx", sha256="0" * 64, state="applying")
    cleaned = {"name": firm.name, "credit_code": firm.credit_code, "traits": [two.pk]}
    roster.rows.create(sheet="S", number=2, raw=[], cleaned=cleaned, verdict="taken")
    before = firm.history.count()
    writing.write(roster, by=people.inspector, at=firm.created_at, progress=lambda *_: None)
    assert set(Enterprise.objects.get(pk=firm.pk).traits.all()) == {one, two}
    assert firm.history.count() == before + 1
    writing.take_back(roster, by=people.inspector, progress=lambda *_: None)
    assert set(Enterprise.objects.get(pk=firm.pk).traits.all()) == {one}
    notes = list(Event.objects.of(firm).values_list("move", "note"))
    assert notes == [("change_traits", "粉尘 → 粉尘、有限空间"), ("change_traits", "粉尘、有限空间 → 粉尘")]


def test_undone_rows_keep_their_deletion_entries(people):
    r.reference_data()
    roster = RosterImport.objects.create(area=people.town, by=people.inspector, name="名册.xlsx", sha256="0" * 64, state="applying")
    trait = f.HazardTraitFactory()
    for number in (1, 2):
        person = {"kind": "manager", "name": "张三", "phone": "13812345678"}
        plain = {"name": f"名册第{number}厂", "credit_code": f.credit_code(number + 500), "area_id": people.village_area.pk}
        roster.rows.create(sheet="S", number=number, raw=[], cleaned={**plain, "traits": [trait.pk], "people": [person]}, verdict="taken")
    before = Enterprise.objects.count()
    writing.write(roster, by=people.inspector, at=people.factory.created_at, progress=lambda *_: None)
    made = list(Enterprise.objects.filter(name__startswith="名册第").values_list("pk", flat=True))
    assert (len(made), KeyPerson.objects.filter(enterprise__in=made).count()) == (2, 2)
    with CaptureQueriesContext(connection) as asked:
        note = writing.take_back(roster, by=people.admin, progress=lambda *_: None)
    assert (note, Enterprise.objects.count(), KeyPerson.objects.filter(enterprise__in=made).count()) == ("删除 2 家,恢复 0 家", before, 0)
    assert len(asked) <= 12
    assert list(roster.rows.values_list("enterprise", flat=True)) == [None, None]
    for entries in (Enterprise.history.filter(id__in=made), KeyPerson.history.filter(enterprise_id__in=made)):
        gone = entries.filter(history_type="-")
        assert [(entry.history_user, entry.history_change_reason[:2]) for entry in gone] == [(people.admin, "撤销")] * 2


def test_an_undo_never_deletes_what_something_hangs_on(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        writing._delete([people.factory.pk], {"default_user": people.admin})
        connection.check_constraints()
    assert Enterprise.objects.filter(pk=people.factory.pk).exists()
