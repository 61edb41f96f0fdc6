"""The demonstration: the whole way with sample figures, for all England."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pfexcel import terminal
from pfexcel.organisations import in_scope, shas
from pfexcel.periods import period_of
from pfexcel.returns.read import ReturnFile, read_return
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.generate import build_returns

EDITION, PERIOD = "2011-12", "2011-12-Q3"


def run_demo(out: Path) -> None:
    """Make blank workbooks (`sent`) and filled ones (`returned`), read those back and rate them."""
    edition = load_edition(EDITION)
    period = period_of(edition, PERIOD)
    values = {
        trust.ods_code: sample_values(edition.rulebook(trust.trust_type), trust.ods_code, period)
        for trust in in_scope(period.last_day, edition.trust_types)
    }
    terminal.say(f"Making the return workbooks of {period.label} ...")
    sent = build_returns(edition, period, out / "sent")
    terminal.lines(sent.notes)
    terminal.say("Filling them with sample figures (invented; they say nothing of any trust) ...")
    returned = build_returns(edition, period, out / "returned", values=values)
    terminal.say("Reading them back and rating them ...")
    read = [read_return(path) for path in returned.files]
    _show(read, f"Sample ratings, {period.label}")
    terminal.say("")
    terminal.say(f"Blank return workbooks:   {out / 'sent'}")
    terminal.say(f"Filled with samples:      {out / 'returned'}")
    terminal.say(f"Look at one:              {returned.files[0]}")
    terminal.say(f"How a rating came about:  pfexcel explain {returned.files[0]} --trust {read[0].returns[0].ods_code}")


def _show(read: list[ReturnFile], title: str) -> None:
    rows, finance, quality = [], Counter[str](), Counter[str]()
    for one in read:
        for trust in one.returns:
            rating = trust.rating
            assert rating.quality is not None
            finance[rating.finance.category.value] += 1
            quality[rating.quality.category.value] += 1
            rows.append(
                (
                    shas()[str(one.sha)].name,
                    trust.ods_code,
                    _name(trust.ods_code),
                    trust.trust_type,
                    _score(rating.finance.score),
                    rating.finance.category.value,
                    _score(rating.ipm.score),
                    rating.quality.category.value,
                    str(len(trust.findings)),
                )
            )
    terminal.show_ratings(rows, title)
    terminal.say("")
    for domain, counts in (("Finance", finance), ("Quality of services", quality)):
        terminal.say(f"{domain}: " + ", ".join(f"{category} {n}" for category, n in counts.most_common()))


def _name(ods_code: str) -> str:
    from pfexcel.organisations import find_trust

    trust = find_trust(ods_code)
    return trust.name.removesuffix(" NHS Trust") if trust else ods_code


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"
