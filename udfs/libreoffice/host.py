"""LibreOffice Calc as a host of the worksheet functions: its extension, its set-up, and what it lacks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pfexcel
from udfs.host import Check
from udfs.libreoffice.extension import FILE, IDENTIFIER, build_extension
from udfs.libreoffice.office import Office, OfficeError, find_office

OLDEST, OLDEST_PYTHON = (25, 2), "3.10"
INSTALL = "Run pfexcel functions install libreoffice."
GET_IT = f"Install LibreOffice {OLDEST[0]}.{OLDEST[1]} or later."
BY_HAND = "In LibreOffice: Tools, Extensions, Add, and choose the file that pfexcel functions build made."


class LibreOfficeHost:
    """LibreOffice Calc, through an extension in which everything is that it needs."""

    name = "LibreOffice"

    def __init__(self, office: Office | None = None) -> None:
        self.office = office or find_office()

    def build(self, out: Path, template: Path | None = None) -> list[Path]:
        """Write the extension; the template workbook serves LibreOffice as it is."""
        path = out / FILE
        beside = path.with_suffix(".new")
        beside.write_bytes(build_extension())
        os.replace(beside, path)
        return [path]

    def install(self) -> list[str]:
        """Add the extension to LibreOffice, in place of another version of it."""
        if self.office is None:
            raise ValueError(f"it was not found. {GET_IT} If it is there all the same: {BY_HAND}")
        with tempfile.TemporaryDirectory(prefix="pfexcel-") as folder:
            [extension] = self.build(Path(folder))
            try:
                self.office.add_extension(extension)
            except OfficeError as error:
                raise ValueError(f"{error}. Close LibreOffice and run this again, or: {BY_HAND}") from None
        return [
            f"pfexcel {pfexcel.__version__} is installed in {self.office.folder}.",
            "Start LibreOffice again if it runs. Then =PF_VERSION() in a cell answers the version, or what is wrong.",
            "The functions stand in the function wizard under Add-in, with help for each argument.",
        ]

    def doctor(self) -> list[Check]:
        """Look at LibreOffice, its Python and the extension, and try a function."""
        return list(self._checks())

    def _checks(self) -> Iterator[Check]:
        if self.office is None:
            yield Check("LibreOffice", "Not found", GET_IT)
            return
        try:
            version = self.office.version()
        except OfficeError as error:
            yield Check("LibreOffice", f"{error}", GET_IT)
            return
        named = ".".join(map(str, version)) or "of unknown version"
        old = "" if version >= OLDEST else f"{GET_IT} An older one does not find the functions in .xlsx files."
        yield Check("LibreOffice", f"{named}, {self.office.folder}", old)
        yield from self._trial()
        yield self._installed()

    def _trial(self) -> Iterator[Check]:
        assert self.office is not None
        what, trying = f"Python {OLDEST_PYTHON} or later in LibreOffice", "A function, tried in LibreOffice"
        try:
            trial = self.office.try_extension(build_extension())
        except OfficeError as error:
            yield Check(trying, f"{error}", "Start LibreOffice once by hand, then run this again.")
            return
        if not trial.python:
            install = "Install LibreOffice's support for Python (on Debian: python3-uno)."
            yield Check(what, "Did not run", install)
        else:
            yield Check(what, trial.python, f"{trial.problem}." if trial.problem else "")
        wanted = f"pfexcel {pfexcel.__version__}"
        fine = trial.answer.startswith(wanted)
        yield Check(trying, f"=PF_VERSION(): {trial.answer or 'no answer'}", "" if fine else "See the lines above.")

    def _installed(self) -> Check:
        assert self.office is not None
        found = self.office.extension(IDENTIFIER)
        if found is None:
            return Check("Extension", "Not installed", INSTALL)
        if found != pfexcel.__version__:
            return Check("Extension", f"{found}; pfexcel is {pfexcel.__version__}", INSTALL)
        return Check("Extension", found)
