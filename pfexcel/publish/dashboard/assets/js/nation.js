/** The views of the nation and of one SHA. */

import { entries, findSha, movements, names, previous, publication } from "./data.js";
import { badge, h, link, note, section, trustLink } from "./dom.js";
import { categoryColumns, categoryTables, keyFigures, shortNames } from "./parts.js";
import { table } from "./tables.js";
import { trustList } from "./trusts.js";
import { say } from "./words.js";

export function nationView() {
  return {
    nav: "nation",
    title: say("nation.title", { period: publication.period.words }),
    crumbs: [],
    content: [
      publication.notes.map(note),
      keyFigures(publication.counts, entries),
      section(say("categories.heading"), note(say("categories.note")), categoryTables(publication.counts, ["trusts"])),
      section(say("shas.heading"), note(say("shas.note")), shortNames(), shaTable()),
      section(say("nation.attention"), attention()),
    ],
  };
}

function shaTable() {
  return table({
    caption: say("shas.caption"),
    quiet: true,
    rows: publication.shas,
    columns: [
      {
        key: "name",
        label: say("shas.name"),
        header: true,
        sort: (sha) => sha.name,
        cell: (sha) => [link(sha.name, [sha.code]), h("span", { class: "under" }, `${sha.code}, ${sha.cluster}`)],
      },
      {
        key: "trusts",
        label: say("shas.trusts"),
        number: true,
        sort: (sha) => sha.counts.in_scope,
        cell: (sha) => String(sha.counts.in_scope),
      },
      {
        key: "returned",
        label: say("shas.returned"),
        number: true,
        sort: (sha) => sha.counts.returned,
        cell: (sha) => String(sha.counts.returned),
      },
      ...categoryColumns(),
      ...(previous ? [movementColumn(names.better), movementColumn(names.worse)] : []),
    ],
  }).element;
}

function movementColumn(direction) {
  const number = (sha) =>
    movements(sha.trusts.map((trust) => ({ sha, trust }))).filter((row) => row.result.movement.direction === direction)
      .length;
  return {
    key: direction,
    label: say(`figures.${direction}`),
    number: true,
    sort: number,
    cell: (sha) => String(number(sha)),
  };
}

/** What to look at first: escalated in this period, and who is missing. */
function attention() {
  const escalated = entries.flatMap(({ sha, trust }) =>
    trust.domains
      .filter((one) => one.standing?.escalated)
      .map((one) =>
        h(
          "li",
          {},
          trustLink(sha, trust),
          `: ${one.title} `,
          badge(one.standing.in_force),
          ` (${one.standing.change})`,
        ),
      ),
  );
  const missing = entries.filter(({ trust }) => !trust.returned);
  return h(
    "div",
    { class: "cards" },
    listCard(
      say("nation.escalated"),
      escalated,
      say("nation.escalated_none"),
      link(say("nation.interventions"), ["interventions"]),
    ),
    listCard(
      say("nation.missing"),
      missing.map(({ sha, trust }) => h("li", {}, trustLink(sha, trust), ` (${sha.name})`)),
      say("nation.missing_none"),
      link(say("nation.data"), ["data"]),
    ),
  );
}

const MOST = 8;

function listCard(heading, items, none, all) {
  return h(
    "div",
    { class: "card" },
    h("h3", {}, heading),
    items.length ? h("ul", {}, items.slice(0, MOST)) : h("p", {}, none),
    items.length > MOST ? h("p", {}, say("nation.more", { number: items.length - MOST })) : "",
    h("p", {}, all),
  );
}

export function shaView([code], params, remember) {
  const sha = findSha(code);
  if (!sha) return null;
  const own = sha.trusts.map((trust) => ({ sha, trust }));
  return {
    nav: "nation",
    title: sha.name,
    lead: say("shas.lead", sha),
    crumbs: [[sha.name, [sha.code]]],
    content: [
      keyFigures(sha.counts, own),
      section(say("trusts.heading"), trustList({ rows: own, withSha: false, params, remember })),
      section(say("categories.heading"), categoryTables(sha.counts, [sha.code])),
    ],
  };
}
