"""What decided a domain's category, in one line of the first screen of a Rating sheet: by formula and in Python."""

from __future__ import annotations

from pfexcel.engine.needs import points_missing
from pfexcel.model import Rating
from pfexcel.rules.edition import Domain
from pfexcel.workbook.formulas import RatingFormulas, filled, text
from pfexcel.workbook.templates import template

_AT_ONCE = 3  # so many over-riding rules of a domain have room in its line


def decided(rating: Rating, domain: Domain) -> str:
    """The category before the over-riding rules, and those that apply; without such rules the points missing."""
    rated = rating.domains[domain.id]
    if not domain.over_riding:
        return points_missing(domain, rated.score, str(rated.uncapped_category)) if domain.indicators else ""
    words = template("return")["decided"]
    said = words["before"].format(category=rated.uncapped_category)
    said += "".join(words["applies"].format(rule=cap.label) for cap in rated.caps) or words["none"]
    unknown = sum(rule.id in rating.unknown_rules for rule in domain.over_riding)
    return said + (words["unknown"].format(number=unknown) if unknown else "")


def decided_formula(formulas: RatingFormulas, domain: Domain) -> str:
    """The same as a formula; "" where there is nothing to say."""
    if not domain.over_riding:
        return formulas.points_missing(domain) if domain.indicators else ""
    words, states, layout = formulas.words["decided"], formulas.words["states"], formulas.layout
    parts = [filled(words["before"], category=formulas.category(domain, "uncapped").removeprefix("="))]
    for rule in domain.over_riding:
        state = layout.cell(layout.STATE, "rule", domain.id, rule.id)
        parts.append(f'IF({state}="{states["applies"]}",{text(words["applies"].format(rule=rule.label))},"")')
    first, last = domain.over_riding[0], domain.over_riding[-1]
    found = ":".join(layout.cell(layout.STATE, "rule", domain.id, rule.id) for rule in (first, last))
    parts.append(f'IF(COUNTIFS({found},"{states["applies"]}")=0,{text(words["none"])},"")')
    unknown = "+".join(f'COUNTIFS({found},"{states[state]}")' for state in ("unknown", "unknown_ignored"))
    parts.append(f'IF({unknown}=0,"",{filled(words["unknown"], number=f"({unknown})")})')
    return f"={'&'.join(parts)}"


def longest_decided(domain: Domain) -> str:
    """The longest line to have room for: with three of the over-riding rules applied."""
    words = template("return")["decided"]
    category = max(domain.scale.names, key=len)
    applied = [words["applies"].format(rule=rule.label) for rule in domain.over_riding]
    return words["before"].format(category=category) + "".join(sorted(applied, key=len)[-_AT_ONCE:])
