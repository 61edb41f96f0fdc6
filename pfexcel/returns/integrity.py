"""Is a returned workbook what was sent, but for its entries? A finding says which cell, name or sheet was changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pfexcel import __version__
from pfexcel.catalogue import finding
from pfexcel.model import Finding
from pfexcel.periods import Period, period_of
from pfexcel.returns.differences import Differences
from pfexcel.returns.preflight import Package, inspect
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.build import template_digest
from pfexcel.workbook.cover_sheet import EDITION_ROW, PERIOD_ROW
from pfexcel.workbook.history import History
from pfexcel.workbook.layout import address, sheet_name
from pfexcel.workbook.pristine import pristine
from pfexcel.workbook.seal import PROPERTY, Description, describe, seal


def check_integrity(
    source: Package | str | os.PathLike[str],
    edition: Edition | str | None = None,
    period: str | None = None,
    key: bytes | None = None,
    history: Mapping[str, History] | None = None,
    thorough: bool = True,
) -> list[Finding]:
    """Find what was changed in a returned workbook beside its entries.

    A whole seal that was made with the key given is proof enough. Else the workbook is made again as it was sent, from
    the edition and what its properties say, and compared: anyone can make a seal without a key anew.

    Args:
        source: the workbook, or what `preflight.inspect` made of it.
        edition: the edition it was made with, or its id; None takes the one its properties name.
        period: its period; None takes the one its properties name.
        key: the key it was sealed with.
        history: the periods before by ODS code, from a register, to compare what the workbook says of them.
        thorough: False takes a whole seal without a key as proof too, which is several times faster.
    """
    package = source if isinstance(source, Package) else inspect(Path(source))
    if isinstance(package, Finding):
        return [package]
    try:
        return _Check(package, edition, period, key, history).findings(thorough)
    except Exception as error:  # a file may be damaged in ways that no program would write
        why = f"its contents are not those of a workbook ({type(error).__name__})"
        return [finding("file-unreadable", value=package.path.name, why=why)]


class _Check:
    def __init__(
        self,
        package: Package,
        edition: Edition | str | None,
        period: str | None,
        key: bytes | None,
        history: Mapping[str, History] | None,
    ) -> None:
        self.name = package.path.name
        self.found: Description = describe(package.parts, package.plain)
        self.properties: Mapping[str, str] = self.found["properties"]
        self.key = key
        self.history = history
        named = edition or self.properties.get("pfexcel_edition", "") or self.on_cover(EDITION_ROW)
        if isinstance(named, str):  # a workbook may not name a file for us to open
            named = load_edition(named) if named in shipped_editions() else None
        self.edition = named
        self.period = self.period_of(period or self.properties.get("pfexcel_period", "") or self.on_cover(PERIOD_ROW))

    def on_cover(self, row: int) -> str:
        cells = next((s.get("cells", {}) for s in self.found["sheets"] if s["name"] == sheet_name("cover")), {})
        return cells.get(address(row, 1), "").removeprefix("'")

    def period_of(self, named: str) -> Period | None:
        try:
            return period_of(self.edition, named) if self.edition else None
        except ValueError:
            return None

    def findings(self, thorough: bool) -> list[Finding]:
        loose = [] if self.found["structure"] else [self.structure()]
        stored = self.properties.get(PROPERTY, "")
        method = stored.partition(":")[0]
        if (self.key or not thorough) and stored == seal(self.found, self.key):
            return loose
        if not stored:
            return [finding("seal-missing", value=self.name), *self.compared("")[0], *loose]
        if method == "sha256" and self.key:
            return [self.broken("it was made without the key"), *self.compared("")[0], *loose]
        if method == "hmac-sha256" and not self.key:
            found, was_made = self.compared("")
            how = "its locked cells were compared one by one" if was_made else "its locked cells were not checked"
            return [*found, finding("seal-not-checked", value=self.name, how=how), *loose]
        return [*self.compared(stored)[0], *loose]

    def compared(self, stored: str) -> tuple[list[Finding], bool]:
        """Compare with the workbook as it was sent, and the stored seal with both; was it made again?"""
        made = None
        if self.edition is not None and self.period is not None and not self.is_other_rulebook:
            made = pristine(self.edition, self.period, self.found, self.history)
        whole = bool(stored) and stored == seal(self.found, self.key)
        if made is None or self.edition is None:
            if not stored or whole:
                return [], False
            return [self.tampered("a locked cell, a name or a property was changed; which cannot be told")], False
        found = list(Differences(made.description, self.found, made.spoilt, self.edition).findings())
        if whole and not found:
            return [], True
        explained = bool(stored) and (bool(made.spoilt) or stored == seal(made.description, self.key))
        if found and self.is_other_version and not explained:
            return self.by_another_version(stored, whole), False
        if stored and not whole and not explained:
            found.append(self.tampered("a property, or a cell that the generator filled in, was changed"))
        return found, True

    def by_another_version(self, stored: str, whole: bool) -> list[Finding]:
        made = self.properties.get("pfexcel_version", "")
        found = [finding("version-differs", value=self.name, made=made, version=__version__)]
        if stored and not whole:
            found.append(self.tampered("a locked cell, a name or a property was changed"))
        return found

    @property
    def is_other_rulebook(self) -> bool:
        named = self.properties.get("pfexcel_rulebook", "")
        return bool(named) and self.edition is not None and named != self.edition.digest

    @property
    def is_other_version(self) -> bool:
        made_with = self.properties.get("pfexcel_version"), self.properties.get("pfexcel_template")
        return made_with not in ((__version__, template_digest()), (None, None))

    def tampered(self, what: str) -> Finding:
        """Where there is a key, another one is the likeliest reason."""
        return self.broken(
            f"the key given is probably not the one it was made with; if it is, {what}" if self.key else what
        )

    def broken(self, why: str) -> Finding:
        return finding("seal-broken", value=self.name, why=why)

    def structure(self) -> Finding:
        return finding("protection-removed", value="The structure of the workbook is no longer locked")
