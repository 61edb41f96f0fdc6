"""What `diff_editions` reports: nothing for the same rules, one change for one changed rule, in words."""

import re
from pathlib import Path

import pytest

from pfexcel.rules.diff import Change, diff_editions
from pfexcel.rules.load import SHIPPED, load_edition, shipped_editions

TEXT = (SHIPPED / "2011-12.toml").read_text(encoding="utf-8")


def changes(tmp_path: Path, *replacements: tuple[str, str]) -> list[Change]:
    """The changes from 2011-12 to the same file with texts replaced."""
    text = TEXT
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return diff_editions("2011-12", path)


@pytest.mark.parametrize("edition", shipped_editions())
def test_an_edition_does_not_differ_from_itself(edition: str) -> None:
    assert diff_editions(edition, load_edition(edition)) == []


@pytest.mark.parametrize(
    ("replacements", "expected"),
    [
        (
            [("performing = 0.95, underperforming = 0.94", "performing = 0.955, underperforming = 0.94")],
            "acute, Integrated performance measures, A&E: total time four hours or less: performing: 95% → 95.5%",
        ),
        (
            [
                ("ae_4h = { weight = 1,", "ae_4h = { weight = 2,"),
                ("total_weight.acute = 14", "total_weight.acute = 15"),
            ],
            "acute, Integrated performance measures: total weight: 14 → 15\n"
            "acute, Integrated performance measures, A&E: total time four hours or less: weight: 1 → 2",
        ),
        (
            [
                ('{ sub_domain = "planning", weight = 5,', '{ sub_domain = "ytd", weight = 5,'),
                ("weight = 5, ref", "weight = 0, ref"),
                ("weight = 25, ref", "weight = 30, ref"),
            ],
            "Finance, Initial planning: weight: 5% → 0%\n"
            "Finance, Year to date: weight: 25% → 30%\n"
            "Finance, Planned outturn: sub-domain: Initial planning → Year to date",
        ),
        (
            [("three = 1, two = 0.5", "three = 1, two = 0.75")],
            "Finance, Current ratio: two: 0.5 → 0.75",
        ),
        (
            [("cat_a_8min = { weight = 1, performing = 0.75", "cat_a_8min = { weight = 1, performing = 0.8")],
            "ambulance, Integrated performance measures, Category A calls: response in 8 minutes: "
            "performing: 75% → 80%",
        ),
        (
            [
                (
                    "rtt_admitted_95th = { weight = 0.5, performing = 23",
                    "rtt_admitted_95th = { weight = 0.5, performing = 22",
                )
            ],
            "acute, Integrated performance measures, RTT admitted, 95th percentile: performing: 23 weeks → 22 weeks",
        ),
        (
            [('{ score = 2, when = "forecast < 0" }', '{ score = 2, when = "forecast <= 0" }')],
            "Finance, Rate of change in forecast: scoring: "
            "1 if forecast surplus is below 0 and value is at least deficit; 2 if forecast surplus is below 0; "
            "3 if value is at most near; 2 otherwise → "
            "1 if forecast surplus is below 0 and value is at least deficit; 2 if forecast surplus is at most 0; "
            "3 if value is at most near; 2 otherwise",
        ),
        (
            [("limits = { upper = 2.4, lower = 2.1 }", "limits = { upper = 2.4, lower = 2.2 }")],
            re.compile(r"Finance: bands: .* if score is at least 2.1; .* → .* if score is at least 2.2; .*"),
        ),
        (
            [("limits.amount = { is = 5000", "limits.amount = { is = 6000")],
            "Finance, Year-to-date operating deficit adverse to plan by the tolerance or more: amount: "
            "GBP 5,000 thousand → GBP 6,000 thousand",
        ),
        (
            [('id = "loan_repayment_missed"', 'id = "loan_missed"')],
            "Finance, Loan repayments missed for lack of cash: over-riding rule added "
            "(best possible Underperforming if Loan repayment missed for lack of cash)\n"
            "Finance, Loan repayments missed for lack of cash: over-riding rule removed "
            "(best possible Underperforming if Loan repayment missed for lack of cash)",
        ),
        (
            [
                (
                    'when = "forecast < 0 and forecast >= plan"\nbest = "Performance under review"',
                    'when = "forecast < 0 and forecast >= plan"\nbest = "Underperforming"',
                )
            ],
            "Finance, Forecast year-end operating deficit no greater than plan: best possible: "
            "Performance under review → Underperforming",
        ),
        (
            [('unknown = "does not apply"\n', "")],
            "acute, Quality of services, User experience Underperforming: where data are missing: "
            "does not apply → Not assessed",
        ),
        (
            [("weight_needed = 0.5", "weight_needed = 0.6")],
            "Integrated performance measures: weight needed for a score: 50% → 60%",
        ),
        (
            [('lowest_of = ["ipm", "cqc"]', 'lowest_of = ["cqc"]')],
            "Quality of services: category: the lowest of Integrated performance measures, CQC registration → "
            "the lowest of CQC registration",
        ),
        (
            [("limits.single = { is = 1", "limits.single = { is = 2")],
            re.compile(
                r"CQC registration: category: Conditions\(2\) .* above 1 or .* → Conditions\(2\) .* above 2 or .*"
            ),
        ),
        (
            [
                (
                    'planned_income = { label = "Planned income", unit = "money", above = 0',
                    'planned_income = { label = "Planned income", unit = "money", minimum = 0',
                )
            ],
            "Return, Planned income: bounds: above GBP 0 thousand → at least GBP 0 thousand",
        ),
        (
            [('label = "Year of the survey", unit = "year"', 'label = "Survey year", unit = "year"')],
            "acute, Return, Survey year: label: Year of the survey → Survey year",
        ),
        (
            [('unit = "yes_no", guidance = "A fine, for example" }', 'unit = "yes_no", optional = true }')],
            "Return, Enforcement beyond a warning notice: needed: required → optional",
        ),
        (
            [('is = "debtors / ytd_income * days_elapsed"', 'is = "debtors / forecast_income * days_elapsed"')],
            "Finance, Debtor days: measure value: "
            "(Debtors ÷ Income to date) × days from 1 April to the end of the period → "
            "(Debtors ÷ Forecast income) × days from 1 April to the end of the period",
        ),
    ],
)
def test_a_changed_rule_is_reported_in_words(
    tmp_path: Path, replacements: list[tuple[str, str]], expected: str | re.Pattern[str]
) -> None:
    found = [str(change) for change in changes(tmp_path, *replacements)]
    types = ("acute", "ambulance", "mental-health")
    if isinstance(expected, re.Pattern):
        acute = [line.removeprefix("acute, ") for line in found if line.startswith("acute, ")]
        assert expected.fullmatch(acute[0])
        return
    lines = expected.split("\n")
    if not lines[0].startswith(types):
        lines = [f"{trust_type}, {line}" for trust_type in types for line in lines]
    assert found == lines


def test_every_limit_of_a_row_is_compared(tmp_path: Path) -> None:
    rows = [line for line in TEXT.splitlines() if re.match(r"\w+ = \{ (weight|sub_domain) =", line) and "ref" in line]
    assert len(rows) == 13 + 21 + 2 + 13 + 5 + 4
    text, expected = TEXT, []
    for row in rows:
        name = row.split(" = ")[0]
        limits = dict(re.findall(r"(\w+) = ([\d.]+)", row.split("ref =")[0]))
        del limits["weight"]
        expected += [limit for limit in limits for _ in range(3 if "sub_domain" in row else 1)]
        changed = row
        for limit, number in limits.items():
            changed = changed.replace(f"{limit} = {number},", f"{limit} = {float(number) + 0.001:g},")
        text = text.replace(row, changed, 1)
        assert changed != row, name
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert sorted(change.what for change in diff_editions("2011-12", path)) == sorted(expected)


def test_marks_guidance_and_formats_are_no_change(tmp_path: Path) -> None:
    assert (
        changes(
            tmp_path,
            ('ref = "DHA11", provenance = "printed" }', 'ref = "DHA11", provenance = "inferred" }'),
            ('guidance = "A fine, for example"', 'guidance = "A fine, say"'),
            ('cell = "0.0%;-0.0%"', 'cell = "0%;-0%"'),
        )
        == []
    )


def test_from_2011_12_to_2012_13() -> None:
    found = diff_editions("2011-12", "2012-13")
    assert found[0] == Change("", "", "", "periods", "quarters", "months")
    acute = [c for c in found if c.trust_type == "acute" and c.domain == "Integrated performance measures"]
    assert [(c.item, c.before, c.after) for c in acute if c.what == "weight"] == [
        ("RTT admitted in 18 weeks", "0.75", "1"),
        ("RTT non-admitted in 18 weeks", "0.75", "1"),
    ]
    assert [c.item for c in acute if c.what == "indicator" and not c.before] == [
        "RTT incomplete under 18 weeks",
        "RTT: number of specialties not delivering",
        "Diagnostic waits of six weeks or more",
    ]
    assert [c.item for c in acute if c.what == "indicator" and not c.after] == [
        "A&E data: HES attendances against SitRep",
        "RTT admitted, 95th percentile",
        "RTT non-admitted, 95th percentile",
        "RTT incomplete, 95th percentile",
        "Stroke: 90% of the stay on a stroke unit",
    ]
    assert len(acute) == 10
    added = [c for c in found if c.domain == "Tripartite formal agreement (TFA)" and c.trust_type == "mental-health"]
    assert [c.what for c in added] == ["domain", "over-riding rule"]
    assert not [c for c in found if c.domain == "Finance"]


def test_from_2009_10_to_2010_11() -> None:
    found = diff_editions("2009-10", "2010-11")
    assert found[-1] == Change("mental-health", "", "", "trust type", "", "rated")
    assert diff_editions("2010-11", "2009-10")[-1] == Change("mental-health", "", "", "trust type", "rated", "")
    acute = [c for c in found if c.trust_type == "acute"]
    assert [(c.item, c.what, c.before, c.after) for c in acute if c.item.startswith("A&E")] == [
        ("A&E: total time four hours or less", "performing", "98%", "95%"),
        ("A&E: total time four hours or less", "underperforming", "97%", "94%"),
    ]
    assert [c.domain for c in acute if c.what == "domain" and not c.before] == [
        "CQC registration",
        "Quality of services",
    ]
    assert [c.domain for c in acute if c.what == "domain" and not c.after] == ["Overall"]
