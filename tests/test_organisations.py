"""The table of trusts: the numbers that were published, and that it hangs together."""

from datetime import date

import pytest

from pfexcel.organisations import CLUSTERS_FROM, COMPLETE_FROM, find_trust, in_scope, shas, slug, trusts
from pfexcel.rules.load import load_edition

TYPES = ("acute", "ambulance", "mental-health")
OCTOBER = date(2011, 10, 1)
DECEMBER = date(2011, 12, 31)


def test_113_trusts_on_1_october_2011() -> None:
    assert sum(trust.exists_on(OCTOBER) for trust in trusts()) == 113


def test_95_in_scope_on_1_october_2011() -> None:
    assert len(in_scope(OCTOBER, TYPES)) == 95
    assert sum(len(in_scope(OCTOBER, [trust_type])) for trust_type in TYPES) == 95


def test_nobody_in_scope_in_the_north_east_on_31_december_2011() -> None:
    north_east = next(sha for sha in shas().values() if sha.name == "North East")
    assert in_scope(DECEMBER, TYPES, north_east.code) == []
    assert [t.ods_code for t in in_scope(OCTOBER, TYPES, north_east.code)] == ["RX6"]


def test_community_trusts_are_not_assessed() -> None:
    community = [trust for trust in trusts() if trust.trust_type == "community"]
    assert community
    assert not any(trust.in_scope for trust in community)


def test_ten_shas_in_four_clusters() -> None:
    assert len(shas()) == 10
    assert len({sha.cluster for sha in shas().values()}) == 4
    assert shas()["Q34"].name == "West Midlands"
    assert shas()["Q34"].slug == "west-midlands"


def test_the_shas_cover_all_in_scope_once() -> None:
    assert sum(len(in_scope(OCTOBER, TYPES, sha)) for sha in shas()) == 95


def test_every_trust_has_one_row_a_spell() -> None:
    spells = [(trust.ods_code, trust.valid_from) for trust in trusts()]
    assert len(set(spells)) == len(spells)
    for trust in trusts():
        assert len(trust.ods_code) == 3, trust
        assert trust.ods_code == trust.ods_code.upper(), trust
        assert trust.trust_type in (*TYPES, "community"), trust
        assert trust.valid_to is None or trust.valid_from <= trust.valid_to, trust
        assert trust.sha_code in shas(), trust


def test_the_last_day_of_a_trust_is_its_own() -> None:
    trust = find_trust("RX6")
    assert trust is not None
    assert trust.valid_to == date(2011, 10, 31)
    assert trust.exists_on(date(2011, 10, 31))
    assert not trust.exists_on(date(2011, 11, 1))
    assert trust.exists_on(trust.valid_from)


def test_finding_a_trust() -> None:
    trust = find_trust(" rxk ")
    assert trust is not None
    assert trust.name == "Sandwell and West Birmingham Hospitals NHS Trust"
    assert (trust.trust_type, trust.sha_code) == ("acute", "Q34")
    assert find_trust("XXX") is None
    assert find_trust("") is None


def test_days_the_table_counts_from() -> None:
    assert date(2011, 4, 1) == COMPLETE_FROM
    assert date(2011, 10, 1) == CLUSTERS_FROM


def test_the_editions_rate_the_types_of_the_table() -> None:
    assert set(load_edition("2011-12").trust_types) == {t.trust_type for t in trusts() if t.in_scope}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("West Midlands", "west-midlands"),
        ("Yorkshire and the Humber", "yorkshire-and-the-humber"),
        ("South East Coast", "south-east-coast"),
        ("  A & E  ", "a-e"),
    ],
)
def test_a_name_as_part_of_a_file_name(name: str, part: str) -> None:
    assert slug(name) == part
