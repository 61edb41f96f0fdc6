"""Faulty returned workbooks: each kind of damage, malice or mistake, made from a clean one, and its finding."""

from __future__ import annotations

import html
import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import openpyxl

from pfexcel.organisations import Trust, in_scope
from pfexcel.periods import Period
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import sealed_parts
from pfexcel.workbook.generate import Given, Unit, make_job
from pfexcel.workbook.layout import address, return_layout, rules_layout, sheet_name
from pfexcel.workbook.parts import Parts, pack, unpack
from pfexcel.workbook.seal import PROPERTY, describe, seal
from tests.test_checks import clean

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORKBOOK, STRINGS, TYPES = "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
CUSTOM = "docProps/custom.xml"
DEADLINE = date(2012, 1, 20)


@dataclass(frozen=True)
class Form:
    """A filled form of one trust: its parts, and what was entered."""

    trust: Trust
    period: Period
    rulebook: Rulebook
    values: Mapping[str, Any]
    parts: Parts

    @property
    def name(self) -> str:
        return f"pf-return_{self.period.text}_{self.trust.ods_code}.xlsx"

    @property
    def content(self) -> bytes:
        return pack(self.parts)

    @property
    def entered(self) -> dict[str, Any]:
        """What stands in its cells."""
        return {
            name: value for name, value in self.values.items() if name in self.rulebook.fields and value is not None
        }

    def part(self, kind: str) -> str:
        """The part of a sheet."""
        sheets = re.findall(r'<sheet name="([^"]+)"', self.parts[WORKBOOK].decode())
        named = sheet_name(kind, self.trust.ods_code) if kind in ("return", "rating") else sheet_name(kind)
        return f"xl/worksheets/sheet{sheets.index(named) + 1}.xml"

    def cell(self, entry: str) -> str:
        return return_layout(self.rulebook).cell(entry)

    def changed(self, **parts: bytes) -> bytes:
        """The file with some parts changed or added."""
        return pack(self.parts | parts)

    def edited(self, part: str, old: bytes, new: bytes) -> bytes:
        """The file with one text changed in one part."""
        assert old in self.parts[part], (part, old)
        return pack({**self.parts, part: self.parts[part].replace(old, new, 1)})

    def with_cell(self, kind: str, cell: str, content: str) -> bytes:
        """The file with another cell; `{s}` stands for the style it had."""
        part = self.part(kind)
        pattern = rf'<c r="{cell}"( s="\d+")?[^>/]*(?:/>|>.*?</c>)'
        found = re.subn(pattern, lambda m: content.replace("{s}", m[1] or ""), self.parts[part].decode())
        assert found[1] == 1, (cell, found[1])
        return pack({**self.parts, part: found[0].encode("utf-8", "surrogateescape")})

    def entering(self, entry: str, content: str) -> bytes:
        """The file with another content in an entry's cell."""
        cell = self.cell(entry)
        return self.with_cell("return", cell, f'<c r="{cell}"{{s}}{content}</c>')

    def with_property(self, name: str, value: str) -> bytes:
        old = rb'(name="pfexcel_%s"><vt:lpwstr>)[^<]*' % name.encode()
        text, count = re.subn(old, rb"\g<1>" + value.encode(), self.parts[CUSTOM])
        assert count == 1
        return pack({**self.parts, CUSTOM: text})


def make_form(trust: Trust, period: Period, values: Mapping[str, Any]) -> Form:
    """A form as the generator makes it, filled in."""
    edition = load_edition(period.edition_id)
    given = Given({trust.ods_code: values}, {}, {})
    job = make_job(edition, period, Unit(trust.ods_code, trust.name, "", (trust,)), given, DEADLINE)
    return Form(trust, period, edition.rulebook(trust.trust_type), values, sealed_parts(job))


def copy_for(form: Form, trust: Trust) -> Form:
    """The form of another trust of the same type with the same figures, as the generator would make it."""
    code = re.compile(rf"(?<![A-Z0-9]){form.trust.ods_code}(?![A-Z0-9])")
    names = html.escape(form.trust.name, quote=False), html.escape(trust.name, quote=False)

    def said(content: bytes) -> bytes:
        return code.sub(trust.ods_code, content.decode()).replace(*names).encode()

    parts = {part: said(content) for part, content in form.parts.items()}
    sealed = seal(describe(parts)).encode()
    pattern = rb'(name="%s"><vt:lpwstr>)[^<]*' % PROPERTY.encode()
    parts[CUSTOM] = re.sub(pattern, rb"\g<1>" + sealed, parts[CUSTOM])
    return replace(form, trust=trust, parts=parts)


def clean_forms(count: int, periods: Iterable[str]) -> Iterator[Form]:
    """Clean forms of so many trusts and periods, all different; a comment in each names its trust."""
    made = 0
    for period in map(Period.parse, periods):
        edition = load_edition(period.edition_id)
        first: dict[str, Form] = {}
        for trust in in_scope(period.last_day, edition.trust_types):
            if made == count:
                return
            kind = trust.trust_type
            if kind not in first:
                first[kind] = commented(make_form(trust, period, clean(edition.rulebook(kind), period)))
            yield first[kind] if first[kind].trust is trust else copy_for(first[kind], trust)
            made += 1


def commented(form: Form) -> Form:
    """The form with a comment that names its trust."""
    layout = return_layout(form.rulebook)
    cell = address(layout.entry_rows[MONEY], layout.COMMENT)
    said = f'<c r="{cell}"{{s}} t="inlineStr"><is><t>{comment_of(form.trust)}</t></is></c>'
    return replace(form, parts=unpack(form.with_cell("return", cell, said)))


def comment_of(trust: Trust) -> str:
    return f"Agreed for {trust.ods_code}"


# --- faults ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A kind of fault: what makes it, the finding it gets, and whether the return is refused with its file."""

    make: Callable[[Form], bytes]
    finding: str
    refused: bool = False


MONEY, COUNT, CHOICE, DAY = "ytd_surplus", "bppc_number_total", "loan_repayment_missed", "finance_major_failing_date"


def zipped(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of any members, two of one name too."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, (2012, 1, 19, 9, 0, 0)), content, method)
    return file.getvalue()


def with_parts(form: Form, added: Parts, types: bytes = b"", kind: bytes = b"") -> bytes:
    """The file with parts added, their content types, and another content type of the workbook itself."""
    parts = form.parts | added
    parts[TYPES] = parts[TYPES].replace(b"</Types>", types + b"</Types>")
    if kind:
        parts[TYPES] = parts[TYPES].replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", kind
        )
    return pack(parts)


def in_sheet(form: Form, rows: bytes) -> bytes:
    """The file with rows added to its Return sheet."""
    return form.edited(form.part("return"), b"</sheetData>", rows + b"</sheetData>")


def without(form: Form, part: str) -> bytes:
    return pack({name: content for name, content in form.parts.items() if name != part})


def lying(form: Form) -> bytes:
    """Texts of 50 MB in a part that says it has a thousand bytes."""
    content = pack({**form.parts, STRINGS: b"<sst>%s</sst>" % (b" " * 14_000_000)})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<I", archive.getinfo(STRINGS).file_size)
    return content.replace(size, struct.pack("<I", 1000))


def entities(form: Form) -> bytes:
    """Ten entities, each ten times the one before."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    texts = form.parts[STRINGS].replace(b"?>", f"?><!DOCTYPE sst [{levels}]>".encode(), 1)
    return pack({**form.parts, STRINGS: texts.replace(b"<t>", b"<t>&e9;", 1)})


def outside_entity(form: Form) -> bytes:
    doctype = b'?><!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return form.edited(form.part("return"), b"?>", doctype)


def ole(name: str) -> bytes:
    """What begins like a compound file, with the name of one stream in it."""
    return OLE + bytes(504) + name.encode("utf-16-le") + bytes(3000)


def linked(form: Form) -> bytes:
    """An entry that takes its figure from another file."""
    link = XML + b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    type_of = b"application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    types = b'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="%s"/>' % type_of
    own = replace(form, parts=unpack(form.entering(MONEY, "><f>[1]Ledger!$B$7</f><v>120</v>")))
    return with_parts(own, {"xl/externalLinks/externalLink1.xml": link}, types)


def many_sheets(form: Form) -> bytes:
    """300 sheets more."""
    blank = (
        XML + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    )
    sheets = b"".join(b'<sheet name="Notes %d" sheetId="%d" r:id="rx%d"/>' % (n, 900 + n, n) for n in range(300))
    relation = b'<Relationship Id="rx%d" Type="x/worksheet" Target="worksheets/note%d.xml"/>'
    relations = b"".join(relation % (n, n) for n in range(300))
    parts = form.parts | {f"xl/worksheets/note{n}.xml": blank for n in range(300)}
    parts[WORKBOOK] = parts[WORKBOOK].replace(b"</sheets>", sheets + b"</sheets>")
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relations + b"</Relationships>")
    return pack(parts)


def pasted_in(form: Form) -> bytes:
    """The Return and Rating sheets of a trust of another SHA in place of the form's own Guide and Summary."""
    other = next(
        trust
        for trust in in_scope(form.period.last_day, [form.trust.trust_type])
        if trust.sha_code != form.trust.sha_code
    )
    copied = copy_for(form, other)
    parts = dict(form.parts)
    for kind, place in (("return", "guide"), ("rating", "summary")):
        parts[form.part(place)] = copied.parts[form.part(kind)]
        old, new = (f'<sheet name="{name}"' for name in (sheet_name(place), sheet_name(kind, other.ods_code)))
        parts[WORKBOOK] = parts[WORKBOOK].replace(old.encode(), new.encode())
    return pack(parts)


def edited_limit(form: Form) -> bytes:
    """The first limit on the Rules sheet, made another one."""
    edition = form.rulebook.edition
    layout = rules_layout(edition)
    limit = next(one for one in layout.numbers if one.key[0] != "context" and not isinstance(one.value, str))
    cell = address(layout.rows[limit.key], layout.VALUE)
    return form.with_cell("rules", cell, f'<c r="{cell}"{{s}}><v>0.123</v></c>')


def dated(form: Form) -> bytes:
    """A date in the cell of a number, as Excel keeps it: a number that looks like a date."""
    cell, day = form.cell(MONEY), form.cell(DAY)
    [style] = re.findall(rf'<c r="{day}"( s="\d+")', form.parts[form.part("return")].decode())
    return form.with_cell("return", cell, f'<c r="{cell}"{style}><v>40882</v></c>')


def row_deleted(form: Form) -> bytes:
    """A row of the Return sheet taken out, and those below moved up."""
    part, row = form.part("return"), int(form.cell(MONEY)[1:])

    def up(match: re.Match[str]) -> str:
        number = int(match[2])
        return match[0] if number < row else f"{match[1]}{number - 1}{match[3]}"

    text = form.parts[part].decode()
    text = re.sub(rf'<row r="{row}".*?</row>', "", text, count=1, flags=re.S)
    return pack({**form.parts, part: re.sub(r'(<(?:row|c) r="[A-Z]*)(\d+)(")', up, text).encode()})


def renamed_sheet(form: Form) -> bytes:
    name = sheet_name("return", form.trust.ods_code).encode()
    return form.edited(WORKBOOK, b'<sheet name="%s"' % name, b'<sheet name="My figures"')


def unknown_trust(form: Form) -> bytes:
    return form.edited(WORKBOOK, b'<sheet name="Guide"', b'<sheet name="ZZZ Return"')


def empty_workbook(_: Form) -> bytes:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    return file.getvalue()


def flipped(form: Form) -> bytes:
    content = bytearray(form.content)
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


FAR = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
DIGITS = "1234567890" * 6

FAULTS: dict[str, Fault] = {
    "no bytes": Fault(lambda _: b"", "file-empty", True),
    "truncated": Fault(lambda form: form.content[: len(form.content) * 2 // 3], "file-unreadable", True),
    "begins like a zip": Fault(lambda _: b"PK\x03\x04" + bytes(300), "file-unreadable", True),
    "no zip": Fault(lambda _: b"Dear all, please find attached\n" * 40, "file-unreadable", True),
    "a page of HTML": Fault(lambda _: b"<html><table><tr><td>1</td></tr></table></html>", "file-unreadable", True),
    "a byte changed": Fault(flipped, "file-unreadable", True),
    "a bomb": Fault(lambda form: in_sheet(form, b" " * 40_000_000), "file-too-large", True),
    "a bomb that lies of its size": Fault(lying, "file-unreadable", True),
    "a bomb beside the sheets": Fault(
        lambda form: form.changed(**{"xl/media/image9.png": bytes(40_000_000)}), "file-too-large", True
    ),
    "thousands of parts": Fault(
        lambda form: form.changed(**{f"xl/x{n}.xml": b"<a/>" for n in range(2500)}), "file-too-large", True
    ),
    "a zip within": Fault(
        lambda form: form.changed(**{"xl/embeddings/more.zip": zipped([("a.zip", zipped([("b", bytes(10**6))]))])}),
        "files-inside",
    ),
    "cells far apart": Fault(lambda form: in_sheet(form, FAR), "file-too-large", True),
    "macros": Fault(
        lambda form: with_parts(
            form,
            {"xl/vbaProject.bin": ole("VBA")},
            b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
            MACROS,
        ),
        "macros-inside",
    ),
    "an .xlsm by another name": Fault(lambda form: with_parts(form, {}, kind=MACROS), "macros-inside"),
    "old macro sheets": Fault(lambda form: form.changed(**{"xl/macrosheets/sheet1.xml": b"<a/>"}), "macros-inside"),
    "entities": Fault(entities, "file-unsafe", True),
    "an entity that is a file": Fault(outside_entity, "file-unsafe", True),
    "links to another file": Fault(linked, "links-to-other-files"),
    "a password": Fault(lambda _: ole("EncryptedPackage"), "file-protected", True),
    "an old .xls file": Fault(lambda _: ole("Workbook"), "file-is-xls", True),
    "two parts of one name": Fault(
        lambda form: zipped([*form.parts.items(), (WORKBOOK, b"<a/>")]), "file-unreadable", True
    ),
    "a part from the root": Fault(lambda form: form.changed(**{"/etc/cron.d/x.xml": b"<a/>"}), "file-unsafe", True),
    "a part from above": Fault(lambda form: form.changed(**{"xl/../../x.xml": b"<a/>"}), "file-unsafe", True),
    "no workbook part": Fault(lambda form: without(form, WORKBOOK), "file-unreadable", True),
    "no content types": Fault(lambda form: without(form, TYPES), "file-unreadable", True),
    "a document by its types": Fault(
        lambda form: with_parts(
            form, {}, kind=b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        ),
        "file-unreadable",
        True,
    ),
    "300 sheets more": Fault(many_sheets, "file-too-large", True),
    "a very long text": Fault(
        lambda form: form.entering(MONEY, f' t="inlineStr"><is><t>{"ha" * 100_000}</t></is>'), "file-too-large", True
    ),
    "bytes that are no text": Fault(
        lambda form: form.entering(MONEY, ' t="inlineStr"><is><t>\udcff</t></is>'), "file-unreadable", True
    ),
    "another encoding": Fault(lambda form: form.edited(STRINGS, b"UTF-8", b"ISO-8859-1"), "file-unreadable", True),
    "half a sheet": Fault(
        lambda form: form.changed(**{form.part("return"): form.parts[form.part("return")][:9999]}),
        "file-unreadable",
        True,
    ),
    "an empty workbook": Fault(empty_workbook, "not-a-return", True),
    "another edition": Fault(lambda form: form.with_property("edition", "2013-14"), "edition-unknown", True),
    "another period": Fault(lambda form: form.with_property("period", "2010-11-Q2"), "period-unknown", True),
    "another rulebook": Fault(lambda form: form.with_property("rulebook", "0" * 64), "rulebook-differs"),
    "the Return sheet renamed": Fault(renamed_sheet, "no-return-sheet", True),
    "a Return sheet of nobody": Fault(unknown_trust, "trust-unknown"),
    "another SHA's trust": Fault(pasted_in, "trust-not-in-workbook"),
    "a limit edited": Fault(edited_limit, "locked-cell-changed"),
    "a row deleted": Fault(row_deleted, "label-moved"),
    "a formula": Fault(lambda form: form.entering(MONEY, "><f>60+60</f><v>120</v>"), "entry-is-a-formula"),
    "an error value": Fault(lambda form: form.entering(MONEY, ' t="e"><v>#N/A</v>'), "entry-not-a-number"),
    "a number as text": Fault(
        lambda form: form.entering(MONEY, ' t="inlineStr"><is><t>1,250</t></is>'), "entry-not-a-number"
    ),
    "a date for a number": Fault(dated, "entry-not-a-number"),
    "a negative count": Fault(lambda form: form.entering(COUNT, "><v>-12</v>"), "entry-out-of-bounds"),
    "a number of 60 digits": Fault(lambda form: form.entering(COUNT, f"><v>{DIGITS}</v>"), "entry-too-many-digits"),
    "no number that there is": Fault(lambda form: form.entering(MONEY, "><v>1e999</v>"), "entry-out-of-bounds"),
    "no such choice": Fault(
        lambda form: form.entering(CHOICE, ' t="inlineStr"><is><t>Perhaps</t></is>'), "entry-not-a-choice"
    ),
}
