"""A publication from the register: what stands for a period, on the day it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pfexcel.engine.escalation import Stage, escalate
from pfexcel.model import Finding, Severity
from pfexcel.organisations import Trust, in_scope, shas
from pfexcel.periods import Period, period_of
from pfexcel.publish.counting import count
from pfexcel.publish.publication import (
    FORM,
    NOT_SIGNED_OFF,
    SIGNED_OFF,
    SIGNED_OFF_IN_PART,
    OpenFinding,
    PeriodText,
    Publication,
    Rules,
    ShaEntry,
    TrustEntry,
)
from pfexcel.publish.results import TrustPeriod, domain_results, indicator_results, step_results
from pfexcel.publish.texts import rules_in_words
from pfexcel.returns.register import Register, RegisteredReturn, TrustStatus
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition
from pfexcel.workbook.cover_sheet import SIGN_OFF
from pfexcel.workbook.templates import template

OPEN = (Severity.ERROR, Severity.QUERY)


def build_publication(register: Register, period: str | Period, published: date, notice: str = "") -> Publication:
    """All that can be published of a period, as revision 1 without a predecessor.

    Raises:
        ValueError: for a period that is none, or of which the register has no return.
    """
    wanted = period if isinstance(period, Period) else Period.parse(period)
    edition = load_edition(wanted.edition_id)
    wanted = period_of(edition, wanted)
    known = register.periods()
    if wanted.text not in known:
        has = f"it has {', '.join(known)}" if known else "it has none at all"
        raise ValueError(f"the register has no return for {wanted.text}, so nothing can be published; {has}")
    return _Builder(register, edition, wanted, published, notice).publication()


@dataclass(frozen=True)
class _Builder:
    register: Register
    edition: Edition
    period: Period
    published: date
    notice: str

    def publication(self) -> Publication:
        words = template("publication")
        entries = tuple(self.shas())
        trusts = [trust for sha in entries for trust in sha.trusts]
        return Publication(
            form=FORM,
            edition=self.edition.id,
            edition_title=self.edition.title,
            rulebook_digest=self.edition.digest,
            period=_text(self.period),
            periods=tuple(_text(period) for period in self.periods),
            title=words["title"].format(period=self.period.label, edition=self.edition.title),
            notice=self.notice,
            notes=tuple(self.notes()),
            published=self.published,
            revision=1,
            register_digest=self.register.digest(),
            rules=self.rules,
            counts=count(trusts, self.rules),
            shas=entries,
        )

    # --- what the register says ---

    @cached_property
    def periods(self) -> list[Period]:
        """The periods of the register through the one published, oldest first."""
        known = [Period.parse(text) for text in self.register.periods()]
        return [one for one in known if one.last_day <= self.period.last_day]

    @cached_property
    def standing(self) -> list[dict[str, RegisteredReturn]]:
        """The returns that stand, by ODS code, a period."""
        return [{one.ods_code: one for one in self.register.standing(period)} for period in self.periods]

    @cached_property
    def status(self) -> dict[str, TrustStatus]:
        return {one.trust.ods_code: one for one in self.register.status(self.period)}

    @cached_property
    def stages(self) -> dict[str, dict[str, dict[str, Stage]]]:
        return self.register.escalations(self.period)

    @cached_property
    def noted(self) -> dict[str, dict[str, str]]:
        """What was noted of trusts, by kind and ODS code."""
        kinds = ("lead_commissioner", "action_plan_date", "remark")
        return {kind: {c: n.value for c, n in self.register.noted(kind, self.period).items()} for kind in kinds}

    @cached_property
    def rules(self) -> tuple[Rules, ...]:
        return tuple(rules_in_words(rulebook) for rulebook in self.edition.rulebooks.values())

    @cached_property
    def trusts(self) -> list[Trust]:
        """The trusts in scope on the period's last day, by SHA, type and name."""
        return in_scope(self.period.last_day, self.edition.trust_types)

    # --- records ---

    def shas(self) -> Iterator[ShaEntry]:
        for sha in shas().values():
            own = tuple(self.trust(trust) for trust in self.trusts if trust.sha_code == sha.code)
            if own:
                yield ShaEntry(sha.code, sha.name, sha.cluster, count(own, self.rules), own)

    def trust(self, trust: Trust) -> TrustEntry:
        code, rulebook = trust.ods_code, self.edition.rulebook(trust.trust_type)
        history = self.history(trust)
        now, before = history[-1].rating, history[-2].rating if len(history) > 1 else None
        own = self.standing[-1].get(code)
        found = self.register.findings(own) if own is not None else ()
        status = self.status[code]
        return TrustEntry(
            ods_code=code,
            name=trust.name,
            trust_type=trust.trust_type,
            returned=own is not None,
            received=own.received.date() if own is not None else None,
            late=own is not None and own.file.late,
            signed_off=_signed_off(own),
            last_return=status.last_good.period if status.last_good is not None else "",
            lead_commissioner=self.noted["lead_commissioner"].get(code, ""),
            action_plan_date=self.noted["action_plan_date"].get(code, ""),
            note="; ".join(part for part in (trust.note, self.noted["remark"].get(code)) if part),
            errors=status.errors,
            queries=status.queries,
            notes=sum(one.severity is Severity.NOTE for one in found),
            findings=tuple(_open(one) for one in found if one.severity in OPEN),
            domains=tuple(domain_results(rulebook, history)),
            indicators=tuple(indicator_results(now, before, history)) if now is not None else (),
            steps=tuple(step_results(now)) if now is not None else (),
        )

    def history(self, trust: Trust) -> list[TrustPeriod]:
        """A trust in every period of the register through the one published."""
        stages = self.stages.get(trust.ods_code, {})
        found = []
        for index, (period, returns) in enumerate(zip(self.periods, self.standing, strict=True)):
            one = returns.get(trust.ods_code)
            found.append(TrustPeriod(period, one.rating if one else None, self.stages_of(trust, stages, index)))
        return found

    def stages_of(self, trust: Trust, stages: Mapping[str, Mapping[str, Stage]], index: int) -> dict[str, Stage]:
        """The stage of each domain that escalates in one period; that of no return at all where there is none."""
        period = self.periods[index].text
        domains = self.edition.rulebook(trust.trust_type).domains.values()
        return {
            domain.id: stages.get(domain.id, {}).get(period) or escalate([None], domain.ladder)[0]
            for domain in domains
            if domain.ladder is not None
        }

    def notes(self) -> Iterator[str]:
        """Remarks about this publication as a whole."""
        words = template("publication")["remarks"]
        scope = {trust.ods_code for trust in self.trusts}
        outside = sorted(code for code in self.standing[-1] if code not in scope)
        if outside:
            yield words["outside"].format(trusts=", ".join(outside))
        changed = sorted(code for code, one in self.standing[-1].items() if code in scope and _rated_anew(one))
        if changed:
            yield words["rated_anew"].format(trusts=", ".join(changed))


def _rated_anew(one: RegisteredReturn) -> bool:
    """Does a return rate otherwise by the rulebook of today than when it was received?"""
    return any(str(one.rating.domains[name].category) != rated.category for name, rated in one.domains.items())


def _text(period: Period) -> PeriodText:
    return PeriodText(period.text, period.label, period.last_day)


def _signed_off(one: RegisteredReturn | None) -> str:
    if one is None:
        return ""
    given = [name for name, _ in SIGN_OFF.values() if one.sign_off.get(name)]
    return SIGNED_OFF if len(given) == len(SIGN_OFF) else SIGNED_OFF_IN_PART if given else NOT_SIGNED_OFF


def _open(found: Finding) -> OpenFinding:
    return OpenFinding(found.id, str(found.severity), found.message, found.action, found.reference)
