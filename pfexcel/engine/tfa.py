"""The RAG rating of a trust's tripartite formal agreement (TFA), by the rules of an edition's own `tfa` domain."""

from __future__ import annotations

import os
from typing import Any

from pfexcel.engine.combine import capped
from pfexcel.engine.escalation import match_name
from pfexcel.engine.inputs import accept
from pfexcel.model import GRADES, Category, Rag
from pfexcel.rules.edition import Edition, Rulebook
from pfexcel.rules.load import load_edition

DOMAIN = "tfa"
EDITION = "2012-13"


def tfa_rag(
    finance: Any,
    quality: Any,
    judgement: Any = None,
    submission_missed: Any = False,
    edition: str | os.PathLike[str] | Edition = EDITION,
) -> Rag | Category:
    """The RAG rating of a month: the SHA's judgement, no better than the edition's rules allow.

    Args:
        finance: the finance category, in any case; None, blank and Not assessed where there is none.
        quality: the quality category, likewise.
        judgement: the SHA's own judgement, a RAG rating; None or blank where there is none.
        submission_missed: was the overall application date missed? Yes, No or bool.
        edition: an edition with a domain `tfa`.

    Returns:
        A Rag; Category.NOT_ASSESSED where it is not decided: without a judgement, unless a rule makes it red, and where
        a category is missing that a rule needs.

    Raises:
        ValueError: for a text that is no category, no RAG rating or neither Yes nor No; it says what is allowed.

    Source: Aligning the Performance Management of TFAs with the NHS Performance Framework (April 2012), Integration
    with the NHS Performance Framework.
    """
    rulebook = _rulebook(load_edition(edition))
    domain = rulebook.domains[DOMAIN]
    assert domain.declared is not None
    categories = {"finance_category": finance, "quality_category": quality}
    known: dict[str, Any] = {
        name: match_name(text, rulebook.domains[name.removesuffix("_category")].scale.names, name.replace("_", " "))
        for name, text in categories.items()
    }
    known[domain.declared] = match_name(judgement, domain.scale.names, "judgement")
    known["tfa_submission_missed"] = _entry(rulebook, "tfa_submission_missed", submission_missed)
    caps: list[int] = []
    unknown = False
    for rule in domain.over_riding:
        arguments = [known.get(name) for name in rule.names]
        if None in arguments:
            unknown = unknown or not rule.unknown_applies_not
        elif rule.condition(*arguments):
            caps.append(domain.scale.ranks[str(rule.best or known[str(rule.best_is)])])
    judged = known[domain.declared]
    rank = capped(None if judged is None else domain.scale.ranks[judged], caps, unknown, domain.scale.stands)
    return Category.NOT_ASSESSED if rank is None else GRADES[domain.scale.names[rank]]


def _rulebook(edition: Edition) -> Rulebook:
    for rulebook in edition.rulebooks.values():
        if DOMAIN in rulebook.domains and rulebook.domains[DOMAIN].declared is not None:
            return rulebook
    raise ValueError(f"edition {edition.id} has no domain {DOMAIN} with a declared rating; use {EDITION}")


def _entry(rulebook: Rulebook, name: str, value: Any) -> Any:
    """The usable value of an entry of the edition; ValueError where it is refused."""
    usable, problem = accept(rulebook.fields[name], value)
    if problem is not None:
        raise ValueError(f"{problem.message}; {problem.action}")
    return usable
