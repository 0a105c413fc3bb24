"""The parts of an xlsx, checked within bounds before any spreadsheet reader sees them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

from django.conf import settings

MAX_ENTRIES = 500
MAX_PART_BYTES = 60 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 1024 * 1024
MAX_ELEMENTS = 4_000_000
MAX_COLUMNS = 100
MAX_MERGES = 2_000
MAX_CELL_CHARS = 32_767
MAX_TEXT_CHARS = 20_000_000
SPARE_ROWS = 100
NEEDED = re.compile(r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/.+\.(xml|rels))$")
REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


class RosterRefused(Exception):
    """A file that is not taken; the text is a Chinese sentence for the person."""


def safe_workbook(data: bytes) -> io.BytesIO:
    """The same workbook, made anew of nothing but checked parts; RosterRefused when it is out of bounds.

    The reader behind it never sees the sender's zip: sizes that lie, entries hidden twice and parts that
    are no XML are gone, and every cell lies within rows and columns that were counted here.
    """
    parts = _read_parts(data)
    texts: list[int] = []
    for name in sorted(parts, key=lambda n: "sharedStrings" not in n):
        _PartCheck(name, texts).run(parts[name])
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    clean.seek(0)
    return clean


def _read_parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            entries = book.infolist()
            _check_entries(entries)
            return {e.filename: book.read(e) for e in entries if NEEDED.match(e.filename)}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise RosterRefused("文件不是完好的 xlsx 工作簿,或者加了密码。请用 Excel 或 WPS 另存为“Excel 工作簿(.xlsx)”后再上传。") from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RosterRefused(f"文件里有 {len(entries)} 个部件,超过 {MAX_ENTRIES} 个,不像一份名册。请只保留名册工作表后另存再上传。")
    total = sum(e.file_size for e in entries)
    swollen = any(e.file_size > RATIO_FROM and e.file_size > MAX_RATIO * max(1, e.compress_size) for e in entries)
    if total > MAX_PART_BYTES or swollen:
        raise RosterRefused(f"文件展开后有 {total // 1024 // 1024} MB,超过限制,没有打开。请删去多余的工作表和图片后另存再上传。")


class _PartCheck:
    """One pass over one XML part: no DTD, no entities, and for sheets the place of the farthest cell."""

    def __init__(self, name: str, texts: list[int]) -> None:
        self.name, self.texts = name, texts
        self.is_sheet, self.is_texts = name.startswith("xl/worksheets/"), "sharedStrings" in name
        self.elements = self.merges = self.row = self.column = self.chars = self.written = 0
        self.is_shared = self.collects = False
        self.value: list[str] = []

    def run(self, content: bytes) -> None:
        """Parse it; RosterRefused at the first thing that is out of bounds."""
        if b"\0" in content:
            raise self._damaged()
        # The reader behind takes every part for UTF-8, whatever it declares; so does this check.
        parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise self._damaged() from error

    def _damaged(self) -> RosterRefused:
        return RosterRefused(f"文件的内部部件 {self.name} 已损坏,没有打开。请用 Excel 打开后另存再上传。")

    def _doctype(self, *_: Any) -> None:
        raise RosterRefused("文件里含有实体定义(DOCTYPE),可能有害,没有打开。请用 Excel 新建工作簿,把名册粘贴过去再上传。")

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise RosterRefused("工作表过大(包括只有格式的空白单元格),没有打开。请只复制有内容的区域到新工作簿后再上传。")
        kind = tag.rpartition(" ")[2]
        if self.is_sheet:
            self._start_in_sheet(kind, attrs)
        elif self.is_texts and kind == "si":
            self.chars = 0
        if kind == "mergeCell":
            self._merge(attrs.get("ref", ""))

    def _start_in_sheet(self, kind: str, attrs: dict[str, str]) -> None:
        if kind == "row":
            self.row, self.column = self._number(attrs.get("r"), self.row + 1), 0
        elif kind == "c":
            self.column += 1
            self.is_shared = attrs.get("t") == "s"
            if place := attrs.get("r"):
                self._take_place(place)
        elif kind in ("v", "is", "f"):
            self.chars = 0
            self._check_bounds(self.row, self.column)
            self.collects, self.value = kind == "v" and self.is_shared, []

    def _number(self, text: str | None, default: int) -> int:
        if text is None:
            return default
        if not text.isascii() or not text.isdigit():
            raise RosterRefused("工作表的行号已损坏,没有打开。请用 Excel 打开后另存再上传。")
        return int(text[:9])

    def _take_place(self, place: str) -> None:
        self.row, self.column = self._split(place)

    def _split(self, place: str) -> tuple[int, int]:
        found = REFERENCE.match(place)
        if found is None:
            raise RosterRefused("工作表的单元格位置已损坏,没有打开。请用 Excel 打开后另存再上传。")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return int(found[2]), column

    def _merge(self, reference: str) -> None:
        self.merges += 1
        if self.merges > MAX_MERGES:
            raise RosterRefused("工作表里的合并单元格太多,没有打开。请取消合并后再上传。")
        for place in reference.split(":"):
            self._split(place)

    def _check_bounds(self, row: int, column: int) -> None:
        if row > settings.ROSTER_MAX_ROWS + SPARE_ROWS:
            raise too_many_rows()
        if column > MAX_COLUMNS:
            raise too_many_columns()

    def _text(self, text: str) -> None:
        self.chars += len(text)
        self.written += len(text)
        if self.collects:
            self.value.append(text)
        if (self.is_sheet or self.is_texts) and self.chars > MAX_CELL_CHARS:
            raise too_long_cell()
        self._check_written()

    def _check_written(self) -> None:
        if self.written > MAX_TEXT_CHARS:
            raise RosterRefused("工作表里的文字总量过大,没有打开。请只保留名册内容后再上传。")

    def _end(self, tag: str) -> None:
        kind = tag.rpartition(" ")[2]
        if self.is_texts and kind == "si":
            self.texts.append(self.chars)
        if self.is_sheet and self.collects and kind == "v":
            self.collects = False
            index = self._number("".join(self.value).strip() or "0", 0)
            self.written += self.texts[index] if index < len(self.texts) else 0
            self._check_written()


def too_many_rows() -> RosterRefused:
    """The refusal of a file with too many rows."""
    return RosterRefused(f"行数超过 {settings.ROSTER_MAX_ROWS} 行,没有导入。请按村(社区)拆成几份再上传。")


def too_many_columns() -> RosterRefused:
    """The refusal of a file with too many columns."""
    return RosterRefused(f"列数超过 {MAX_COLUMNS} 列,不像一份名册,没有导入。请删去多余的列后再上传。")


def too_long_cell() -> RosterRefused:
    """The refusal of a file with a cell that no spreadsheet program would write."""
    return RosterRefused(f"有单元格超过 {MAX_CELL_CHARS} 个字,没有导入。请删去过长的内容后再上传。")
