"""The dashboard opened from disk in headless Chromium: by mouse, by keyboard, by a screen reader's rules, on paper."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from pfexcel.publish.dashboard import dashboard_html
from pfexcel.publish.publication import Publication, ShaEntry, TrustEntry
from tests import hosts
from tests.publications import sample_publication

pytestmark = pytest.mark.host

SHA, TRUST, DOMAIN, INDICATOR = "Q34", "RBK", "finance", "ytd_ebitda_margin"
LEVELS = ("", SHA, f"{SHA}/{TRUST}", f"{SHA}/{TRUST}/{DOMAIN}", f"{SHA}/{TRUST}/{DOMAIN}/{INDICATOR}")
LISTS = ("trusts", "movements", "interventions", "indicators", f"indicators/acute/{INDICATOR}", "data", "about")
VIEWS = (*LEVELS, *LISTS, "find?q=west", "nowhere")
GO = "view => new Promise(done => { addEventListener('hashchange', done, { once: true }); location.hash = view })"
DESK, PHONE = (1366, 768), (390, 844)
ATTACK = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>{{data}}\u202e=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = hosts.require_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboards")


@pytest.fixture(scope="module")
def england(folder: Path) -> str:
    return _saved(folder / "england.html", sample_publication())


@pytest.fixture(scope="module")
def west_midlands(folder: Path) -> str:
    return _saved(folder / "west-midlands.html", one_sha(sample_publication()))


def one_sha(publication: Publication, most: int = 99) -> Publication:
    """The publication with the trusts of one SHA only, or the first of them with the one that is looked at."""
    [sha] = [sha for sha in publication.shas if sha.code == SHA]
    trusts = [trust for place, trust in enumerate(sha.trusts) if place < most or trust.ods_code == TRUST]
    return replace(publication, shas=(replace(sha, trusts=tuple(trusts)),), counts=sha.counts)


def _saved(path: Path, publication: Publication) -> str:
    path.write_bytes(dashboard_html(publication))
    return path.as_uri()


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open a page; at the end of the test it must have asked for no other file, and complained of nothing."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    complaints: list[str] = []

    def start(address: str, size: tuple[int, int] = DESK, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.endswith(".html")] == []
    assert len(asked) == len(contexts)


def look(page: Page, view: str) -> None:
    """Go to a view within the page, and wait until it stands there."""
    page.evaluate(GO, f"#/{view}")


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def trust_of(publication: Publication, code: str) -> tuple[ShaEntry, TrustEntry]:
    return next((sha, trust) for sha, trust in publication.trusts if trust.ods_code == code)


def crumbs(page: Page) -> list[str]:
    return page.locator("#crumbs li").all_inner_texts()


def test_every_level_is_reached_by_clicking(opened: Opened, england: str) -> None:
    page = opened(england)
    sha, trust = trust_of(sample_publication(), TRUST)
    titles = [page.title()]
    for name in (sha.name, trust.name, "Finance", "YTD EBITDA margin"):
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator("h1")).to_contain_text(name)
        titles.append(page.title())
    assert page.url.endswith(f"#/{LEVELS[-1]}")
    assert crumbs(page) == ["England", sha.name, trust.name, "Finance", "YTD EBITDA margin"]
    assert len(set(titles)) == len(LEVELS)
    for name in ("Finance", trust.name, sha.name, "England"):
        page.locator("#crumbs").get_by_role("link", name=name, exact=True).click()
        expect(page.locator("h1")).to_contain_text(name)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this text has the focus."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            return
    pytest.fail(f"{name} is not reached by Tab")


def test_every_level_is_reached_by_keyboard_alone(opened: Opened, england: str) -> None:
    page = opened(england)
    sha, trust = trust_of(sample_publication(), TRUST)
    tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    for name in (sha.name, trust.name, "Finance", "YTD EBITDA margin"):
        tab_to(page, name)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(name)
        expect(page.locator("h1")).to_be_focused()
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Finance")
    expect(page.get_by_role("link", name="YTD EBITDA margin", exact=True)).to_be_focused()


@pytest.mark.parametrize(("edition", "last"), [("2009-10", 4), ("2011-12", 1), ("2012-13", 12)])
def test_a_deep_link_opens_its_view(opened: Opened, folder: Path, edition: str, last: int) -> None:
    publication = one_sha(sample_publication(edition, last))
    sha, trust = trust_of(publication, TRUST)
    page = opened(f"{_saved(folder / f'{edition}.html', publication)}#/{LEVELS[-1]}")
    assert heading(page) == "YTD EBITDA margin"
    rated = trust.domain(DOMAIN)
    [text] = [one for one in publication.rules_of("acute").indicators if one.id == INDICATOR]
    [own] = [one for one in trust.indicators if one.id == INDICATOR]
    said = page.locator("main").inner_text()
    assert rated is not None
    assert all(part in said for part in (own.value_words, own.need, text.scoring, text.reference))
    for view in VIEWS:
        look(page, view)
    look(page, f"{SHA}/{TRUST}")
    said = page.locator("main").inner_text()
    for domain in trust.domains:
        assert domain.title in said
        assert domain.stands in said
        assert domain.score_words in said
    look(page, SHA)
    assert page.locator("tbody th[scope=row] a").count() == len(sha.trusts)


def test_what_is_not_there_is_said(opened: Opened, england: str) -> None:
    page = opened(f"{england}#/Q34/XXX")
    assert heading(page) == "Not found"
    for view in (
        "Q99",
        f"Q36/{TRUST}",
        f"{SHA}/{TRUST}/nothing",
        f"{SHA}/{TRUST}/{DOMAIN}/nothing",
        "%E0%A4%A",
        "toString",
    ):
        look(page, view)
        assert heading(page) == "Not found"


def shown(page: Page) -> list[str]:
    """The names in the table of trusts, in order."""
    return page.locator("table:has(caption:text('All trusts')) tbody th a").all_inner_texts()


def test_filters_pick_and_sorting_orders(opened: Opened, england: str) -> None:
    page = opened(f"{england}#/trusts")
    trusts = [trust for _, trust in sample_publication().trusts]
    page.get_by_label("Finance, in force").select_option("Challenged")
    finance = {trust.ods_code: trust.domain("finance") for trust in trusts}
    expected = [t for t in trusts if (own := finance[t.ods_code]) and own.stands == "Challenged"]
    assert shown(page) == [trust.name for trust in expected]
    assert page.get_by_role("status").inner_text() == f"{len(expected)} of {len(trusts)} trusts shown"
    page.get_by_label("Type").select_option("acute")
    expected = [trust for trust in expected if trust.trust_type == "acute"]
    for way in (1, -1):
        page.get_by_role("button", name="Score").click()
        scores = [own.score for trust in expected if (own := finance[trust.ods_code]) and own.score is not None]
        cells = page.locator("table tbody tr td:nth-of-type(3)").all_inner_texts()
        assert [float(cell) for cell in cells if cell != "–"] == sorted(scores, reverse=way < 0)
        head = page.locator("th[aria-sort]")
        assert head.get_attribute("aria-sort") == ("ascending" if way > 0 else "descending")
    kept = page.url
    page.locator("tbody th a").first.click()
    page.go_back()
    assert page.url == kept
    assert len(shown(page)) == len(expected)
    page.get_by_label("Name or ODS code").fill("no such trust")
    assert page.get_by_role("status").inner_text() == f"0 of {len(trusts)} trusts shown"
    page.get_by_role("button", name="Clear filters").click()
    assert len(shown(page)) == len(trusts)


def test_a_number_leads_to_the_trusts_it_counts(opened: Opened, england: str) -> None:
    page = opened(england)
    row = page.locator("table:has(caption:text('Finance: trusts by category')) tr:has-text('Underperforming')")
    number = row.get_by_role("link").first
    count = int(number.inner_text())
    number.click()
    expect(page.get_by_role("status")).to_contain_text(f"{count} of ")
    assert len(shown(page)) == count


def test_search_by_keyboard(opened: Opened, england: str) -> None:
    page = opened(england)
    box = page.get_by_role("combobox")
    box.fill("walsall")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Walsall")
    box.fill("rxk")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).not_to_contain_text("Walsall")
    expect(page.locator("main").get_by_role("link")).to_have_text("Sandwell and West Birmingham Hospitals NHS Trust")
    box.fill("margin")
    expect(page.get_by_role("option")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.parametrize(
    ("views", "size", "scheme"), [(VIEWS, DESK, "light"), (LEVELS, PHONE, "dark")], ids=["desk", "phone and dark"]
)
def test_axe_finds_no_violation_at_any_level(
    opened: Opened, folder: Path, views: tuple[str, ...], size: tuple[int, int], scheme: str
) -> None:
    few = _saved(folder / "few.html", one_sha(sample_publication(), most=2))
    page = opened(few, size, bypass_csp=True, color_scheme=scheme)
    page.evaluate(hosts.AXE.read_text(encoding="utf-8"))
    found = {}
    for view in views:
        look(page, view)
        answer = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        found[view] = [(one["id"], [node["html"] for node in one["nodes"]]) for one in answer["violations"]]
    assert {view: violations for view, violations in found.items() if violations} == {}


def test_hostile_texts_do_nothing(opened: Opened, folder: Path) -> None:
    sample = sample_publication()
    [sha] = [sha for sha in sample.shas if sha.code == SHA]
    [trust] = [trust for trust in sha.trusts if trust.ods_code == TRUST]
    findings = tuple(replace(one, message=ATTACK, action=ATTACK, reference=ATTACK) for one in trust.findings)
    bad = replace(
        trust, name=ATTACK, lead_commissioner=ATTACK, action_plan_date=ATTACK, note=ATTACK, findings=findings,
        domains=tuple(replace(one, title=ATTACK, missing=(ATTACK,), label=ATTACK) for one in trust.domains),
        indicators=tuple(replace(one, value_words=ATTACK, need=ATTACK) for one in trust.indicators),
        steps=tuple(replace(one, value=ATTACK, result=ATTACK) for one in trust.steps),
    )  # fmt: skip
    trusts = tuple(bad if one is trust else one for one in sha.trusts)
    hostile = replace(sample, notice=ATTACK, notes=(ATTACK,), shas=(replace(sha, name=ATTACK, trusts=trusts),))
    page = opened(_saved(folder / "hostile.html", hostile))
    for view in (*VIEWS, "find?q=<img src=x onerror='window.hurt=1'>"):
        look(page, view)
        assert page.evaluate("window.hurt") is None
        assert page.locator("main img, main script, header img").count() == 0
    look(page, f"{SHA}/{TRUST}")
    assert "<img src=x" in heading(page)


def test_nothing_is_cut_off_on_a_phone(opened: Opened, west_midlands: str) -> None:
    page = opened(west_midlands, PHONE)
    for view in VIEWS:
        look(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0], view
    look(page, SHA)
    table = page.get_by_role("region", name="Trusts of West Midlands")
    assert table.get_attribute("tabindex") == "0"


def test_the_view_prints_on_a4(opened: Opened, west_midlands: str) -> None:
    page = opened(f"{west_midlands}#/{SHA}/{TRUST}")
    page.emulate_media(media="print")
    for part in ("#nav", "#search", ".skip"):
        expect(page.locator(part)).to_be_hidden()
    pages = pypdf.PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert {(round(one.mediabox.width), round(one.mediabox.height)) for one in pages} == {(595, 842)}
    printed = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pages))
    _, trust = trust_of(sample_publication(), TRUST)
    for text, own in sample_publication().indicators(trust):
        assert text.label in printed
        assert own.value_words in printed
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0


def test_without_javascript_the_tables_stand_there(opened: Opened, england: str) -> None:
    page = opened(england, java_script_enabled=False)
    assert page.locator("caption").count() > 10
    for _, trust in sample_publication().trusts:
        expect(page.get_by_role("rowheader", name=trust.name, exact=True)).to_be_visible()
        break
    expect(page.locator("#nav")).to_be_hidden()
    expect(page.locator("#search")).to_be_hidden()
