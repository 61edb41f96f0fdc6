"""The files of a publication: workbook, OpenDocument spreadsheet, dashboard, CSV, records, and the advance copies."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.util import find_spec

from pfexcel.organisations import slug
from pfexcel.publish.all_tables import ADVANCE_LEAVES_OUT, LONG, all_tables
from pfexcel.publish.folder import MANIFEST
from pfexcel.publish.publication import Publication, ShaEntry, to_json
from pfexcel.publish.stored import RECORDS

NEEDED = "Publishing needs gptables; install it with pip install pfexcel[publish]"


def publication_files(publication: Publication, jobs: int = 1) -> dict[str, bytes]:
    """Every file of a publication by its name in the folder; the same publication gives the same bytes.

    Args:
        publication: what is published.
        jobs: how many processes write at once.

    Raises:
        ValueError: where gptables is not installed.
    """
    if find_spec("gptables") is None:
        raise ValueError(NEEDED)
    seen_by = [_own(publication, sha) for sha in publication.shas]
    if jobs == 1:
        files, copies = _national(publication), [_advance(own) for own in seen_by]
    else:
        with ProcessPoolExecutor(min(jobs, len(seen_by)), multiprocessing.get_context("spawn")) as pool:
            written = pool.map(_advance, seen_by)
            files, copies = _national(publication), list(written)
    for sha, copy in zip(publication.shas, copies, strict=True):
        files[f"advance/pf-advance_{publication.period.text}_{sha.code}_{slug(sha.name)}.xlsx"] = copy
    return {**files, MANIFEST: _manifest(publication, files)}


def _national(publication: Publication) -> dict[str, bytes]:
    from pfexcel.publish.csvw import csv_files
    from pfexcel.publish.dashboard import dashboard_html
    from pfexcel.publish.ods import ods_bytes
    from pfexcel.publish.workbook import workbook_bytes

    tables = all_tables(publication)
    shown = [one for one in tables if one.id not in LONG]
    stem = f"pf-publication_{publication.period.text}"
    return {
        f"{stem}.xlsx": workbook_bytes(publication, shown),
        f"{stem}.ods": ods_bytes(publication, shown),
        f"{stem}.html": dashboard_html(publication),
        **{f"csv/{name}": data for name, data in csv_files(publication, tables).items()},
        RECORDS: to_json(publication).encode("utf-8"),
    }


def _own(publication: Publication, sha: ShaEntry) -> Publication:
    """The publication as one SHA sees it in advance: its own trusts, and the numbers of the nation."""
    codes = {trust.ods_code for trust in sha.trusts}
    revisions = tuple(
        replace(one, changes=tuple(change for change in one.changes if change.ods_code in codes))
        for one in publication.revisions
    )
    return replace(publication, shas=(sha,), revisions=revisions)


def _advance(own: Publication) -> bytes:
    from pfexcel.publish.workbook import workbook_bytes

    [sha] = own.shas
    return workbook_bytes(own, [one for one in all_tables(own) if one.id not in ADVANCE_LEAVES_OUT], sha)


def _manifest(publication: Publication, files: Mapping[str, bytes]) -> bytes:
    listed = [{"file": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()]
    said = {
        "edition": publication.edition,
        "period": publication.period.text,
        "revision": publication.revision,
        "published": publication.published.isoformat(),
        "register": publication.register_digest,
        "files": listed,
    }
    return f"{json.dumps(said, indent=2)}\n".encode()
