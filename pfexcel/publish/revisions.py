"""What a publication changed of the one before it for the same period: by trust, what, from, to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pfexcel.publish.publication import Change, Publication, TrustEntry, to_json

NONE = "none"


def content(publication: Publication) -> str:
    """What a publication says, without when, from which register and in which revision it says it."""
    plain = replace(publication, published=publication.period.last_day, revision=0, register_digest="", revisions=())
    return to_json(plain)


def changes(before: Publication, after: Publication) -> Iterator[Change]:
    """The differences between two publications of a period, trust by trust in the order of the later one."""
    old = {trust.ods_code: trust for _, trust in before.trusts}
    new = {trust.ods_code: trust for _, trust in after.trusts}
    for code in dict.fromkeys((*new, *old)):
        was, now = (_said(p, t.get(code)) for p, t in ((before, old), (after, new)))
        name = (new.get(code) or old[code]).name
        for what in dict.fromkeys((*now, *was)):
            if was.get(what, "") != now.get(what, ""):
                yield Change(code, name, what, was.get(what) or NONE, now.get(what) or NONE)


def _said(publication: Publication, trust: TrustEntry | None) -> dict[str, str]:
    """All that is published of a trust that a correction can change, by what it is."""
    if trust is None:
        return {}
    said = {
        "Return": "returned" if trust.returned else "not returned",
        "Received": "" if trust.received is None else trust.received.isoformat(),
        "Late": "yes" if trust.late else "no",
        "Sign-off": trust.signed_off,
        "Lead commissioner": trust.lead_commissioner,
        "Action plan date": trust.action_plan_date,
        "Open errors": str(trust.errors),
        "Open queries": str(trust.queries),
    }
    for one in trust.domains:
        said[f"{one.title}: score"] = one.score_words
        said[f"{one.title}: label"] = one.label
        said[f"{one.title}: category"] = one.category
        said[f"{one.title}: over-riding rules"] = "; ".join(rule.label for rule in one.rules)
        if one.standing is not None:
            said[f"{one.title}: category in force"] = one.standing.in_force
            said[f"{one.title}: periods in a row"] = str(one.standing.consecutive)
        said[f"{one.title}: movement"] = one.movement.reason
    for text, own in publication.indicators(trust):
        said[f"{text.label}: value"] = own.value_words
        said[f"{text.label}: score"] = "" if own.score is None else f"{own.score:g}"
    return said
