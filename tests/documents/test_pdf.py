"""Papers as PDFs: fonts, hostile text, length, photos."""

import datetime
import http.server
import subprocess
import threading
from types import SimpleNamespace

import pytest

from core import pdf
from core.models import Attachment
from tests.pictures import jpeg

HOSTILE = (
    '<img src="{0}/img"><link rel="attachment" href="{0}/attachment"><link rel="stylesheet" href="{0}/sheet.css">'
    '<style>body{{background:url({0}/background)}}@font-face{{font-family:x;src:url({0}/font)}}@import "{0}/import.css";</style>'
    '<p style="background:url({0}/inline)">x</p><object data="{0}/object"></object><embed src="{0}/embed">'
    '<svg><image href="{0}/svg"/><use href="{0}/use#a"/></svg><a rel="attachment" href="{0}/a">a</a><base href="{0}/base/">'
)


def context(facts, **more):
    paper = {"title": "隐患整改通知单", "number": "整改通知〔2026〕3号", "code": "A" * 24, "seal": "", "replaces": None}
    return {"paper": SimpleNamespace(issued_on=datetime.date(2026, 11, 25), **paper), "facts": facts, "with_photos": True, **more}


def made(facts, tmp_path, **more):
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf.render("papers/facts.html", context(facts, **more)))
    return path


def read(path, *options):
    return subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def listener():
    """(address, what was asked of it)."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def write(tmp_path, settings):
    """write(name, text): a template of the test."""
    first = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**first, "DIRS": [tmp_path, *first["DIRS"]]}]
    return lambda name, text: (tmp_path / name).write_text(text)


@pytest.mark.parametrize("official", [False, True])
def test_rare_characters_are_printed_and_every_font_is_embedded(tmp_path, official):
    path = made({"姓名": "喆赟祎玥堃䶮", "面积": "12㎡", "外文": "ABC xyz ① Ⅳ ℃ ≥"}, tmp_path, is_official=official)
    text = read(path)
    assert [word for word in ("喆赟祎玥堃䶮", "12㎡", "ABC xyz ① Ⅳ ℃ ≥") if word not in text] == []
    rows = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert len(rows) > 1
    # name, type, encoding, emb, sub, uni, object, ID
    assert [row for row in rows if row.split()[-5:-2] != ["yes", "yes", "yes"]] == []


@pytest.mark.parametrize(("weight", "is_bold"), [(80, False), (200, True)])
def test_the_bold_file_is_taken_for_bold_only(weight, is_bold):
    """Fandol's bold files call themselves regular; core/fonts.conf puts that right. Where Fandol is missing, Noto answers."""
    for family in ("FandolSong", "FandolHei"):
        asked = ["fc-match", "-f", "%{file}", f"{family}:weight={weight}"]
        file = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert ("Bold" in file) == is_bold, file


def test_pages_are_counted_and_carry_the_number(tmp_path):
    text = read(made({"备注": "隐患整改" * 1500}, tmp_path), "-layout")
    pages = text.split("\f")[:-1]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in "".join(page.split())
        assert "整改通知〔2026〕3号" in page


def test_an_official_paper_has_28_characters_a_line_and_22_lines_a_page(tmp_path, write):
    """GB/T 9704-2012, 5.2.3: measured on the paper itself."""
    write(
        "letter.html",
        '{% extends "papers/base.html" %}{% block head %}{% endblock %}{% block content %}<p class="flush">{{ facts.text }}</p>{% endblock %}',
    )
    path = tmp_path / "letter.pdf"
    path.write_bytes(pdf.render("letter.html", context({"text": "甲" * 28 * 50}, is_official=True)))
    lines = [line for line in read(path, "-f", "1", "-l", "1", "-layout").splitlines() if "甲" in line]
    assert [line.strip() for line in lines] == ["甲" * 28] * 22


def test_the_same_facts_make_the_same_bytes():
    facts = {"企业": "重庆石角机械厂"}
    assert pdf.render("papers/facts.html", context(facts)) == pdf.render("papers/facts.html", context(facts))


def test_a_watermark_stands_on_every_page(tmp_path):
    path = made({"备注": "隐患整改" * 1500}, tmp_path)
    path.write_bytes(pdf.render("papers/facts.html", context({"备注": "隐患整改" * 1500}), watermark="预览"))
    pages = read(path).split("\f")[:-1]
    assert [all(word in page for word in "预览") for page in pages] == [True] * len(pages)


def test_hostile_text_is_printed_and_fetches_nothing(tmp_path, listener):
    address, asked = listener
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "attachment").write_text("TOP SECRET LINE")
    text = HOSTILE.format(address) + HOSTILE.format(secret.as_uri())
    path = made({"备注": text, text: "x"}, tmp_path, qr="")
    assert asked == []
    assert "TOP SECRET" not in read(path)
    assert b"EmbeddedFile" not in path.read_bytes()
    assert f'<imgsrc="{address}/img">' in "".join(read(path).split())


@pytest.mark.parametrize("part", HOSTILE.replace("><", ">\n<").splitlines())
def test_even_markup_is_refused_by_the_fetcher(tmp_path, listener, part):
    """Should a template ever let markup through, the second wall stands."""
    address, asked = listener
    engine = pdf._engine()
    for place in (address, tmp_path.as_uri()):
        try:
            engine.lay_out(part.format(place)).write_pdf()
        except engine.fatal as refused:
            assert place in str(refused)
    assert asked == []


def test_control_the_default_fetcher_fetches(tmp_path, listener):
    address, asked = listener
    secret = tmp_path / "attachment"
    secret.write_text("TOP SECRET LINE")
    engine = pdf._engine()
    html = HOSTILE.format(address) + f'<link rel="attachment" href="{secret.as_uri()}">'
    written = engine.weasyprint.HTML(string=html).write_pdf(uncompressed_pdf=True)
    assert {"/img", "/attachment", "/sheet.css", "/inline"} <= {path.replace("/base", "") for path in asked}
    assert b"TOP SECRET LINE" in written


@pytest.mark.parametrize(
    "url",
    ["static:../shijiao/settings.py", "static:/etc/passwd", "static:papers/../../manage.py", "file:///etc/passwd", "static:js/app.js"],
)
def test_the_fetcher_gives_out_our_papers_files_only(url):
    with pytest.raises(ValueError, match="not one of our static files"):
        pdf.static_file(url)
    assert pdf.static_file("static:papers/paper.css")[1] == {"Content-Type": "text/css"}


def test_a_remark_of_50000_characters_makes_a_paper(tmp_path):
    path = made({"备注": "隐患整改" * 12500}, tmp_path)
    assert "".join(read(path).split()).count("隐患整改") >= 12400


def test_a_ledger_of_2000_rows_makes_a_paper_and_one_too_long_a_sentence(tmp_path):
    path = made({f"第{n}条": "防护罩缺失" for n in range(1, 2001)}, tmp_path)
    assert "第2000条" in read(path)
    with pytest.raises(pdf.PaperRefused, match="文书有 3001 行,超过 3000 行,没有生成。请缩小范围或分成几份。"):
        made({f"第{n}条": "防护罩缺失" for n in range(3001)}, tmp_path)


def test_photos_are_printed_as_they_were_named_in_the_facts(people, tmp_path, write):
    write(
        "photos.html",
        '{% extends "papers/base.html" %}{% block content %}{% include "papers/_photos.html" with photos=facts.photos %}{% endblock %}',
    )
    row = Attachment.take_in(jpeg(size=(3000, 2000)), by=people.safety)
    facts = {"photos": [{"pk": row.pk, "sha256": row.sha256, "caption": "整改前"}]}
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf.render("photos.html", context(facts)))
    images = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert [row.split()[2] for row in images] == ["image"]
    assert "整改前" in read(path)
    facts["photos"][0]["sha256"] = "0" * 64
    with pytest.raises(pdf.PaperRefused, match=f"第 {row.pk} 号照片已不在或已不是原来的一张"):
        pdf.render("photos.html", context(facts))
