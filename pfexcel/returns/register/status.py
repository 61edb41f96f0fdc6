"""Who has returned for a period, who has not, and the last good return of each trust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pfexcel.model import Severity
from pfexcel.organisations import Trust, find_trust, in_scope
from pfexcel.periods import Period
from pfexcel.returns.register.entries import Entries, order_of
from pfexcel.returns.register.own_findings import OwnFindings
from pfexcel.returns.register.records import RegisteredReturn, TrustStatus
from pfexcel.rules.load import load_edition, shipped_editions

RETURNED, BLANK, MISSING = "returned", "blank", "missing"


def status(entries: Entries, own: OwnFindings, period: Period) -> list[TrustStatus]:
    """Where each trust stands that is in scope on the period's last day, or has returned; by ODS code."""
    standing = entries.standing.get(period.text, {})
    counts: Counter[tuple[str, Severity]] = Counter(
        (one.finding.organisation, one.finding.severity) for one in own.open_in(period.text)
    )
    found = []
    for trust in _expected(period, standing):
        code = trust.ods_code
        state = RETURNED if code in standing else BLANK if (code, period.text) in entries.blanks else MISSING
        found.append(
            TrustStatus(
                trust=trust,
                state=state,
                standing=entries.load(standing[code]) if code in standing else None,
                errors=counts[code, Severity.ERROR],
                queries=counts[code, Severity.QUERY],
                last_good=next(_good(entries, code, period), None),
            )
        )
    return found


def _expected(period: Period, returned: Iterable[str]) -> list[Trust]:
    """The trusts in scope, and those that have returned though they are not."""
    types = load_edition(period.edition_id).trust_types if period.edition_id in shipped_editions() else None
    found = {trust.ods_code: trust for trust in in_scope(period.last_day, types)}
    for code in returned:
        trust = find_trust(code)
        if trust is not None:
            found.setdefault(code, trust)
    return [found[code] for code in sorted(found)]


def _good(entries: Entries, ods_code: str, period: Period) -> Iterator[RegisteredReturn]:
    """A trust's returns without an error, newest first: every version of the period, then what stands before."""
    for version in reversed(entries.of_trust.get((ods_code, period.text), [])):
        one = entries.load(version)
        if _is_good(one):
            yield one
    for text in reversed(entries.standing):
        version = entries.standing[text].get(ods_code)
        if version is not None and order_of(text) < order_of(period.text):
            one = entries.load(version)
            if _is_good(one):
                yield one


def _is_good(one: RegisteredReturn) -> bool:
    return not any(found.severity is Severity.ERROR for found in one.findings)
