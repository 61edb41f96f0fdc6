"""Excel for Windows as a host of the worksheet functions: its files, its set-up, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pfexcel
from udfs.excel import files
from udfs.excel.machine import INTERPRETER, Machine, read_settings, this_machine, write_settings
from udfs.host import Check

INSTALL = "Run pfexcel functions install."
LIBRARIES = 'Run pip install "pfexcel[excel]" with this Python, then pfexcel functions install.'
OWN_ENVIRONMENT = (
    'Make an environment of its own (python -m venv); in it run pip install "pfexcel[excel]" and pfexcel functions '
    "install."
)
ELSEWHERE = (
    "Excel runs these functions on Windows only. Elsewhere use LibreOffice, the command line (pfexcel rate), or return "
    "workbooks, which rate by Excel's own formulas"
)
ASK_IT = "Ask whoever manages this computer, or use LibreOffice or the command line (pfexcel rate)."

TRIAL = "from udfs.excel import functions; print(functions.PF_VERSION())"

EXCEL_KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
MACRO_KEYS = (
    r"HKCU\Software\Policies\Microsoft\office\16.0\excel\security",
    r"HKCU\Software\Microsoft\Office\16.0\Excel\Security",
)
MACROS_OFF = {3: "only signed macros run", 4: "no macro runs"}
CHILD_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
CHILD_RULE = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
"""Defender's rule that Office applications start no other program, if its value is 1."""


class ExcelHost:
    """Excel for Windows through xlwings; on another system it only builds."""

    name = "Excel"

    def __init__(self, machine: Machine | None = None) -> None:
        self.machine = machine or this_machine()

    def build(self, out: Path, template: Path | None = None) -> list[Path]:
        """Write the add-in and, of the template workbook, one with the functions in it as macros."""
        version = self.xlwings
        written = [files.write_add_in(out / files.ADD_IN, version)]
        if template is not None:
            written.append(files.write_macro_workbook(template, out / f"{template.stem}.xlsm", version))
        return written

    def install(self) -> list[str]:
        """Put the add-in where Excel finds it, and tell it which Python to start."""
        machine = self.machine
        if not machine.windows:
            raise ValueError(f"this is {machine.system}. {ELSEWHERE}.")
        if machine.installed("xlwings") is None:
            raise ValueError(f"xlwings is not installed. {LIBRARIES}")
        machine.add_ins.mkdir(parents=True, exist_ok=True)
        add_in = machine.add_ins / files.ADD_IN
        try:
            files.write_add_in(add_in, self.xlwings)
        except PermissionError:
            raise ValueError(f"{add_in} cannot be written. Close Excel, then run this again.") from None
        write_settings(machine, {**read_settings(machine), INTERPRETER: str(machine.python)})
        return [
            f"{add_in} is in place, for pfexcel {pfexcel.__version__}.",
            f"It will start {machine.python}, as {machine.settings} says.",
            "In Excel choose File, Options, Add-ins, Manage Excel Add-ins, Go; tick pfexcel; OK.",
            "Then =PF_VERSION() in a cell answers the version, or says what is wrong.",
        ]

    def doctor(self) -> list[Check]:
        """Look at everything the functions need in Excel."""
        machine = self.machine
        if not machine.windows:
            return [Check("Windows", f"This is {machine.system}", f"{ELSEWHERE}.")]
        return list(self._checks())

    @property
    def xlwings(self) -> str:
        """The xlwings that the files are made for: the one that is installed here, if any."""
        return self.machine.installed("xlwings") or files.XLWINGS

    def _checks(self) -> Iterator[Check]:
        machine = self.machine
        excel = machine.registry(EXCEL_KEY, "")
        yield Check("Excel", str(excel or "Not found"), "" if excel else "Install Excel for Windows.")
        yield self._macros()
        yield self._children()
        for library in ("xlwings", "pywin32", "pyOpenVBA"):
            version = machine.installed(library)
            yield Check(library, version or "Not installed", "" if version else LIBRARIES)
        yield self._connection()
        yield self._add_in()
        yield self._interpreter()
        yield self._trial()

    def _macros(self) -> Check:
        for key in MACRO_KEYS:
            off = MACROS_OFF.get(int(self.machine.registry(key, "VBAWarnings") or 0))
            if off is not None:
                where = "by policy" if "Policies" in key else "in Excel's Trust Center"
                return Check("Macros", f"Switched off {where}: {off}", ASK_IT)
        return Check("Macros", "Not switched off")

    def _children(self) -> Check:
        if str(self.machine.registry(CHILD_KEY, CHILD_RULE) or "") == "1":
            return Check("Excel may start Python", "No, by a rule of Microsoft Defender", ASK_IT)
        return Check("Excel may start Python", "No rule of Microsoft Defender against it")

    def _connection(self) -> Check:
        """The library that Excel loads: one for Excel of 32 bits, one for Excel of 64; where the macros look for it."""
        what, names = "xlwings' libraries for Excel", [f"xlwings{bits}-{self.xlwings}.dll" for bits in (32, 64)]
        python = Path(self.machine.interpreter() or self.machine.python)
        folders = (python.parent, python.parent.parent)
        for folder in folders:
            if all((folder / name).is_file() for name in names):
                return Check(what, str(folder))
        found = f"{' and '.join(names)} neither in {folders[0]} nor in {folders[1]}"
        return Check(what, found, OWN_ENVIRONMENT)

    def _add_in(self) -> Check:
        add_in = self.machine.add_ins / files.ADD_IN
        if not add_in.is_file():
            return Check("Add-in", f"No {files.ADD_IN} in {add_in.parent}", INSTALL)
        made_for = files.versions(add_in)
        wanted = {files.VERSION: pfexcel.__version__, files.XLWINGS_VERSION: self.xlwings}
        for what, version in wanted.items():
            if made_for.get(what) != version:
                found = f"{add_in} is for {what} {made_for.get(what, 'unknown')}; {version} is installed"
                return Check("Add-in", found, f"Close Excel. {INSTALL}")
        return Check("Add-in", str(add_in))

    def _interpreter(self) -> Check:
        what, set_to = "Python for Excel", self.machine.interpreter()
        if set_to is None:
            return Check(what, f"No {INTERPRETER} in {self.machine.settings}", INSTALL)
        if not Path(set_to).is_file():
            return Check(what, f"{set_to} is not there any more", INSTALL)
        if Path(set_to) != self.machine.python:
            return Check(what, f"{set_to}, not this one, {self.machine.python}", f"If that is not meant: {INSTALL}")
        return Check(what, set_to)

    def _trial(self) -> Check:
        what, set_to = "A function, tried as Excel tries it", self.machine.interpreter()
        if set_to is None:
            return Check(what, "Not tried", INSTALL)
        found = self.machine.answer(set_to, TRIAL)
        fine = found.startswith(f"pfexcel {pfexcel.__version__},")
        return Check(what, found or "No answer", "" if fine else LIBRARIES)
