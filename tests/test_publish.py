"""Publishing: what is counted, what moved and why, and that what was published can be had again to the same bytes."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import pfexcel
from pfexcel import organisations
from pfexcel.publish.build import build_publication
from pfexcel.publish.publication import DomainResult, Publication, from_json, to_json
from pfexcel.publish.publishing import Published
from pfexcel.publish.revisions import changes
from pfexcel.returns.register import Register
from tests.publications import sample_publication
from tests.published import read_values, receive, register_of
from tests.samples import good_return

CODES = ("RTH", "RXQ", "RHU", "RV8", "RJ7", "RRU")  # two SHAs; RRU is an ambulance trust
QUARTERS = ("2011-12-Q1", "2011-12-Q2", "2011-12-Q3")
LAST = QUARTERS[-1]
DAY = date(2012, 3, 1)
LATER = datetime(2012, 4, 2, tzinfo=UTC)
NOTICE, LOAN = {"cqc_warning_notices": 1}, {"loan_repayment_missed": "Yes"}
# RTH is under review for three quarters, RXQ recovers in the third, RHU sends nothing for it.
TROUBLE: dict[str, tuple[dict[str, Any], ...]] = {"RTH": (NOTICE,) * 3, "RXQ": (LOAN, LOAN, {}), "RHU": ({}, NOTICE)}


@pytest.fixture(scope="module", autouse=True)
def six_trusts() -> Iterator[None]:
    """An England of six trusts."""
    own = tuple(trust for trust in organisations.trusts() if trust.ods_code in CODES)
    organisations.shas()  # remembered, for the tests after these too
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(organisations, "trusts", lambda: own)
        yield


def figures(code: str, quarter: int) -> dict[str, Any]:
    trust = organisations.find_trust(code)
    assert trust is not None
    good = good_return(pfexcel.load_edition("2011-12").rulebook(trust.trust_type))
    trouble = TROUBLE.get(code, ({},) * len(QUARTERS))
    return {**good, **trouble[quarter]}


def make_register(path: Path) -> Path:
    quarters = []
    for number, quarter in enumerate(QUARTERS):
        codes = [code for code in CODES if not (code == "RHU" and quarter == LAST)]
        quarters.append((quarter, {code: figures(code, number) for code in codes}))
    return register_of(path, quarters)


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    with Register(make_register(tmp_path_factory.mktemp("register") / "register.sqlite")) as register:
        register.note("lead_commissioner", "NHS Oxfordshire", ods_code="RTH")
        register.note("action_plan_date", date(2012, 1, 20), ods_code="RTH")
        return build_publication(register, LAST, DAY)


def result(publication: Publication, code: str, domain: str) -> DomainResult:
    return next(one for _, trust, one in publication.results if (trust.ods_code, one.domain) == (code, domain))


# --- what it says ---


@pytest.mark.parametrize(
    ("domain", "basis", "expected"),
    [
        ("finance", "reported", {"Performing": 5, "Not assessed": 1}),
        ("finance", "in_force", {"Performing": 6}),
        ("quality", "reported", {"Performing": 4, "Performance under review": 1, "Not assessed": 1}),
        ("quality", "in_force", {"Performing": 4, "Performance under review": 1, "Underperforming": 1}),
        ("ue", "reported", {"Performing": 4, "Not assessed": 1, "Does not apply": 1}),
    ],
)
def test_trusts_are_counted_by_category(
    publication: Publication, domain: str, basis: str, expected: dict[str, int]
) -> None:
    [counts] = [one for one in publication.counts.domains if one.domain == domain]
    assert {one.category: one.trusts for one in getattr(counts, basis) if one.trusts} == expected


def test_each_sha_counts_its_own(publication: Publication) -> None:
    counts = {sha.code: (sha.counts.in_scope, sha.counts.returned) for sha in publication.shas}
    assert counts == {"Q36": (3, 3), "Q38": (3, 2)}


def test_three_quarters_under_review_are_escalated(publication: Publication) -> None:
    one = result(publication, "RTH", "quality")
    assert one.standing is not None
    assert (one.category, one.standing.in_force) == ("Performance under review", "Underperforming")
    assert (one.standing.escalated, one.standing.consecutive, one.standing.lead) == (True, 1, "SHA")
    assert (one.movement.direction, one.movement.before) == ("worse", "Performance under review")
    assert one.movement.reason == "Escalated: Performance under review in 3 consecutive periods"


def test_a_recovery_says_what_ended(publication: Publication) -> None:
    moved = result(publication, "RXQ", "finance").movement
    assert (moved.direction, moved.before) == ("better", "Underperforming")
    assert moved.reason == (
        "Reported Performing, was Underperforming. "
        "Over-riding rule that no longer applies: Loan repayments missed for lack of cash"
    )


def test_a_trust_without_a_return_keeps_its_category(publication: Publication) -> None:
    [(sha, trust)] = publication.missing
    assert (sha.code, trust.ods_code, trust.last_return, trust.indicators) == ("Q38", "RHU", "2011-12-Q2", ())
    one = result(publication, "RHU", "quality")
    assert (one.category, one.stands, one.movement.direction) == ("Not assessed", "Performance under review", "same")
    assert one.movement.reason == "No return for 2011-12-Q3. Performance under review is kept"


def test_only_what_moved_is_a_movement(publication: Publication) -> None:
    moved = {(trust.ods_code, one.domain) for _, trust, one in publication.movements}
    assert moved == {("RTH", "quality"), ("RXQ", "finance")}
    under = {(trust.ods_code, one.domain) for _, trust, one in publication.interventions}
    assert under == {("RTH", "quality"), ("RHU", "quality")}


def test_notes_of_the_sha_stand_with_the_trust(publication: Publication) -> None:
    own = next(trust for _, trust in publication.trusts if trust.ods_code == "RTH")
    assert (own.lead_commissioner, own.action_plan_date) == ("NHS Oxfordshire", "2012-01-20")
    assert own.note == "Oxford Radcliffe Hospitals NHS Trust before 2011-11-01"


def test_history_ends_with_this_period(publication: Publication) -> None:
    points = result(publication, "RTH", "quality").history
    assert [point.period for point in points] == list(QUARTERS)
    assert [point.in_force for point in points] == ["Performance under review"] * 2 + ["Underperforming"]


def test_the_explanation_is_the_engines(publication: Publication) -> None:
    own = next(trust for _, trust in publication.trusts if trust.ods_code == "RTH")
    rating = pfexcel.rate("2011-12", "acute", figures("RTH", 2), period=LAST)
    shown = [(text.step, one.value, one.result) for text, one in publication.explanation(own)]
    assert shown == [(step.step, step.value, step.result) for step in rating.steps]


def test_the_first_period_compares_with_nothing(tmp_path: Path) -> None:
    with Register(register_of(tmp_path / "r.sqlite", [(LAST, {"RTH": figures("RTH", 2)})])) as register:
        moved = result(build_publication(register, LAST, DAY), "RTH", "quality").movement
    assert (moved.direction, moved.before, moved.reason) == ("not compared", "", "No earlier period")


def test_a_new_years_rules_are_a_reason_and_counts_go_on(tmp_path: Path) -> None:
    good = good_return(pfexcel.load_edition("2009-10").rulebook("acute"))
    quarters = [("2009-10-Q4", {"RTH": good}), ("2010-11-Q1", {"RTH": {**figures("RTH", 2), **LOAN}})]
    with Register(register_of(tmp_path / "r.sqlite", quarters)) as register:
        made = build_publication(register, "2010-11-Q1", DAY)
    finance, quality = (result(made, "RTH", name) for name in ("finance", "quality"))
    assert finance.movement.direction == "worse"
    assert "First period by the rules of 2010-11" in finance.movement.reason
    assert [point.category for point in quality.history][:1] == ["Performing"]
    assert {point.score for point in quality.history} == {None}


def test_what_was_rated_by_another_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = register_of(tmp_path / "r.sqlite", [(LAST, {"RTH": figures("RTH", 2), "RXQ": figures("RXQ", 2)})])
    real = pfexcel.rate("2011-12", "acute", {**figures("RTH", 2), **LOAN}, period=LAST)
    monkeypatch.setattr(
        "pfexcel.returns.register.RegisteredReturn.rating",
        property(lambda one: real if one.ods_code == "RTH" else pfexcel.rate("2011-12", "acute", one.values, LAST)),
    )
    with Register(path) as register:
        [remark] = build_publication(register, LAST, DAY).notes
    assert "RTH" in remark
    assert "RXQ" not in remark


def test_records_survive_as_text(publication: Publication) -> None:
    assert from_json(to_json(publication)) == publication


# --- every edition ---


@pytest.mark.parametrize(("edition", "last"), [("2009-10", 2), ("2010-11", 2), ("2011-12", 2), ("2012-13", 3)])
def test_categories_add_up_to_the_trusts_in_scope(edition: str, last: int) -> None:
    made = sample_publication(edition, last)
    areas = [(made.counts, len(list(made.trusts))), *((sha.counts, len(sha.trusts)) for sha in made.shas)]
    for counts, trusts in areas:
        assert counts.in_scope == trusts
        for one in counts.domains:
            assert sum(number.trusts for number in one.reported) == trusts
            assert not one.in_force or sum(number.trusts for number in one.in_force) == trusts
    assert sum(sha.counts.in_scope for sha in made.shas) == made.counts.in_scope


# --- publishing, again and again ---


@dataclass
class Quarter:
    """A published quarter: publish it again."""

    register: Path
    folder: Path

    def publish(self, day: date = DAY, **options: Any) -> Published:
        return pfexcel.publish(self.register, LAST, self.folder, published=day, **options)

    def files(self) -> dict[str, bytes]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def correct(self) -> None:
        """RJ7 sends its return again: it had missed a repayment."""
        with Register(self.register) as register:
            receive(register, read_values(LAST, {"RJ7": {**figures("RJ7", 2), **LOAN}}), LATER, "corrected.xlsx")


@pytest.fixture
def quarter(tmp_path: Path) -> Quarter:
    return Quarter(make_register(tmp_path / "register.sqlite"), tmp_path / "out" / "Q3")


def test_a_publication_is_kept_and_given_again_to_the_same_bytes(quarter: Quarter) -> None:
    first = quarter.publish(notice="Sample figures")
    files = quarter.files()
    assert (first.new, first.publication.revision, first.publication.published) == (True, 1, DAY)
    assert {Path(name).suffix for name in files} == {".xlsx", ".ods", ".html", ".csv", ".json"}
    assert len([name for name in files if name.startswith("advance/")]) == len(list(first.publication.shas))

    again = quarter.publish(date(2012, 3, 9))
    assert (again.new, again.publication.revision, again.publication.published) == (False, 1, DAY)
    assert quarter.files() == files

    quarter.correct()
    revised = quarter.publish(date(2012, 4, 3))
    assert (revised.new, revised.publication.revision, revised.publication.notice) == (True, 2, "Sample figures")
    changed = {change.what: (change.before, change.after) for change in revised.publication.revisions[-1].changes}
    assert {change.ods_code for change in revised.publication.revisions[-1].changes} == {"RJ7"}
    assert changed["Finance: category"] == ("Performing", "Underperforming")
    assert changed["Finance: over-riding rules"] == ("none", "Loan repayments missed for lack of cash")
    assert changed["Received"] == ("2011-12-31", "2012-04-02")
    newer = quarter.files()
    assert newer != files

    replayed = quarter.publish(replay=1)
    assert (replayed.new, replayed.publication.revision) == (False, 1)
    assert quarter.files() == files
    quarter.publish(replay=2)
    assert quarter.files() == newer


def test_two_publishers_write_the_same_bytes(quarter: Quarter, tmp_path: Path) -> None:
    quarter.publish()
    other = Quarter(make_register(tmp_path / "other.sqlite"), tmp_path / "other")
    other.publish(jobs=2)
    assert other.files() == quarter.files()


def test_the_manifest_names_every_file(quarter: Quarter) -> None:
    quarter.publish()
    files = quarter.files()
    said = json.loads(files.pop("manifest.json"))
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {entry["file"]: entry["sha256"] for entry in said["files"]} == digests
    assert (said["period"], said["revision"], said["published"]) == (LAST, 1, "2012-03-01")


def test_a_later_return_of_another_period_changes_nothing(quarter: Quarter) -> None:
    with Register(quarter.register) as register:
        before = build_publication(register, LAST, DAY)
        receive(register, read_values("2011-12-Q4", {"RJ7": {**figures("RJ7", 2), **LOAN}}), LATER)
        assert list(changes(before, build_publication(register, LAST, DAY))) == []


def test_a_correction_of_an_earlier_period_shows_in_what_follows_from_it(quarter: Quarter) -> None:
    with Register(quarter.register) as register:
        before = build_publication(register, LAST, DAY)
        receive(register, read_values("2011-12-Q2", {"RTH": figures("RV8", 1)}), LATER)
        found = {change.what: change.after for change in changes(before, build_publication(register, LAST, DAY))}
    assert found["Quality of services: category in force"] == "Performance under review"


# --- the folder ---


def test_a_folder_with_other_files_is_refused_before_anything_is_kept(quarter: Quarter) -> None:
    quarter.folder.mkdir(parents=True)
    (quarter.folder / "letter.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"also holds letter\.docx, which would be lost"):
        quarter.publish()
    assert quarter.files() == {"letter.docx": b"mine"}
    with Register(quarter.register) as register:
        assert register.publications() == []


def test_a_folder_of_another_period_is_refused(quarter: Quarter) -> None:
    quarter.publish()
    with pytest.raises(ValueError, match="holds the publication of 2011-12-Q3"):
        pfexcel.publish(quarter.register, "2011-12-Q2", quarter.folder)


def test_a_folder_keeps_the_old_publication_where_the_new_one_cannot_take_its_place(
    quarter: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter.publish()
    files = quarter.files()
    quarter.correct()
    rename, calls = os.rename, []

    def interrupted(old: Any, new: Any) -> None:
        calls.append(old)
        if len(calls) == 2:
            raise PermissionError(13, "is open in another program", str(new))
        rename(old, new)

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(PermissionError):
        quarter.publish()
    assert quarter.files() == files
    assert [path.name for path in quarter.folder.parent.iterdir()] == [quarter.folder.name]


def test_a_change_of_folders_that_was_cut_off_is_put_right(quarter: Quarter) -> None:
    quarter.publish()
    files = quarter.files()
    quarter.folder.rename(quarter.folder.with_name(f".{quarter.folder.name}.old"))
    quarter.publish(replay=1)
    assert quarter.files() == files
    assert [path.name for path in quarter.folder.parent.iterdir()] == [quarter.folder.name]


def test_what_cannot_be_published_is_said_in_one_sentence(quarter: Quarter) -> None:
    with pytest.raises(ValueError, match="no return for 2011-12-Q4, so nothing can be published; it has 2011-12-Q1"):
        pfexcel.publish(quarter.register, "2011-12-Q4", quarter.folder)
    with pytest.raises(ValueError, match="no revision 1 to replay; it was never published"):
        quarter.publish(replay=1)
    assert not quarter.folder.exists()
