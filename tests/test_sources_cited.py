"""Every paragraph of the sources that states a rule has a worked case that cites it.

The list below was made by reading the five documents from beginning to end. A paragraph may state several rules: each
names the case that shows it. What a case cannot show (who is assessed, say) names the test that holds it, and the
paragraphs without a rule say why.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from pfexcel.organisations import find_trust, in_scope
from pfexcel.periods import Period
from tests.test_cases import cases

TESTS = Path(__file__).parent

# How cases name the documents. 000 and 002 have no numbers: their paragraphs are named by what they are about.
DOCUMENTS = {
    "000": ("HFMA, Introduction to performance management (trusts), 4 May 2012", "000"),
    "001": ("implementation guidance, April 2011", "001"),
    "002": ("aligning the performance management of TFAs, April 2012", "002"),
    "003": ("mental health annex", "003"),
    "004": ("Developing the NHS Performance Regime, June 2008", "004"),
}
TABLE_8 = "table 8"  # as the cases of Monitor's ratings cite it, without naming the document


class Rule(NamedTuple):
    document: str
    paragraph: str
    rule: str
    case: str


RULES = [
    # 000: HFMA, Introduction to performance management (trusts), 4 May 2012
    Rule(
        "000", "two ratings", "finance and quality of services, rated apart", "2012-13: a good return of an acute trust"
    ),
    Rule("000", "sub-domains", "weights 40, 25, 20, 10, 5", "2012-13: each finance indicator's weight"),
    Rule("000", "frequency", "quarterly, monthly from 2012/13", "2012-13: a good return of an acute trust"),
    Rule("000", "TFA rating", "the framework's results inform the TFA rating", "tfa: side by side from April 2012"),
    Rule("000", "categories", "under review: PCTs; Underperforming: SHAs", "framework: who leads"),
    Rule("000", "over-riding rules", "forecast deficit beyond plan", "2012-13: forecast year-end operating deficit"),
    Rule("000", "over-riding rules", "forecast deficit within plan", "2012-13: forecast year-end operating deficit"),
    Rule("000", "over-riding rules", "loan repayments missed", "2012-13: loan repayment missed"),
    Rule("000", "over-riding rules", "2% or GBP 5m behind plan to date", "2012-13: year-to-date operating deficit"),
    Rule("000", "SHA's other duties", "no category changed by them", "framework: an SHA that acts although the trust"),
    # 001: The NHS Performance Framework: Implementation guidance, April 2011
    Rule("001", "section 2", "mental health trusts from April 2010", "2010-11: a good return of a mental health trust"),
    Rule("001", "3.1", "led by PCTs, then SHAs, then the Department", "framework: three consecutive quarters under"),
    Rule("001", "3.1", "escalation only without improvement", "framework: two quarters under review and recovery"),
    Rule("001", "3.2", "three categories", "guidance: the categories of the framework"),
    Rule("001", "3.2", "none beyond Performing", "guidance: there is no category beyond Performing"),
    Rule("001", "3.3", "two ratings, equally weighted", "guidance: two ratings that do not touch one another"),
    Rule("001", "3.3", "a warning notice lowers quality", "guidance: a warning notice makes the score deteriorate"),
    Rule("001", "3.3", "quality is the lowest of its parts", "quality: the lowest decides"),
    Rule("001", "3.3", "user experience only moderates", "user-experience: Underperforming caps quality"),
    Rule("001", "3.3", "user experience is no part", "guidance: quality is the lowest of two"),
    Rule("001", "3.4", "Underperforming or Challenged in finance", "over-riding: major failing declared"),
    Rule("001", "3.4", "Underperforming or Challenged in quality", "quality: major failing declared"),
    Rule("001", "3.4", "in both", "quality: both ratings declared Challenged"),
    Rule("001", "3.4", "whatever else is missing", "missing: declared stands although everything else is missing"),
    Rule("001", "3.5, Performance domains", "weights, thresholds, scores", "guidance: weighted indicators, thresholds"),
    Rule("001", "3.5, Quality of Service", "three sections", "guidance: three sections make up quality of services"),
    Rule("001", "3.5, User Experience", "five themes", "guidance: user experience: five themes"),
    Rule("001", "3.5, User Experience", "at best under review", "2010-11: user experience Underperforming caps"),
    Rule("001", "3.5, User Experience", "local surveys", "guidance: user experience: a local survey"),
    Rule("001", "3.5, CQC Registration Status", "all trusts", "2010-11: CQC registration of an ambulance trust"),
    Rule("001", "3.5, CQC Registration Status", "from 1 April 2010", "2009-10: CQC registration does not exist yet"),
    Rule("001", "3.5, CQC Registration Status", "Conditions(1) and (2)", "cqc: warning notices, enforcement beyond"),
    Rule("001", "3.5, CQC Registration Status", "conditions outstanding", "cqc: warning notices, enforcement beyond"),
    Rule("001", "3.5, CQC Registration Status", "a major failing shown", "guidance: registration: enforcement that"),
    Rule("001", "3.5, CQC Registration Status", "the CQC alone judges", "guidance: registration: the CQC's judgement"),
    Rule("001", "3.5, Finance", "sum of weighted scores, capped", "guidance: finance: the sum of the weighted scores"),
    Rule("001", "3.6", "who leads at each category", "framework: who leads"),
    Rule("001", "3.6", "other duties change no category", "framework: an SHA that acts although the trust"),
    Rule("001", "3.6", "categories are not amended", "framework: a declaration is the least bad possible"),
    Rule("001", "3.6", "a remedial action plan", "framework: as a minimum a remedial action plan"),
    Rule("001", "3.7", "three quarters under review", "framework: three consecutive quarters under review"),
    Rule("001", "3.7", "three quarters Underperforming", "framework: three consecutive quarters Underperforming"),
    Rule("001", "3.7", "consecutive", "framework: under review counts afresh on both sides"),
    Rule("001", "3.7", "Challenged without being Underperforming", "framework: declared Challenged without being"),
    Rule("001", "3.7", "quarterly meetings", "framework: Challenged: the Department meets the SHA each quarter"),
    Rule("001", "3.7", "until it has definitively improved", "framework: Challenged holds whatever is reported"),
    Rule("001", "4.1", "local information modifies no result", "framework: an SHA that acts although the trust"),
    # 002: Aligning the Performance Management of TFAs with the NHS Performance Framework, April 2012
    Rule("002", "Introduction", "side by side from April 2012", "tfa: side by side from April 2012"),
    Rule("002", "Introduction", "acute and ambulance trusts", "tfa: ambulance trusts: the same rules"),
    Rule("002", "Introduction", "mental health trusts: local intelligence", "tfa: mental health trusts: by judgement"),
    Rule("002", "Escalation Process", "one red", "escalation of TFAs: reds in a row"),
    Rule("002", "Escalation Process", "three consecutive reds: meeting, letter", "escalation of TFAs: reds in a row"),
    Rule("002", "Escalation Process", "the next month: the second stage", "escalation of TFAs: reds in a row"),
    Rule("002", "Escalation Process", "a missed date is red", "tfa: a missed application date is red"),
    Rule(
        "002", "Escalation Process", "and discussed at once", "escalation of TFAs: a missed application date: discussed"
    ),
    Rule("002", "Escalation Process", "short delay", "escalation of TFAs: a missed application date with a short"),
    Rule("002", "Integration", "underperforming on either: red", "tfa: underperforming on either"),
    Rule("002", "Integration", "under review on either", "tfa: under review on either: no better than amber/red"),
    Rule("002", "Integration", "quality includes user experience", "2012-13: user experience Underperforming caps"),
    Rule("002", "Integration", "judgement otherwise", "tfa: performing on both: the SHA's own judgement"),
    # 003: Implementing the NHS Performance Framework (mental health trusts)
    Rule("003", "2", "mental health trusts from April 2010", "2010-11: a good return of a mental health trust"),
    Rule("003", "10", "indicators tailored to the provider", "guidance: mental health: the same framework"),
    Rule("003", "11", "two domains, quality of three parts", "guidance: mental health: two domains"),
    Rule("003", "note to paragraph 11", "no user experience for ambulance trusts", "ambulance: a good return"),
    Rule("003", "12", "indicators and a scoring system", "guidance: mental health: the same framework"),
    Rule("003", "13", "others: the performance measures only", "guidance: other trusts have the integrated"),
    *(
        Rule("003", "table after paragraph 16", f"{number} {name}", f"mental-health: {name}: ")
        for number, name in enumerate(
            (
                *("cpa_accommodation", "cpa_employment", "cpa_7day", "honos", "cpa_review", "assaults", "awol"),
                *("early_intervention", "gatekeeping", "under_16", "dtoc", "ethnicity", "mhmds"),
            ),
            start=1,
        )
    ),
    Rule("003", "17", "registration from 1 April 2010", "guidance: mental health: from 1 April 2010 registration"),
    Rule("003", "18", "one warning notice: Conditions(1)", "2012-13: CQC registration of a mental health trust"),
    Rule("003", "19", "more, or enforcement: Conditions(2)", "2012-13: CQC registration of a mental health trust"),
    Rule("003", "20", "a major failing of clinical governance", "guidance: mental health: enforcement that shows"),
    Rule("003", "21", "a target as a condition counts once", "guidance: mental health: a target that is a"),
    Rule("003", "23", "four themes", "guidance: mental health: four themes"),
    Rule("003", "24", "at best under review", "mental-health: user experience Underperforming caps quality"),
    Rule("003", "25", "local surveys", "guidance: mental health: a local survey"),
    Rule("003", "27", "five sub-domains", "guidance: mental health: finance in five sub-domains"),
    Rule("003", "29", "sum of weighted scores, capped", "guidance: mental health: finance in five sub-domains"),
    # 004: Developing the NHS Performance Regime, June 2008
    Rule("004", "table 4", "Underperforming: three months", "regime-2008: unbroken underperformance"),
    Rule("004", "table 4", "PCTs: led by the SHA", "regime-2008: a primary care trust is led by the SHA"),
    Rule("004", "table 4", "Seriously underperforming: six months", "regime-2008: the whole way"),
    Rule("004", "table 4", "a significant risk to patient safety", "regime-2008: a significant risk to patient safety"),
    Rule("004", "table 4", "Challenged: twelve months", "regime-2008: the whole way"),
    Rule("004", "106", "stages", "regime-2008: unbroken underperformance"),
    Rule("004", "107", "commissioner-led, notice to the board", "regime-2008: unbroken underperformance"),
    Rule("004", "107", "recovery within the period", "regime-2008: recovery in between ends the first two stages"),
    Rule("004", "108", "escalation only after the period", "regime-2008: unbroken underperformance"),
    Rule("004", "108", "serious underperformance at the outset", "regime-2008: serious underperformance is a stage"),
    Rule("004", "109", "a failed minimum standard is serious", "regime-2008: serious underperformance is a stage"),
    Rule("004", "110", "remedial action plan, report after six months", "regime-2008: the whole way"),
    Rule("004", "116", "publicly designated Challenged", "regime-2008: the whole way"),
    Rule("004", "118", "an external review", "regime-2008: the whole way"),
    Rule("004", "120", "a turnaround plan", "regime-2008: the whole way"),
    Rule("004", "121", "designation removed", "regime-2008: the designation Challenged is removed by declaration"),
    Rule("004", "121", "a further period", "regime-2008: reviewed again after a further period"),
    Rule("004", "121", "Under Directions", "regime-2008: the whole way"),
    Rule("004", "122", "Under Directions without recovery", "regime-2008: the whole way"),
    Rule("004", "123", "control of the board", "regime-2008: the whole way"),
    Rule("004", "127", "the failure regime", "regime-2008: the whole way"),
    Rule("004", "128", "rules-based", "regime-2008: the whole way"),
    Rule("004", "129", "franchising, acquisition, closure", "regime-2008: the whole way"),
    Rule("004", TABLE_8, "financial 5: average of 5, no rule", "monitor: all at the lower limit of 5"),
    Rule("004", TABLE_8, "financial 4: average of 4, no rule", "monitor: all at the lower limit of 4"),
    Rule("004", TABLE_8, "governance green", "monitor: 2008, Green: score less than 1.0"),
    Rule("004", TABLE_8, "amber: 1.0 to 2.9", "monitor: 2008, Amber: score between 1.0 and 2.9"),
    Rule("004", TABLE_8, "amber: weighted 0.5, three quarters", "monitor: 2008, Amber: failure of the same target"),
    Rule("004", TABLE_8, "amber: self-certification", "monitor: 2008, Amber: key element of self-certification"),
    Rule("004", TABLE_8, "amber: reports", "monitor: 2008, Amber: exception or validated third-party reports"),
    Rule("004", TABLE_8, "red: more than 3.0", "monitor: 2008, Red: score more than 3.0"),
    Rule("004", TABLE_8, "red: weighted 1.0, three quarters", "monitor: 2008, Red: failure of the same national"),
    Rule("004", TABLE_8, "red: unresolved issue", "monitor: 2008, Red: previously reported significant issue"),
    Rule("004", TABLE_8, "red: grave concern", "monitor: 2008, Red: newly reported issue causes grave concern"),
    Rule("004", TABLE_8, "mandatory services green", "monitor: Green: nothing is declared"),
    Rule("004", TABLE_8, "amber: self-certification", "monitor: Amber: key element of self-certification"),
    Rule("004", TABLE_8, "amber: reports", "monitor: Amber: exception reports or validated third-party reports"),
    Rule("004", TABLE_8, "red: processes misused", "monitor: Red: variation of authorisation or asset protection"),
    Rule("004", TABLE_8, "red: unresolved issue", "monitor: Red: previously reported significant issue"),
    Rule("004", TABLE_8, "red: grave concern", "monitor: Red: newly reported issue causes grave concern"),
    Rule("004", TABLE_8, "red: three ambers", "monitor: Red: three consecutive amber ratings"),
]

# What no case can show: document, paragraph, rule, the test that holds it.
ELSEWHERE = [
    (
        "001",
        "section 2",
        "foundation trusts are not assessed",
        "test_organisations.py::test_95_in_scope_on_1_october_2011",
    ),
    (
        "001",
        "section 2",
        "acute and ambulance trusts from 2009",
        "test_editions.py::test_the_shipped_editions_and_their",
    ),
    (
        "001",
        "3.7",
        "finance and quality escalate apart",
        "test_parity_history.py::test_finance_and_quality_escalate_apart",
    ),
    ("002", "Introduction", "community trusts not", "test_organisations.py::test_community_trusts_are_not_assessed"),
    ("003", "5", "foundation trusts are not assessed", "test_organisations.py::test_95_in_scope_on_1_october_2011"),
    ("003", "6", "high secure services are assessed", "test_sources_cited.py::test_trusts_with_high_secure_services"),
]

NO_RULE = {
    ("000", "FIMS"): "where the figures come from",
    ("001", "section 1"): "background and principles",
    ("001", "3.5, Integrated performance Measures"): "names the Operating Framework; the indicators stood in an annex",
    ("001", "3.8"): "who holds whom to account",
    ("001", "3.9"): "publication",
    ("001", "4.2"): "regulators; what the CQC does is in 3.5",
    ("002", "Executive summary"): "purpose",
    ("002", "Implementation"): "tools, and RAG ratings of SHAs and England, which are judged",
    ("003", "1"): "background",
    ("003", "3"): "subject",
    ("003", "4"): "learning disability trusts: none is in the register",
    ("003", "7"): "the results inform another process",
    ("003", "8"): "publication",
    ("003", "9"): "contracts",
    ("003", "14"): "why these indicators",
    ("003", "15"): "why these indicators",
    ("003", "16"): "names the annex; the table after it has the indicators",
    ("003", "22"): "the latest public information",
    ("003", "26"): "where the figures come from",
    ("003", "28"): "new indicators",
    ("004", "105"): "who is responsible",
    **{("004", str(number)): "why designation is needed" for number in range(111, 116)},
    ("004", "117"): "aims of turnaround",
    ("004", "119"): "what the review may recommend",
    ("004", "124"): "what the SHA does meanwhile",
    ("004", "125"): "failure of commissioners: aims",
    ("004", "126"): "options for a PCT, named on the ladder",
    ("004", "130"): "lessons",
    ("004", "131"): "private sector",
    ("004", "132"): "what is to be published",
}

# Every paragraph of the documents, 004 from its table 4 on.
PARAGRAPHS = {
    "000": [
        *("two ratings", "FIMS", "sub-domains", "frequency", "TFA rating", "categories", "over-riding rules"),
        "SHA's other duties",
    ],
    "001": [
        *("section 1", "section 2", "3.1", "3.2", "3.3", "3.4", "3.5, Performance domains", "3.5, Quality of Service"),
        *("3.5, Integrated performance Measures", "3.5, User Experience", "3.5, CQC Registration Status"),
        *("3.5, Finance", "3.6", "3.7", "3.8", "3.9", "4.1", "4.2"),
    ],
    "002": ["Executive summary", "Introduction", "Escalation Process", "Integration", "Implementation"],
    "003": [*map(str, range(1, 30)), "note to paragraph 11", "table after paragraph 16"],
    "004": ["table 4", *map(str, range(105, 133)), TABLE_8],
}


@cache
def cited() -> dict[str, str]:
    """What each case cites, by its name: `cqc: conditions outstanding may be left blank`."""
    found = {case.name: case.cites for case in cases()}
    for path in sorted((TESTS / "cases_escalation").glob("*.toml")):
        name = "escalation of TFAs" if path.stem == "tfa" else path.stem
        for value in tomllib.loads(path.read_text(encoding="utf-8")).values():
            if isinstance(value, list):
                found |= {f"{name}: {case['name']}": case["source"] for case in value}
    return found


def parts(text: str, document: str) -> list[str]:
    """What a text cites of a document, with the numbers of a range one by one."""
    found = []
    for part in text.split("; "):
        if document == "004" and part.startswith(TABLE_8):
            found.append(part)
        for name in DOCUMENTS[document]:
            _, named, after = f" {part}".casefold().partition(f" {name.casefold()}")
            if named:
                found.append(re.sub(r"\b(\d+)(?:-| to )(\d+)\b", one_by_one, after))
                break
    return found


def one_by_one(span: re.Match[str]) -> str:
    return ", ".join(map(str, range(int(span[1]), int(span[2]) + 1)))


def cites(text: str, document: str, paragraph: str) -> bool:
    there = re.compile(rf"(?<![\w.]){re.escape(paragraph.casefold())}(?!\.?\d)")
    return any(there.search(part) for part in parts(text, document))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.document}, {rule.paragraph}: {rule.rule}")
def test_a_case_shows_the_rule_and_cites_its_paragraph(rule: Rule) -> None:
    shown = {name: text for name, text in cited().items() if name.startswith(rule.case)}
    assert shown, "no case of that name"
    assert all(cites(text, rule.document, rule.paragraph) for text in shown.values()), shown


def test_a_text_cites_what_it_names_and_nothing_else() -> None:
    text = "HFMA; mental health annex, paragraphs 17 to 19 and 21; implementation guidance, April 2011, paragraph 3.5"
    assert [n for n in PARAGRAPHS["003"] if cites(text, "003", n)] == ["17", "18", "19", "21"]
    assert cites(text, "001", "3.5")
    assert not cites(text, "001", "3.5, Finance")
    assert not cites(text, "001", "section 2")
    assert not any(cites(text, "000", n) for n in PARAGRAPHS["000"])
    assert [
        n for n in PARAGRAPHS["004"] if cites("004, table 4, 106-108; Notes on the sources, section 3", "004", n)
    ] == [*("table 4", "106", "107", "108")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_paragraph_was_read(document: str) -> None:
    read = {rule[1] for rule in [*RULES, *ELSEWHERE] if rule[0] == document}
    none = {paragraph for own, paragraph in NO_RULE if own == document}
    assert read & none == set()
    assert read | none == set(PARAGRAPHS[document])


@pytest.mark.parametrize(("document", "number"), [("001", r"\b[1-4]\.\d\b"), ("003", r"\b\d+\b"), ("004", r"\b\d+\b")])
def test_cases_cite_paragraphs_that_there_are(document: str, number: str) -> None:
    known = {found for paragraph in PARAGRAPHS[document] for found in re.findall(number, paragraph)}
    for name, text in cited().items():
        for part in parts(text, document):
            numbers = re.findall(number, re.split(r"[:(]", part)[0])
            assert set(numbers) <= known, (name, text)


@pytest.mark.parametrize("rule", ELSEWHERE, ids=lambda rule: f"{rule[0]}, {rule[1]}: {rule[2]}")
def test_what_no_case_can_show_has_a_test(rule: tuple[str, str, str, str]) -> None:
    module, _, test = rule[3].partition("::")
    assert f"def {test}" in (TESTS / module).read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["RW4", "RKL", "RHA"], ids=["Ashworth", "Broadmoor", "Rampton"])
def test_trusts_with_high_secure_services_are_assessed(code: str) -> None:
    """003, 6: until they have attained what equals foundation status."""
    trust = find_trust(code)
    assert trust is not None
    assert trust in in_scope(Period.parse("2011-12-Q3").last_day, ["mental-health"])
