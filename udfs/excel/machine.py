"""What there is on a computer that Excel's functions need: folders, installed libraries, the registry of Windows."""

from __future__ import annotations

import csv
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """A computer and its Python.

    `registry` gives a value of the registry by key and name, None where there is none; `installed` the version of an
    installed library; `answer` what a Python prints last to a program; `encoding` is how Excel's macros read a file.
    """

    system: str
    home: Path
    app_data: Path
    python: Path
    encoding: str
    registry: Callable[[str, str], str | int | None]
    installed: Callable[[str], str | None]
    answer: Callable[[str, str], str]

    @property
    def windows(self) -> bool:
        """Is this Windows?"""
        return self.system == "Windows"

    @property
    def add_ins(self) -> Path:
        """The folder whose add-ins Excel lists by themselves."""
        return self.app_data / "Microsoft" / "AddIns"

    @property
    def settings(self) -> Path:
        """The file that tells the add-in which Python to start, in the form of xlwings' own."""
        return self.home / ".pfexcel" / "pfexcel.conf"

    def interpreter(self) -> str | None:
        """The Python that the add-in starts; None where none is set."""
        return read_settings(self).get(INTERPRETER)


INTERPRETER = "INTERPRETER_WIN"


def this_machine() -> Machine:
    """The computer that this runs on."""
    home = Path.home()
    return Machine(
        system=platform.system(),
        home=home,
        app_data=Path(os.environ.get("APPDATA", home / "AppData" / "Roaming")),
        python=Path(sys.executable),
        encoding="mbcs" if sys.platform == "win32" else "utf-8",
        registry=_registry,
        installed=_installed,
        answer=_answer,
    )


def read_settings(machine: Machine) -> dict[str, str]:
    """The settings of the add-in by name: lines of the form `"NAME","value"`."""
    try:
        lines = machine.settings.read_text(encoding=machine.encoding, errors="replace").splitlines()
    except OSError:
        return {}
    return {pair[0]: pair[1] for pair in csv.reader(lines) if len(pair) == 2}


def write_settings(machine: Machine, settings: dict[str, str]) -> None:
    """Write the settings of the add-in.

    Raises:
        ValueError: for a text that Excel's macros could not read.
    """
    text = "".join(f'"{name}","{value}"\r\n' for name, value in settings.items())
    try:
        content = text.encode(machine.encoding)
    except UnicodeEncodeError as error:
        sign = text[error.start : error.end]
        raise ValueError(
            f"Excel's macros cannot read {sign!r} in {machine.python}; install Python in a folder without it."
        ) from None
    machine.settings.parent.mkdir(parents=True, exist_ok=True)
    beside = machine.settings.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, machine.settings)


def _installed(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _answer(python: str, program: str) -> str:
    try:
        ended = subprocess.run([python, "-P", "-c", program], capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "".join(f"{ended.stdout}\n{ended.stderr}".strip().splitlines()[-1:])


def _registry(key: str, name: str) -> str | int | None:
    if sys.platform != "win32":
        return None
    import winreg

    hive, _, path = key.partition("\\")
    try:
        with winreg.OpenKey(
            {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive], path
        ) as opened:
            return winreg.QueryValueEx(opened, name)[0]
    except OSError:
        return None
