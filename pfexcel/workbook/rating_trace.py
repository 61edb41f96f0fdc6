"""The part "How this rating came about" of a Rating sheet: the steps of `engine.trace`, their results by formula."""

from __future__ import annotations

from collections.abc import Iterator

from pfexcel.engine.trace import APPLIES_NOT, MISSING, NO_ACTIVITY, UNKNOWN, Ground, grounds
from pfexcel.model import Rating
from pfexcel.rules.edition import Domain, Indicator, OverRidingRule, Rulebook
from pfexcel.workbook.cell import Cell
from pfexcel.workbook.formulas import RatingFormulas


def trace_cells(rulebook: Rulebook, formulas: RatingFormulas) -> Iterator[Cell]:
    """The cells of each step: what is rated, the result, the value, and the rule with its source."""
    layout, edition = formulas.layout, rulebook.edition
    for number, ground in enumerate(grounds(rulebook)):
        row = layout.rows["trace", str(number)]
        source = f"[{ground.mark.provenance}: {edition.cite(ground.mark)}]"

        def result(rating: Rating, number: int = number) -> str:
            return rating.steps[number].result

        yield Cell(row, layout.NAME, ground.step, "row_wrapped")
        longest = "applies and decides: Performance under review" if isinstance(ground.subject, OverRidingRule) else ""
        yield Cell(row, layout.STATE, _result(formulas, ground), "row_wrapped", "", result, longest)
        value = _value(formulas, ground, row)
        if value is not None:
            yield value
        yield Cell(row, layout.WORDS, f"{ground.rule} {source}".strip(), "row_wrapped")


def _value(formulas: RatingFormulas, ground: Ground, row: int) -> Cell | None:
    layout, subject, domain = formulas.layout, ground.subject, ground.domain
    if isinstance(subject, Indicator):
        cell = layout.cell(layout.VALUE, "indicator", subject.id)
        number = subject.value.unit.cell

        def own(rating: Rating) -> float | None:
            return rating.domains[domain.id].indicators[subject.id].value

        return Cell(row, layout.VALUE, f"={cell}", "row_number", number, own)
    if subject is None and not ground.final and domain.indicators:
        cell = layout.cell(layout.SCORE, "result", domain.id)
        return Cell(row, layout.VALUE, f"={cell}", "row_number", "0.00", lambda r: r.domains[domain.id].score)
    return None


def _result(formulas: RatingFormulas, ground: Ground) -> str:
    layout, domain, subject = formulas.layout, ground.domain, ground.subject
    if isinstance(subject, Indicator):
        key = ("indicator", subject.id)
        score, state = layout.cell(layout.SCORE, *key), layout.cell(layout.STATE, *key)
        gone = formulas.words["states"]["no_activity"]
        return f'=IF({score}="",IF({state}="{gone}","{NO_ACTIVITY}","{MISSING}"),"score "&{score})'
    if isinstance(subject, OverRidingRule):
        return _rule_result(formulas, domain, subject)
    if ground.final:
        return f"={layout.cell(layout.STATE, 'result', domain.id)}"
    category = formulas.category(domain, "uncapped").removeprefix("=")
    if domain.labels is None:
        return f"={category}"
    label = layout.cell(layout.VALUE, "result", domain.id)
    return f'=IF({label}={category},{label},{label}&": "&{category})'


def _rule_result(formulas: RatingFormulas, domain: Domain, rule: OverRidingRule) -> str:
    layout, words = formulas.layout, formulas.words["states"]
    applies = layout.cell(layout.STATE, "rule", domain.id, rule.id)
    best = layout.cell(layout.VALUE, "cap", domain.id, rule.id)
    uncapped, rank = (layout.cell(layout.VALUE, key, domain.id) for key in ("uncapped", "rank"))
    lower = f'IF({uncapped}="",TRUE,{best}>{uncapped})'
    decides = f'IF({best}={rank},IF({lower}," and decides",""),"")'
    held = f'"applies"&{decides}&": "&INDEX({formulas.rules.scale(domain.scale.id)},{best})'
    return (
        f'=IF({applies}="{words["applies"]}",{held},IF({applies}="{words["applies_not"]}","{APPLIES_NOT}","{UNKNOWN}"))'
    )
