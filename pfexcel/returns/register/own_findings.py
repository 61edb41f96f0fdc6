"""What only the register can tell of a return: late, duplicate, corrected, partly complete, out of line with the last.

Worked out from all entries whenever it is asked for, so that the order in which files were taken in does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pfexcel.catalogue import at, finding
from pfexcel.engine.checks import applicable, figures_of, is_first
from pfexcel.model import Finding, Severity
from pfexcel.periods import Period
from pfexcel.returns.checks import answered
from pfexcel.returns.register.entries import Entries, Sighting
from pfexcel.returns.register.records import Difference, FileEntry, OpenFinding, RegisteredReturn
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.layout import return_layout, sheet_name

MOST_NAMED = 5
_KINDS = {"figure": "", "comment": "comment on ", "sign-off": "sign-off: "}


class OwnFindings:
    """The findings of the register, from its entries."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self._of_return: dict[str, list[Finding]] = {}

    def of_return(self, one: RegisteredReturn) -> list[Finding]:
        """Those about a return as it was first received."""
        if one.id not in self._of_return:
            self._of_return[one.id] = self._found(one)
        return self._of_return[one.id]

    def _found(self, one: RegisteredReturn) -> list[Finding]:
        found = list(self._late(one))
        if one.missing and not one.blank:
            found.append(finding("return-partly-complete", value=one.missing))
        earlier = self._version_before(one)
        if earlier is not None:
            found += _corrected(earlier, one)
        placed = [at(each, one.ods_code, sheet_name("return", one.ods_code), "") for each in found]
        return [*placed, *self._compared(one)]

    def of_file(self, sha256: str) -> list[Finding]:
        """Those about a file and the returns in it."""
        file = self.entries.file(sha256)
        if file is None:
            return []
        first = f"{file.name}, received on {said_day(file.received)}"
        found = [finding("file-duplicate", value=name, first=first) for name in file.names[1:]]
        for one in self.entries.returns_in(sha256):
            if not one.blank and self.entries.first[one.id].moment == one.moment:
                found += self.of_return(self.entries.load(one))
            else:
                found += self._again(one)
        return found

    def open_in(self, period: str) -> list[OpenFinding]:
        """The errors and queries that stand for a period: about the returns that stand, then about files."""
        found: list[OpenFinding] = []
        standing = self.entries.standing.get(period, {})
        for sighting in standing.values():
            one = self.entries.load(sighting)
            found += [OpenFinding(one.file, each) for each in (*one.findings, *self.of_return(one))]
        for (code, of_period), blanks in self.entries.blanks.items():
            file = self.entries.file(blanks[-1].moment.file)
            if of_period == period and code not in standing and file is not None:
                found += [OpenFinding(file, each) for each in file.findings if each.organisation == code]
        taken = {one.moment.file for one in standing.values()}
        for file in self.entries.files():
            if file.period == period and (file.sha256 in taken or self._unanswered(file)):
                known = {*file.trusts, *file.blank}
                found += [OpenFinding(file, each) for each in file.findings if each.organisation not in known]
        return [one for one in found if one.finding.severity is not Severity.NOTE]

    def _unanswered(self, file: FileEntry) -> bool:
        """Does a file hold no return, and has none come from that SHA since?"""
        if file.trusts:
            return False
        later = (self.entries.file(one.moment.file) for one in self.entries.standing.get(file.period, {}).values())
        return not any(o is not None and o.sha == file.sha and o.received >= file.received for o in later)

    # --- one kind each ---

    def _late(self, one: RegisteredReturn) -> Iterator[Finding]:
        deadline = self.entries.deadlines.get(one.period, one.file.deadline)
        if deadline is not None and one.file.late and not one.blank:
            yield finding("return-late", value=said_day(one.received), deadline=said_day(deadline))

    def _again(self, one: Sighting) -> Iterator[Finding]:
        """A return that came in another file before, or a blank sheet."""
        place = one.ods_code, sheet_name("return", one.ods_code), ""
        stands = self.entries.standing.get(one.period, {}).get(one.ods_code)
        if one.blank:
            if stands is None:
                yield at(finding("return-blank", value=one.ods_code), *place)
            return
        words = {"value": one.ods_code, "first": _came(self.entries.first[one.id])}
        if stands is None or stands.id == one.id:
            yield at(finding("return-duplicate", **words), *place)
        else:
            yield at(finding("return-replaced-before", **words, later=_came(stands)), *place)

    def _version_before(self, one: RegisteredReturn) -> RegisteredReturn | None:
        versions = self.entries.of_trust.get((one.ods_code, one.period), [])
        place = next((i for i, version in enumerate(versions) if version.id == one.id), 0)
        return self.entries.load(versions[place - 1]) if place else None

    def _compared(self, one: RegisteredReturn) -> Iterator[Finding]:
        """The checks against last period's figures that the reader did not find for itself."""
        period, rulebook = Period.parse(one.period), rulebook_of(one)
        if rulebook is None or is_first(period) or one.blank:
            return
        last = self.entries.standing.get(period_before(period), {}).get(one.ods_code)
        if last is None:
            return
        known = {(found.id, found.field) for found in one.findings}
        layout, sheet = return_layout(rulebook), sheet_name("return", one.ods_code)
        figures = figures_of(rulebook, one.values, self.entries.load(last).values, one.comments, period)
        checks = [bound for bound in applicable(rulebook, period, with_previous=True) if bound.check.needs_previous]
        found = [bound.finding(figures) for bound in checks if bound.fires(figures)]
        new = [each for each in found if (each.id, each.field) not in known]
        placed = [at(each, one.ods_code, sheet, layout.cell(each.field)) for each in new]
        comments = {layout.cell(name): said for name, said in one.comments.items() if name in layout.entry_rows}
        yield from answered(placed, sheet, comments)


def differences(earlier: RegisteredReturn, later: RegisteredReturn) -> tuple[Difference, ...]:
    """In which figures, comments and sign-offs two versions differ, in the order of the Return sheet."""
    rulebook = rulebook_of(later)
    fields = rulebook.fields if rulebook is not None else {}
    found = []
    for kind, was, now in (
        ("figure", earlier.values, later.values),
        ("comment", earlier.comments, later.comments),
        ("sign-off", earlier.sign_off, later.sign_off),
    ):
        names = [name for name in fields if name in was or name in now]
        names += sorted((was.keys() | now.keys()) - fields.keys())
        for name in names:
            if _differ(was.get(name), now.get(name)):
                label = fields[name].label if name in fields else name.replace("_", " ")
                found.append(Difference(kind, name, label, was.get(name), now.get(name)))
    return tuple(found)


def rulebook_of(one: RegisteredReturn) -> Rulebook | None:
    """The rules of a return's edition and type; None for an edition that is not at hand."""
    if one.edition not in shipped_editions():
        return None
    return load_edition(one.edition).rulebooks.get(one.trust_type)


def period_before(period: Period) -> str:
    """The period before one in the same year.

    >>> period_before(Period.parse("2012-13-M10")), period_before(Period.parse("2011-12-Q3"))
    ('2012-13-M09', '2011-12-Q2')
    """
    if period.frequency == "month":
        return f"{period.edition_id}-M{period.months_elapsed - 1:02}"
    return f"{period.edition_id}-Q{period.months_elapsed // 3 - 1}"


def said_day(day: date | datetime) -> str:
    """A day in words: `20 January 2012`."""
    return f"{day.day} {day:%B %Y}"


def _corrected(earlier: RegisteredReturn, later: RegisteredReturn) -> Iterator[Finding]:
    changed = differences(earlier, later)
    came = f"{earlier.file.name}, received on {said_day(earlier.received)}"
    yield finding("return-corrected", value=len(changed), earlier=came, changes=_listed(list(map(_said, changed))))
    gone = [one.label for one in changed if one.kind == "figure" and one.later is None]
    if gone:
        yield finding("return-entries-gone", value=len(gone), earlier=came, names=_listed(gone))


def _said(one: Difference) -> str:
    was, now = (_shown(value) for value in (one.earlier, one.later))
    return f"{_KINDS[one.kind]}{one.label}: {was}, now {now}"


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return said_day(value) if isinstance(value, date) else str(value)


def _listed(said: list[str]) -> str:
    more = len(said) - MOST_NAMED
    return "; ".join(said[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _came(one: Sighting) -> str:
    return f"{one.moment.name}, received on {said_day(datetime.fromisoformat(one.moment.received))}"


def _differ(was: Any, now: Any) -> bool:
    return was != now or isinstance(was, bool) != isinstance(now, bool)
