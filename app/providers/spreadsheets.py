"""Spreadsheets in and out: the cells of an uploaded file, and files that no spreadsheet program will run.

What comes in is measured before it is unpacked for the reader: one far-off cell, or a packed nought, must not fill the memory.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook

from app.providers.rules.columns import Cell, Column
from app.providers.rules.sheets import MOST_ROWS

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_UNPACKED: Final = 30 * 1024 * 1024
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"

_WHERE: Final = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")
_NEAR: Final = re.compile(rb"(?:[AB]?[A-Z])?([1-9]\d{0,3})?")
_KEPT: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:_rels/workbook\.xml\.rels|workbook\.xml|styles\.xml|sharedStrings\.xml)"
    r"|xl/worksheets/[^/]+\.xml"
)
_ALWAYS: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a workbook says that it was made, so that the same rows are the same bytes."""
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_OURS: Final = "This does not open as a spreadsheet. Save it as an Excel workbook (.xlsx) or as CSV, and try again."
_FAR: Final = "The sheet goes on too far. Delete the rows and columns beyond the last filled row, and save it again."


class Unreadable(Exception):
    """The file is no spreadsheet we read; the words say what to do about it."""


def read(file: BinaryIO) -> list[list[Cell]]:
    """The cells of the first sheet, or of a CSV file, row by row from the first. Raises `Unreadable`."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable(f"The file must be smaller than {MOST_BYTES // (1024 * 1024)} MB")
    if not data.strip():
        raise Unreadable("The file is empty")
    return _workbook(data) if data.startswith(b"PK") else _lines(data)


def neutral(text: str) -> str:
    """A cell that a spreadsheet program would take for a formula, disarmed by an apostrophe (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_csv(rows: Iterable[Sequence[str]], columns: Sequence[Column]) -> bytes:
    """With a byte order mark, by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(neutral(column.heading) for column in columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(
    rows: Iterable[Sequence[str]], columns: Sequence[Column], *, title: str, more: tuple[str, Iterable[str]] = ("", ())
) -> bytes:
    """The headings with choices to pick from, rows as text, and a second sheet that says how to fill them in.

    `more` is a heading and lines to stand at the end of the second sheet.
    """
    import xlsxwriter  # here, for few processes ever write one

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, text = book.add_format({"bold": True, "bg_color": "#E0EDF2"}), book.add_format({"num_format": "@"})
        book.set_properties({"created": _ALWAYS})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(14, len(column.heading) + 2), text)
            sheet.write_string(0, place, column.heading, bold)
            if column.choices:
                sheet.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": list(column.choices)})
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, neutral(cell), text)
        help_sheet = book.add_worksheet("How to fill this in")
        help_sheet.set_column(0, 0, 32)
        help_sheet.set_column(1, 1, 70)
        lines = [(c.heading, c.how + (" (needed)" if c.needed else "")) for c in columns]
        heading, ends = more
        for number, line in enumerate([("Column", "What to write"), *lines, ("", ""), (heading, "")]):
            for place, words in enumerate(line):
                help_sheet.write_string(number, place, words, bold if number == 0 else None)
        for number, name in enumerate(ends, start=len(lines) + 3):
            help_sheet.write_string(number, 0, name)
    return out.getvalue()


def _workbook(data: bytes) -> list[list[Cell]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_measured(data)))
        return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (
        CalamineError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise Unreadable(_OURS) from error


def _measured(data: bytes) -> bytes:
    """The same workbook unpacked, within bounds: each part as long as it truly is, no cell further off than we read.

    Only the parts of a plain workbook are kept, and each is looked through: a relation may call any of them the sheet.
    """
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as unpacked:
        if "xl/workbook.xml" not in packed.namelist():
            raise Unreadable(_OURS)
        room = MOST_UNPACKED
        for part in packed.infolist():
            with packed.open(part) as stream:
                content = stream.read(room + 1)
            room -= len(content)
            if room < 0:
                raise Unreadable("The spreadsheet holds too much. Keep only the sheet to be read")
            if _KEPT.fullmatch(part.filename):
                _refuse_far_cells(content)
                unpacked.writestr(part.filename, content)
    return plain.getvalue()


def _refuse_far_cells(sheet: bytes) -> None:
    if b"\0" in sheet:
        raise Unreadable(_OURS)
    for place in _WHERE.findall(sheet):
        if not _NEAR.fullmatch(place):
            raise Unreadable(_FAR if re.fullmatch(rb"[A-Z]*\d+", place) else _OURS)


def _lines(data: bytes) -> list[list[Cell]]:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)]
    except csv.Error as error:
        raise Unreadable(_OURS) from error


def _decoded(data: bytes) -> str:
    """Excel writes CSV as UTF-8 with a mark, as UTF-16, or as its old Windows letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data or data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Unreadable(_OURS)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
