"""Whatever became better or worse says why."""

import pytest

from tests.publications import sample_publication


@pytest.mark.parametrize(("edition", "last"), [("2009-10", 4), ("2011-12", 4), ("2012-13", 6), ("2012-13", 12)])
def test_every_movement_has_its_reason(edition: str, last: int) -> None:
    reasons = {one.movement.reason for _, _, one in sample_publication(edition, last).movements}
    assert reasons
    assert not reasons & {"", "No change"}
