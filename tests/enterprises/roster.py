"""What the roster tests share: the villages, sectors and traits of the sample, and small workbooks."""

import io
from pathlib import Path

import xlsxwriter
from django.utils import timezone

from core import work
from enterprises import catalogue
from enterprises.models import RosterImport
from enterprises.roster.work import take_in
from tests import factories as f

SAMPLE = Path(__file__).parents[2] / "demo" / "roster-sample.xlsx"
VILLAGES = [
    "刘罗坪村",
    "高石坎村",
    "塘岗村",
    "丁山坝村",
    "乐兴村",
    "石角社区",
    "新民村",
    "欧家村",
    "新农村",
    "白云观村",
    "千秋村",
    "蒲河社区",
]
SECTORS = {
    "METALLURGY": ("冶金行业", ["31"]),
    "NONFERROUS": ("有色行业", ["32"]),
    "BUILDING_MATERIALS": ("建材行业", ["30"]),
    "MACHINERY": ("机械行业", ["33", "34", "35", "36"]),
    "LIGHT_INDUSTRY": ("轻工行业", ["13", "14", "20", "22", "29"]),
    "TEXTILE": ("纺织行业", ["17", "18"]),
    "TOBACCO": ("烟草行业", ["16"]),
    "COMMERCE": ("商贸行业", ["51", "52", "59"]),
}
HEAD = ["企业名称", "统一社会信用代码", "所在村(社区)"]


def reference_data():
    """Villages, sectors and traits as the catalogues have them; the township's own rows stay."""
    for number, name in enumerate(VILLAGES, start=1):
        f.AreaFactory(code=f"500110111{200 + number}", name=name)
    for code, (name, divisions) in SECTORS.items():
        f.SectorFactory(code=code, name=name, divisions=divisions)
    catalogue.load()


def workbook(rows, *, sheet="名册", lead=(), merge=()):
    """An xlsx with one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate([*lead, *rows]):
            page.write_row(number, 0, row)
        for place in merge:
            page.merge_range(place, "")
    return out.getvalue()


def firm(number, village="刘罗坪村", name=None):
    """One good row."""
    return [name or f"名册第{number}厂", f.credit_code(900000 + number), village]


def taken_in(people, data, name="名册.xlsx"):
    """An import by the inspector."""
    return take_in(data, name, by=people.inspector, area=people.town)


def run_job(roster):
    """Do the import's Job as the sweeper would."""
    roster.refresh_from_db()
    assert roster.job.claim(timezone.now())
    work.run(roster.job)
    roster.job.refresh_from_db()
    assert roster.job.state == "done", roster.job.last_error
    return RosterImport.objects.get(pk=roster.pk)


def reviewed(people, data, name="名册.xlsx"):
    """Taken in and checked."""
    roster = taken_in(people, data, name)
    roster.review(by=people.inspector, on=timezone.localdate())
    return run_job(roster)


def applied(people, data, name="名册.xlsx"):
    """Taken in, checked and written."""
    roster = reviewed(people, data, name)
    roster.apply(by=people.inspector, on=timezone.localdate())
    return run_job(roster)


def undone(people, roster):
    """Taken back."""
    roster.undo(by=people.inspector, on=timezone.localdate())
    return run_job(roster)


def verdicts(roster):
    """Row number → verdict."""
    return dict(roster.rows.values_list("number", "verdict"))


def texts(row):
    """What is said about a row."""
    return [message["text"] for message in row.messages]
