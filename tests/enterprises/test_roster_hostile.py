"""Files made to hurt: each is refused within bounds, with a Chinese sentence, and leaves nothing behind."""

import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse

from enterprises.models import RosterImport, RosterRow
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import read_sheets
from tests.enterprises import roster as r

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
GOOD = r.workbook([r.HEAD, ["甲厂", "91500110MA0000001X", "刘罗坪村"]])


def rebuilt(**parts):
    """The good workbook with some parts replaced or added ("xl__worksheets__sheet1.xml" names xl/worksheets/sheet1.xml)."""
    replace = {name.replace("__", "/"): content for name, content in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replace.pop(name, None) or old.read(name))
        for name, content in replace.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet(cells):
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>'.encode()


def replaced_sheet(cells):
    return rebuilt(**{"xl__worksheets__sheet1.xml": sheet(cells)})


def strings(content):
    return rebuilt(**{"xl__sharedStrings.xml": content})


def billion_laughs():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "ha">{entities}]><sst {MAIN}><si><t>&l9;</t></si></sst>'.encode()


def lying_size():
    """A zip whose directory says 10 bytes for a part that inflates to 30 MB."""
    data = bytearray(rebuilt(**{"xl__worksheets__sheet1.xml": sheet("<row r='1'><c r='A1'><v>1</v></c></row>" + " " * 30_000_000)}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        size = book.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    return bytes(data).replace(size, (10).to_bytes(4, "little"))


HOSTILE = {
    "zip bomb": (lambda: rebuilt(**{"xl__worksheets__sheet1.xml": sheet(" " * 200_000_000)}), "展开后有"),
    "swollen part": (lambda: rebuilt(**{"xl__media__a.bin": b"\0" * 40_000_000}), "展开后有"),
    "lying size": (lying_size, "另存为"),
    "many entries": (lambda: rebuilt(**{f"xl__x{n}.xml": b"<a/>" for n in range(600)}), "个部件"),
    "billion laughs": (lambda: strings(billion_laughs()), "实体定义"),
    "entity in sheet": (
        lambda: rebuilt(
            **{
                "xl__worksheets__sheet1.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                + sheet("<row><c><v>&x;</v></c></row>")
            }
        ),
        "实体定义",
    ),
    "far cell": (lambda: replaced_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "行数超过"),
    "far column": (lambda: replaced_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "列数超过"),
    "a million rows": (lambda: replaced_sheet("<row><c><v>1</v></c></row>" * 1_000_000), "行数超过|展开后有"),
    "300 columns": (lambda: r.workbook([[*r.HEAD, *(f"列{n}" for n in range(300))], ["甲"]]), "列数超过"),
    "bad reference": (lambda: replaced_sheet('<row r="1"><c r="1A"><v>1</v></c></row>'), "位置已损坏"),
    "bad row": (lambda: replaced_sheet('<row r="-5"><c><v>1</v></c></row>'), "行号已损坏"),
    "huge text": (lambda: strings(f"<sst {MAIN}><si><t>{'长' * 40_000}</t></si></sst>".encode()), "个字"),
    "one text a million times": (
        lambda: rebuilt(
            **{
                "xl__sharedStrings.xml": f"<sst {MAIN}><si><t>{'长' * 30_000}</t></si></sst>".encode(),
                "xl__worksheets__sheet1.xml": sheet(
                    "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 15_000))
                ),
            }
        ),
        "总量过大",
    ),
    "broken xml": (lambda: replaced_sheet("<row><c>"), "已损坏"),
    "not a zip": (lambda: "这不是表格".encode(), "另存为"),
    "other encoding": (
        lambda: rebuilt(**{"xl__worksheets__sheet1.xml": "<?xml version='1.0' encoding='UTF-16'?><worksheet/>".encode("utf-16")}),
        "已损坏",
    ),
    "unknown encoding": (lambda: rebuilt(**{"xl__worksheets__sheet1.xml": b"<?xml version='1.0' encoding='TF-8'?><worksheet/>"}), "标题行"),
    "cut zip": (lambda: GOOD[: len(GOOD) // 2], "另存为"),
    "old excel": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧格式"),
    "empty": (lambda: b"", "空的"),
    "binary csv": (lambda: bytes(range(256)) * 40, "不是 xlsx"),
    "null csv": (lambda: "企业名称,信用代码\0".encode(), "不是 xlsx"),
    "csv too wide": (lambda: ("企业名称,信用代码" + ",x" * 300).encode(), "列数超过"),
    "csv too long": (lambda: ("企业名称,信用代码\n" + "甲,乙\n" * 30_000).encode(), "行数超过"),
    "csv cell": (lambda: ("企业名称,信用代码\n甲," + "长" * 40_000).encode(), "个字"),
    "too many bytes": (lambda: b"PK" + b"\0" * 11_000_000, "超过 10 MB"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "文件不是"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence(people, sign_in, kind):
    make, sentence = HOSTILE[kind]
    data = make()
    begin = time.monotonic()
    with pytest.raises(RosterRefused, match=sentence):
        r.taken_in(people, data, "名册.csv" if "csv" in kind else "名册.xlsx")
    assert time.monotonic() - begin < 20
    assert (RosterImport.objects.count(), RosterRow.objects.count()) == (0, 0)


def test_the_page_answers_a_hostile_file_with_422(people, sign_in):
    upload = io.BytesIO(strings(billion_laughs()))
    upload.name = "名册.xlsx"
    answer = sign_in(people.inspector).post(reverse("roster_import"), {"file": upload})
    assert (answer.status_code, "实体定义" in answer.content.decode()) == (422, True)
    assert RosterImport.objects.count() == 0


def test_the_good_workbook_of_these_tests_is_good():
    """The control: what every hostile file was made from is read."""
    assert read_sheets(GOOD, "名册.xlsx")[0].rows == [r.HEAD, ["甲厂", "91500110MA0000001X", "刘罗坪村"]]


BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024,) * 2)
import django
django.setup()
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import read_sheets
for path in sys.argv[1:]:
    try:
        print("rows", sum(len(s.rows) for s in read_sheets(open(path, "rb").read(), path)))
    except RosterRefused:
        print("refused")
"""


def test_reading_stays_within_512_megabytes(tmp_path):
    """A child with a hard limit on its memory reads the largest good file and refuses the bombs."""
    row = [f"重庆名册机械制造有限责任公司{'某' * 20}"] * 20
    files = {
        "large.xlsx": r.workbook([[*r.HEAD, *(f"列{n}" for n in range(17))], *([*row[:19], f"第{n}行"] for n in range(20_000))]),
        **{
            f"{number}.xlsx": HOSTILE[kind][0]()
            for number, kind in enumerate(("zip bomb", "billion laughs", "far cell", "one text a million times"))
        },
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    child = subprocess.run(
        [sys.executable, "-c", BOUNDED, *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        timeout=120,
    )
    assert (child.stdout.split("\n"), child.stderr) == (["rows 20001", "refused", "refused", "refused", "refused", ""], "")
