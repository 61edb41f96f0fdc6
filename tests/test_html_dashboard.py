"""The dashboard as a file: the same bytes each time, all of the publication in it, nothing from outside."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pfexcel.publish.dashboard import dashboard_html
from pfexcel.publish.publication import Publication, from_json, to_json
from pfexcel.workbook.templates import template
from tests.publications import sample_publication

ASSETS = Path(__file__).parents[1] / "pfexcel" / "publish" / "dashboard" / "assets"
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (ASSETS / "js").glob("*.js")}
SAMPLES = (("2009-10", 4), ("2011-12", 4), ("2012-13", 12))
HOSTILE = "</script><script>alert(1)</script><!-- ]]> \u2028 \ud800 \x00 {{data}} <img src=x onerror=alert(1)> & '\""


class Page(HTMLParser):
    """The elements of a page: their names, the content of `script` and `style`, the text of `noscript`."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self.text = ""
        self._open = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.tags.append((tag, own))
        self._open = str(own.get("type", tag)) if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.content[self._open] = data
        else:
            self.text += data

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.content["application/json"])


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: sample[0])
def publication(request: pytest.FixtureRequest) -> Publication:
    return sample_publication(*request.param)


def unpack(packed: Mapping[str, Any], kind: str, value: Any) -> Any:
    """As `data.js` does it."""
    if value is None:
        return None
    if kind.endswith("*"):
        return [unpack(packed, kind[:-1], one) for one in value]
    if kind in ("text", "plain"):
        return packed["texts"][value] if kind == "text" else value
    record = packed["records"][kind]
    return {name: unpack(packed, own, one) for (name, own), one in zip(record, value, strict=True)}


def test_the_same_publication_gives_the_same_bytes(publication: Publication) -> None:
    assert dashboard_html(publication) == dashboard_html(from_json(to_json(publication)))


def test_every_figure_of_the_publication_is_in_the_page(publication: Publication) -> None:
    data = Page(dashboard_html(publication)).data
    assert unpack(data, "Publication", data["publication"]) == json.loads(to_json(publication))


def test_without_a_script_every_trust_stands_there(publication: Publication) -> None:
    text = Page(dashboard_html(publication)).text
    absent = [trust.name for _, trust in publication.trusts if trust.name not in text]
    assert not absent
    assert publication.notice in text


def test_the_page_is_small(publication: Publication) -> None:
    size = len(dashboard_html(publication))
    print(f"{publication.period.text}: {size / 1e6:.2f} MB")
    assert size < 5_000_000


def test_nothing_comes_from_outside() -> None:
    page = Page(dashboard_html(sample_publication()))
    urls = {
        url for part in (*page.content.values(), json.dumps(page.tags)) for url in re.findall(r"\w+://[^\s'\"]+", part)
    }
    assert urls == {"http://www.w3.org/2000/svg"}  # a name, not an address
    asking = {name: own for name, own in page.tags if {"src", "srcset", "data", "action"} & own.keys()}
    assert not asking
    assert [own["href"] for name, own in page.tags if name == "link" and not str(own["href"]).startswith("data:")] == []


def test_the_policy_lets_only_this_script_and_style_run() -> None:
    page = Page(dashboard_html(sample_publication()))
    policy = next(str(own["content"]) for _, own in page.tags if own.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for rule, kind in (("script-src", "module"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(page.content[kind].encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert not [own for _, own in page.tags if "style" in own or any(name.startswith("on") for name in own)]


def test_hostile_texts_stay_texts() -> None:
    sample = sample_publication()
    trust = replace(sample.shas[0].trusts[0], name=HOSTILE, lead_commissioner=HOSTILE)
    sha = replace(sample.shas[0], name=HOSTILE, trusts=(trust, *sample.shas[0].trusts[1:]))
    hostile = replace(sample, title=HOSTILE, notice=HOSTILE, shas=(sha, *sample.shas[1:]))
    made, plain = Page(dashboard_html(hostile)), Page(dashboard_html(sample))
    assert [name for name, _ in made.tags] == [name for name, _ in plain.tags]
    assert HOSTILE in made.data["texts"]


def keys(words: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in words.items():
        if isinstance(value, dict):
            yield from keys(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_text_that_is_said_exists_and_is_said() -> None:
    known = {key for key in keys(template("dashboard")) if key.partition(".")[0] not in ("page", "plain", "nav")}
    script = "\n".join(SCRIPTS.values())
    said = set(re.findall(r'say\(\s*"([\w.]+)"', script))
    said |= {choice for pair in re.findall(r'say\([^()"`]*\? "([\w.]+)" : "([\w.]+)"', script) for choice in pair}
    said |= {f"{key}.{n}" for key in re.findall(r'count\("([\w.]+)"', script) for n in ("one", "many")}
    assert said - known - {"nav.nation"} == set()
    made = (
        "trust_types",
        "directions",
        "short",
        "figures",
        "filters",
        "returns",
        "provenance",
        "about",
        "data",
        "find",
    )
    made = (*made, "findings", "indicators.states", "categories", "charts", "none")
    assert [key for key in known - said if not key.startswith(made)] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_is_ever_read_as_markup(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|javascript:"
    assert re.findall(forbidden, SCRIPTS[name]) == []
