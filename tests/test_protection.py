"""Protection: every sheet and the structure, SHA-512 where there is a password, and the same bytes every time."""

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from pfexcel import cli
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.generate import build_returns
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.parts import pack, unpack
from pfexcel.workbook.protection import SPINS, password_hash, protect
from tests import hosts

PASSWORD = "Pässwort €1"
HASH = ("algorithmName", "hashValue", "saltValue", "spinCount")


def job(period: str = "2011-12-Q3") -> Job:
    """A workbook of one ambulance trust, the smallest there is."""
    edition, of = load_edition(period[:7]), Period.parse(period)
    trust = in_scope(of.last_day, ["ambulance"], "Q33")[0]
    one = TrustReturn(trust, edition.rulebook("ambulance"), of, {})
    return Job(edition, of, "Q33", "East Midlands", (one,))


def written(path: Path, password: str = "", period: str = "2011-12-Q3") -> Path:
    write_workbook(job(period), path, password)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("plain") / "plain.xlsx")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("locked") / "locked.xlsx", PASSWORD)


def protections(path: Path) -> list[dict[str, str]]:
    """The attributes of the protection of each sheet."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                elements = re.findall(r"<sheetProtection ([^>]*)/>", archive.read(name).decode())
                assert len(elements) == 1, name
                found.append(dict(re.findall(r'(\w+)="([^"]*)"', elements[0])))
    return found


def structure(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode()
    [attributes] = re.findall(r"<workbookPr\b[^>]*/><workbookProtection ([^>]*)/><bookViews>", book)
    return dict(re.findall(r'(\w+)="([^"]*)"', attributes))


def ecma_hash(password: str, salt: str, spins: int) -> str:
    """The hash as ECMA-376 part 1, 18.3.1.85 and 18.2.29 describe it."""
    found = hashlib.new("sha512", base64.b64decode(salt) + password.encode("utf-16-le"))
    for spin in range(spins):
        found = hashlib.new("sha512", found.digest() + bytes(spin >> 8 * place & 0xFF for place in range(4)))
    return base64.b64encode(found.digest()).decode()


def test_every_sheet_and_the_structure_are_protected(plain: Path, locked: Path) -> None:
    for path in (plain, locked):
        with zipfile.ZipFile(path) as archive:
            sheets = archive.read("xl/workbook.xml").count(b"<sheet ")
        assert len(protections(path)) == sheets
        assert all(found["sheet"] == "1" for found in protections(path))
        assert structure(path)["lockStructure"] == "1"


def test_without_a_password_there_is_no_hash(plain: Path) -> None:
    assert structure(plain) == {"lockStructure": "1"}
    assert all(not {*HASH, "password"} & set(found) for found in protections(plain))


def test_the_hash_is_that_of_the_standard(locked: Path) -> None:
    book = structure(locked)
    salt, expected = book["workbookSaltValue"], book["workbookHashValue"]
    assert len(base64.b64decode(salt)) == 16
    assert int(book["workbookSpinCount"]) == SPINS == 100_000
    assert ecma_hash(PASSWORD, salt, SPINS) == expected
    assert book["workbookAlgorithmName"] == "SHA-512"
    for found in protections(locked):
        assert [found[name] for name in HASH] == ["SHA-512", expected, salt, "100000"]


def test_what_a_sheet_permits_stays_permitted(plain: Path, locked: Path) -> None:
    permitted = [{k: v for k, v in found.items() if k not in HASH} for found in protections(locked)]
    assert permitted == protections(plain)
    for found in permitted:
        assert [found[name] for name in ("formatColumns", "formatRows", "autoFilter")] == ["0", "0", "0"]
        assert (found["objects"], found["scenarios"]) == ("1", "1")
        assert not {"insertRows", "deleteRows", "formatCells", "sort", "selectLockedCells"} & set(found)


def test_a_sheet_without_protection_gets_one(plain: Path) -> None:
    parts = unpack(plain.read_bytes())
    name = "xl/worksheets/sheet1.xml"
    parts[name] = re.sub(rb"<sheetProtection [^>]*/>", b"", parts[name])
    parts["xl/workbook.xml"] = re.sub(rb"<workbookProtection [^>]*/>", b"", parts["xl/workbook.xml"])
    protect(parts, "", "2011-12", "2011-12-Q3")
    assert b'</sheetData><sheetProtection sheet="1" objects="1" scenarios="1"/>' in parts[name]


def test_only_entries_are_unlocked(locked: Path) -> None:
    book = openpyxl.load_workbook(locked)
    assert book.security.lockStructure
    sheet = book.worksheets[-1]
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)


# --- the same bytes ---


def test_the_same_password_gives_the_same_bytes(locked: Path, plain: Path, tmp_path: Path) -> None:
    assert written(tmp_path / "again.xlsx", PASSWORD).read_bytes() == locked.read_bytes()
    assert written(tmp_path / "plain.xlsx").read_bytes() == plain.read_bytes()


def test_the_salt_follows_from_password_edition_and_period() -> None:
    salts = {
        password_hash(*given)[1]
        for given in [
            ("a", "2011-12", "2011-12-Q3"),
            ("b", "2011-12", "2011-12-Q3"),
            ("a", "2010-11", "2011-12-Q3"),
            ("a", "2011-12", "2011-12-Q2"),
        ]
    }
    assert len(salts) == 4


def test_a_password_is_derived_once_a_run(tmp_path: Path) -> None:
    password_hash.cache_clear()
    build_returns("2011-12", "2011-12-Q3", tmp_path, sha="Q38", by="trust", password=PASSWORD)
    assert password_hash.cache_info().misses == 1


def test_packing_gives_the_parts_and_the_bytes_again(plain: Path) -> None:
    assert pack(unpack(plain.read_bytes())) == plain.read_bytes()


def test_parts_stand_in_the_zip_as_xlsxwriter_has_them(plain: Path) -> None:
    with zipfile.ZipFile(plain) as archive:
        infos = archive.infolist()
    assert infos[0].filename == "[Content_Types].xml"
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_DEFLATED}


# --- the command line ---


def generate(monkeypatch: pytest.MonkeyPatch, out: Path, *options: str) -> int:
    common = ["--edition", "2011-12", "--period", "2011-12-Q3", "--sha", "Q38", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["pfexcel", "generate", *common, *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_generate_takes_a_password_and_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("a secret of the Department\n")
    assert generate(monkeypatch, tmp_path / "out", "--password", PASSWORD, "--key", str(tmp_path / "key")) == 0
    [path] = (tmp_path / "out").glob("*.xlsx")
    assert all(found["saltValue"] for found in protections(path))
    with zipfile.ZipFile(path) as archive:
        assert b'name="pfexcel_seal"><vt:lpwstr>hmac-sha256:' in archive.read("docProps/custom.xml")


def test_a_short_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text("short")
    assert generate(monkeypatch, tmp_path / "out", "--key", str(tmp_path / "key")) == 2
    assert "holds 5 bytes; a key has 16 or more" in capsys.readouterr().err
    assert generate(monkeypatch, tmp_path / "out", "--key", str(tmp_path / "absent")) == 2
    assert not (tmp_path / "out").exists()


# --- hosts ---


@pytest.mark.host
def test_the_validator_finds_nothing_wrong(plain: Path, locked: Path) -> None:
    hosts.require_validator()
    assert hosts.validate_ooxml([plain, locked]) == {plain: [], locked: []}


UNPROTECT = """
import json, sys, time, uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
pipe, url, *passwords = sys.argv[1:]
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for _ in range(300):
    try:
        context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        break
    except NoConnectException:
        time.sleep(0.2)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
hidden = PropertyValue()
hidden.Name, hidden.Value = "Hidden", True
document = desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
found = []
for index in range(document.Sheets.Count):
    sheet, states = document.Sheets.getByIndex(index), []
    for password in passwords:
        try:
            sheet.unprotect(password)
        except Exception:
            pass
        states.append(sheet.isProtected())
    found.append(states)
print(json.dumps(found), flush=True)
document.close(True)
desktop.terminate()
"""


@pytest.mark.host
def test_libreoffice_asks_for_the_password(locked: Path, tmp_path: Path) -> None:
    """It takes the protection of a sheet off by the right password, and by no other."""
    hosts.require_soffice()
    python = next((p for p in ("/usr/bin/python3", sys.executable) if _has_uno(p)), None)
    if python is None:
        hosts._missing("python3-uno is not installed")
    assert python is not None
    profile, pipe = hosts.soffice_profile(tmp_path / "profile"), f"pfexcel-{tmp_path.name}"
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    listen = f"--accept=pipe,name={pipe};urp;"
    office = subprocess.Popen([*command, listen], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        passwords = ["", "Passwort 1", PASSWORD.lower(), PASSWORD]
        answer = subprocess.run(
            [python, "-c", UNPROTECT, pipe, locked.as_uri(), *passwords],
            capture_output=True,
            text=True,
            check=False,  # the bridge may crash once LibreOffice has gone; what it answered before counts
            timeout=120,
        )
        office.wait(timeout=60)
    finally:
        if office.poll() is None:
            os.killpg(office.pid, signal.SIGKILL)
    states = json.loads(answer.stdout)
    assert len(states) == len(protections(locked))
    assert all(state == [True, True, True, False] for state in states)


def _has_uno(python: str) -> bool:
    return subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0
