"""Loading editions, and the marks of all their numbers. What the shipped ones hold is in `test_editions.py`."""

import dataclasses
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import pfexcel
from pfexcel.rules.build import PROVENANCES, build_edition
from pfexcel.rules.edition import Edition, Mark, Rulebook
from pfexcel.rules.load import SHIPPED, digest, load_edition, shipped_editions
from pfexcel.rules.schema import check_shape

MINIMAL = Path(__file__).parent / "broken" / "minimal.toml"

# Weights of 2011-12, acute, as the rulebook's facts list them.
FINANCE = {
    "planned_outturn": 5,
    "ytd_operating": 20,
    "ytd_ebitda_margin": 5,
    "forecast_operating": 20,
    "forecast_ebitda_margin": 5,
    "forecast_change": 15,
    "underlying_position": 5,
    "underlying_ebitda_margin": 5,
    "bppc_value": 2.5,
    "bppc_number": 2.5,
    "current_ratio": 5,
    "debtor_days": 5,
    "creditor_days": 5,
}
SUB_DOMAINS = {"planning": 5, "ytd": 25, "forecast": 40, "underlying": 10, "processes": 20}
MEASURES = {
    "ae_4h": 1,
    "ae_data_completeness": 1,
    "mrsa": 1,
    "cdiff": 1,
    "rtt_admitted_95th": 0.5,
    "rtt_non_admitted_95th": 0.5,
    "rtt_incomplete_95th": 0.5,
    "rtt_admitted": 0.75,
    "rtt_non_admitted": 0.75,
    "cancer_2ww": 0.5,
    "cancer_2ww_breast": 0.5,
    "cancer_31d_surgery": 0.25,
    "cancer_31d_drug": 0.25,
    "cancer_31d_first": 0.25,
    "cancer_31d_radiotherapy": 0.25,
    "cancer_62d_screening": 0.5,
    "cancer_62d_gp": 0.5,
    "stroke_unit": 1,
    "dtoc": 1,
    "mixed_sex": 1,
    "vte": 1,
}
THEMES = ["ue_access", "ue_coordinated", "ue_information", "ue_relationships", "ue_environment"]


@pytest.fixture(params=[(e, t) for e in shipped_editions() for t in load_edition(e).trust_types], ids="-".join)
def rulebook(request: pytest.FixtureRequest) -> Rulebook:
    edition, trust_type = request.param
    return load_edition(edition).rulebook(trust_type)


def test_indicators_and_weights_of_2011_12() -> None:
    domains = load_edition("2011-12").rulebook("acute").domains
    assert {i.id: i.weight for i in domains["finance"].indicators.values()} == FINANCE
    assert {s.id: s.weight for s in domains["finance"].sub_domains.values()} == SUB_DOMAINS
    assert {i.id: i.weight for i in domains["ipm"].indicators.values()} == MEASURES
    assert {i.id: i.weight for i in domains["ue"].indicators.values()} == dict.fromkeys(THEMES, 1)


def marks(rulebook: Rulebook) -> Iterator[tuple[str, Mark]]:
    """Each number and rule of a rulebook by where it stands."""
    for domain in rulebook.domains.values():
        yield domain.id, domain.mark
        for sub_domain in domain.sub_domains.values():
            yield f"{domain.id}.{sub_domain.id}", sub_domain.mark
        for ladder in (domain.bands, domain.labels):
            if ladder is not None:
                yield f"{domain.id}.ladder", ladder.mark
                yield from ((f"{domain.id}.{limit.name}", limit.mark) for limit in ladder.limits.values())
        for rule in domain.over_riding:
            yield f"{domain.id}.{rule.id}", rule.mark
            yield from ((f"{domain.id}.{rule.id}.{limit.name}", limit.mark) for limit in rule.limits.values())
        for indicator in domain.indicators.values():
            yield f"{domain.id}.{indicator.id}.weight", indicator.weight_mark
            yield f"{domain.id}.{indicator.id}.scoring", indicator.ladder.mark
            yield from ((f"{domain.id}.{indicator.id}.{limit.name}", limit.mark) for limit in indicator.limits.values())


def test_every_number_has_a_mark_whose_source_is_listed(rulebook: Rulebook) -> None:
    found = list(marks(rulebook))
    assert len(found) > 50
    for place, mark in found:
        assert mark.provenance in PROVENANCES, place
        source = rulebook.edition.sources[mark.ref.partition(" ")[0]]
        cited = rulebook.edition.cite(mark)
        assert cited.startswith(source.partition("{")[0]), place
        assert "{" not in cited, place


def test_every_condition_and_measure_compiles(rulebook: Rulebook) -> None:
    for domain in rulebook.domains.values():
        for indicator in domain.indicators.values():
            assert callable(indicator.ladder.first_true)
            assert all(callable(measure.function) for measure in indicator.measures.values())
        assert all(callable(rule.condition) for rule in domain.over_riding)


def test_a_shipped_edition_has_the_shape_of_a_users_own() -> None:
    for name in shipped_editions():
        check_shape(tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8")), name)


def test_a_shipped_edition_loads_once() -> None:
    assert load_edition("2011-12") is load_edition("2011-12")


def test_an_edition_loads_as_itself() -> None:
    edition = load_edition("2011-12")
    assert load_edition(edition) is edition


def test_a_copy_of_a_shipped_edition_is_the_same_edition(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes((SHIPPED / "2011-12.toml").read_bytes())
    mine, shipped = load_edition(path), load_edition("2011-12")
    assert mine.digest == shipped.digest
    assert mine.origin == str(path)
    assert mine.rulebook("acute").fields == shipped.rulebook("acute").fields


def test_an_edition_rates_by_its_path() -> None:
    rating = pfexcel.rate(str(MINIMAL), "acute", {"surplus": 1, "income": 100}, "2011-12-Q1")
    assert rating.edition == "minimal"
    assert rating.finance.indicators["margin"].score == 3


def test_a_changed_file_loads_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = MINIMAL.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    before = load_edition(path)
    path.write_text(text.replace("three = 30", "three = 40"), encoding="utf-8")
    after = load_edition(path)
    limits = [e.rulebook("acute").indicators["debtor_days"].limits["three"].value for e in (before, after)]
    assert limits == [30, 40]
    assert before.digest != after.digest


def test_a_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    content = MINIMAL.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert load_edition(path).title == "A minimal edition"
    assert digest(content) == digest(content.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("name", ["2008-09", "", "acute", "editions"])
def test_an_unknown_edition(name: str) -> None:
    with pytest.raises(ValueError, match=r"is unknown; use one of .*2011-12.*, or the path of a TOML file"):
        load_edition(name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be read \(No such file or directory\); check the path"):
        load_edition(tmp_path / "mine.toml")


def test_a_folder_is_no_edition(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ValueError, match="cannot be read"):
        load_edition(tmp_path / "folder.toml")


def test_a_trust_type_that_is_not_rated() -> None:
    with pytest.raises(ValueError, match="no rules for trust type 'community'; it rates acute"):
        load_edition("2011-12").rulebook("community")


def test_records_are_frozen() -> None:
    edition = load_edition("2011-12")
    for record in (edition, edition.rulebook("acute"), edition.rulebook("acute").indicators["ae_4h"]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            record.__setattr__("id", "other")


def test_build_leaves_its_tables_alone() -> None:
    text = MINIMAL.read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    edition = build_edition(raw, "minimal", "")
    assert isinstance(edition, Edition)
    assert raw == tomllib.loads(text)
    assert edition.first_day == date(2011, 4, 1)
