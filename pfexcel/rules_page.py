"""The page docs/rules.md: the rules of all editions, ladders and Monitor files in words, with sources and worked cases.

`python -m pfexcel.rules_page` writes it. It needs the project's folder: the worked cases are no part of the package.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pfexcel.engine.words import best_words, ladder_words, scoring_words
from pfexcel.rules import ladder, monitor
from pfexcel.rules.edition import Domain, Indicator, Mark, OverRidingRule, Rulebook
from pfexcel.rules.expression import Expression
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.rules.tables import cite, shipped
from pfexcel.rules.targets import words

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "rules.md"
INTRODUCTION = """# The rules

<!-- Made from the rule files by `make docs`: change those, not this page. -->

What the rulebook says, in words, with the source of every number. *Holds in* names the editions, and the types of trust
where not all are meant. A mark says where a number comes from: *printed* stands in a document, *inferred* is forced by
arithmetic or by a printed result, *reconstructed* is the best-known value, which no document at hand prints. The link
behind a mark leads to the full reference and the worked cases that cite it, [at the end](#sources-and-worked-cases).
How the numbers were found: [Notes on the sources](sources.md). How to change them: [Editions](editions.md)."""
OPEN = "**Left to judgement.** "
LEADS = {
    "Finance": f"The score is the sum of weight times score, weights in percent. {OPEN}Nothing in the score; a major "
    "failing is declared (IG11 3.4).",
    "Over-riding rules": f"Each sets the best category possible. {OPEN}What is so serious that a category is declared: "
    "the list of circumstances is not exhaustive (IG11 3.4).",
    "Integrated performance measures": "The score is the sum of weight times score over the weights that count. 0 over 0 "
    f"is no such activity: left out. {OPEN}Which data are the latest available, where they come late (IG11 3.1).",
    "CQC registration": f"{OPEN}Nothing: the judgement is the CQC's alone (IG11 3.5, MH11 21). Enforcement that shows a "
    "major failing of clinical governance is dealt with by declaration (MH11 20).",
    "User experience": "Scored as the performance measures are; it only moderates the rating of quality, by an over-riding "
    f"rule. {OPEN}Whether a local survey updates the result (IG11 3.5, MH11 25).",
    "Quality of services and the overall category": f"{OPEN}Nothing: a category is not amended by local judgement "
    "(IG11 3.6); it may be declared (IG11 3.4).",
    "TFA RAG": f"{OPEN}The SHA's own rating, as far as these rules allow (TFA12 Integration with the NHS Performance "
    "Framework); for mental health trusts all of it, by local intelligence (TFA12 Introduction).",
    "Escalation ladders": f"{OPEN}How a trust is supported and how often it is reviewed (IG11 3.1, IG11 3.7); whether it is "
    "Challenged by declaration (IG11 3.7).",
    "The regime of 2008": f"{OPEN}Every step: the document says *may*, and its timescales are examples (NPR08 106).",
    "Monitor's risk ratings": f"Of NHS foundation trusts, which the framework does not rate. {OPEN}What is declared "
    "(NPR08 table 8).",
}
REFS = r"\b(?:IG11 3\.\d|MH11 \d+|NPR08 (?:table )?\d+|TFA12 (?:Introduction|Integration[A-Za-z ]+))"
# What the worked cases call a source, in full or by a short form that their file explains, and how they write its places.
CALLED = {
    "IG11": (r"[Ii]mplementation guidance, April|\b001\b", r"\b3\.\d\b"),
    "MH11": (r"[Mm]ental health annex", r"(?<=paragraph )\d+|(?<=paragraphs )\d+|(?<=\d and )\d+"),
    "TFA12": (r"\b002\b|Aligning the Performance Management", r"Escalation Process|Integration with [A-Za-z ]+"),
    "NPR08": (r"\b004\b|(?<!004, )\btable 8|Developing the NHS Performance Regime", r"table \d|\b1\d\d(?:-1\d\d)?\b"),
    "NOTES": (r"Notes on the sources|\bFACTS\b", r"(?<=sections )\d|(?<=section )\d|(?<=\d and )\d|(?<=FACTS )\d"),
    **{key: (name, "") for key, name in (("HFMA10", "HFMA article of 4 December 2010"), ("SWB10", r"SWBTB \(2/10\)"),
        ("HFMA12", "HFMA, Introduction to performance management"), ("SWB12", r"SWBTB \(1/12\)"), ("DHA11", "dh_133164"),
        ("OUH12", "reporting template 2012-13"), ("OUHF", r"\bOUHF\b|financial risk rating sheet"))},
}  # fmt: skip
Row = tuple[str, ...]
Found = Iterator[tuple[str, Row, Rulebook]]  # a key, a row that says something under it, the rulebook that has it


def rules_page() -> str:
    """The whole page."""
    page = _Page()
    page.editions_table()
    page.scored("Finance", "finance")
    page.over_riding("Over-riding rules", [name for name in page.domains if name != "tfa"])
    page.heading("Integrated performance measures")
    for kind in ("acute", "ambulance", "mental-health"):
        page.scored(f"{kind.replace('-', ' ').capitalize()} trusts", "ipm", kind)
    page.labelled("CQC registration", "cqc")
    page.heading("User experience")
    for kind in ("acute", "mental-health"):
        page.scored(f"{kind.replace('-', ' ').capitalize()} trusts: themes", "ue", kind)
    page.combined("Quality of services and the overall category", ["quality", "overall"])
    page.combined("TFA RAG", ["tfa"])
    page.over_riding("", ["tfa"])
    page.ladder("Escalation ladders", "framework")
    page.ladder("", "tfa")
    page.ladder("The regime of 2008", "regime-2008")
    page.heading("Monitor's risk ratings")
    for rules in page.monitor:
        page.risk_rating(rules)
    page.sources_table()
    return "\n".join(page.lines).rstrip("\n") + "\n"


class _Page:
    def __init__(self) -> None:
        self.editions = [load_edition(name) for name in shipped_editions()]
        self.books = [edition.rulebook(name) for edition in reversed(self.editions) for name in edition.trust_types]
        self.domains = list(dict.fromkeys(name for book in self.books for name in book.domains))
        self.ladders = {name: ladder.load_ladder(name) for name in shipped(ladder.SHIPPED)}
        kinds = ("financial", "governance", "mandatory-services")
        self.monitor = [monitor.load_monitor(kind, form) for kind in kinds for form in monitor.forms(kind)]
        files = (*self.editions, *self.ladders.values(), *self.monitor)
        self.sources = {key: title for file in files for key, title in file.sources.items()}
        self.used: dict[str, dict[str, None]] = {}
        self.section = ""
        self.lines = INTRODUCTION.splitlines()

    # --- writing ---

    def heading(self, title: str, level: int = 2) -> None:
        self.section = title if level == 2 else self.section
        self.lines += ["", f"{'#' * level} {title}", ""]
        if level == 2 and title in LEADS:
            self.lines += [re.sub(REFS, lambda found: self.link(found[0]), LEADS[title]), ""]

    def table(self, columns: str, rows: Iterable[Sequence[str]]) -> None:
        heads = columns.split("|")
        self.lines += [*(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)), ""]

    def link(self, ref: str) -> str:
        self.used.setdefault(ref, {})[self.section] = None
        return f"[{ref}](#{_anchor(ref)})"

    def marks(self, numbers: Mapping[str, Mark]) -> str:
        """Where numbers come from; what goes for all of them is said once."""
        said: dict[str, list[str]] = {}
        for name, mark in numbers.items():
            said.setdefault(f"{mark.provenance} {self.link(mark.ref)}", []).append(name.replace("_", " "))
        return "; ".join(f"{', '.join(names)}: {mark}" if len(said) > 1 else mark for mark, names in said.items())

    def joined(self, columns: str, found: Found, every: Sequence[Rulebook]) -> None:
        """A table of rows, the same ones joined into one that says where it holds; those of one key stand together."""
        grouped: dict[str, dict[Row, list[Rulebook]]] = {}
        for key, row, book in found:
            grouped.setdefault(key, {}).setdefault(row, []).append(book)
        by_age = (sorted(rows.items(), key=lambda row: min(b.edition.id for b in row[1])) for rows in grouped.values())
        self.table(columns, [(r[0], self.where(books, every), *r[1:]) for rows in by_age for r, books in rows])

    def where(self, books: Sequence[Rulebook], every: Sequence[Rulebook]) -> str:
        said = []
        for edition in self.editions:
            own, meant = ([book.trust_type for book in some if book.edition is edition] for some in (books, every))
            if own:
                said.append(edition.id if len(own) == len(meant) else f"{edition.id} ({', '.join(own)})")
        return "all" if len(books) == len(every) and len(said) > 1 else ", ".join(said)

    # --- editions ---

    def editions_table(self) -> None:
        self.heading("Editions")
        rows = []
        for one in self.editions:
            domains = {d.title: None for book in one.rulebooks.values() for d in book.domains.values()}
            days = f"{one.first_day} to {one.last_day}"
            rows.append((one.id, f"each {one.frequency}", days, ", ".join(one.trust_types), ", ".join(domains)))
        self.table("Edition|Rated|Days|Trust types|What is rated", rows)
        for scale in {scale.id: scale for edition in self.editions for scale in edition.scales.values()}.values():
            self.lines += [f"{', '.join(scale.names)}: best first. {scale.stands_from} stands although data are missing.", ""]

    def having(self, names: Sequence[str], kind: str = "") -> list[tuple[Rulebook, Domain]]:
        own = [book for book in self.books if kind in ("", book.trust_type)]
        return [(book, book.domains[name]) for name in names for book in own if name in book.domains]

    def scored(self, title: str, name: str, kind: str = "") -> None:
        self.heading(title, 2 if title in LEADS else 3)
        own = self.having([name], kind)
        every = [book for book, _ in own]
        rows = ((i.id, self.indicator(book, d, i), book) for book, d in own for i in d.indicators.values())
        self.joined("Indicator|Holds in|Weight|Worked out as|What scores what|Mark", rows, every)
        subs = ((book, sub) for book, d in own for sub in d.sub_domains.values())
        if any(d.sub_domains for _, d in own):
            parts = ((s.id, (s.label, f"{s.weight:g}%", self.marks({"": s.mark})), book) for book, s in subs)
            self.joined("Sub-domain|Holds in|Weight|Mark", parts, every)
        self.joined("|Holds in|In words|Mark", (row for pair in own for row in self.bands(*pair)), every)

    def indicator(self, book: Rulebook, domain: Domain, one: Indicator) -> Row:
        marks = {"weight": one.weight_mark, **{n: x.mark for n, x in one.limits.items()}, "form": one.ladder.mark}
        weight = f"{one.weight:g}{'%' if domain.percent_weights else ''}"
        return one.label, weight, _worked_out(book, one), scoring_words(one), self.marks(marks)

    def bands(self, book: Rulebook, domain: Domain) -> Found:
        assert domain.bands is not None
        yield "1", ("Category", ladder_words(domain.bands, {"score": "the score"}), self.marks({"": domain.bands.mark})), book
        total = f"{domain.total_weight:g}{'%' if domain.percent_weights else ''} in all"
        needed = f"with less than {domain.weight_needed:.0%} of the weight scored it is Not assessed"
        yield "2", ("Weights", f"{total}; {needed}; what is missing is an {domain.missing_is}", self.marks({"": domain.mark})), book

    # --- other domains ---

    def over_riding(self, title: str, names: Sequence[str]) -> None:
        if title:
            self.heading(title)
        own = self.having(names)
        rows = ((rule.id, self.rule(book, d, rule), book) for book, d in own for rule in d.over_riding)
        self.joined("Rule|Holds in|Best possible|Applies if|Where data are missing|Mark", rows, self.books)

    def rule(self, book: Rulebook, domain: Domain, rule: OverRidingRule) -> Row:
        when = words(rule.when, lambda part: _said(part, book, rule))
        how = _worked_out(book, rule)
        marks = {"rule": rule.mark, **{name: limit.mark for name, limit in rule.limits.items()}}
        unknown = "it does not apply" if rule.unknown_applies_not else "Not assessed"
        applies = f"{when} ({how})" if how else when
        return f"{domain.title}: {rule.label}", best_words(book, rule), applies, unknown, self.marks(marks)
