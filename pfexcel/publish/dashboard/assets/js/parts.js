/** Parts that several views share: key figures, numbers by category, tables of trusts, history, steps. */

import { bar, sparkline } from "./charts.js";
import {
  domainText,
  domains,
  interventions,
  ladderDomains,
  movements,
  names,
  previous,
  publication,
  rank,
  result,
  stands,
} from "./data.js";
import { badge, card, h, hidden, link, moved, tone, trustLink } from "./dom.js";
import { table } from "./tables.js";
import { isRated, isScored, points, say, short, trustType } from "./words.js";

/** The key figures of the nation or an SHA. */
export function keyFigures(counts, own) {
  const moves = movements(own).map((row) => row.result.movement.direction);
  const figures = [
    ["in_scope", counts.in_scope],
    ["returned", counts.returned],
    ["late", counts.late],
    ["signed_off", counts.signed_off],
    ...(previous
      ? [
          ["better", moves.filter((name) => name === names.better).length],
          ["worse", moves.filter((name) => name === names.worse).length],
        ]
      : []),
    ["interventions", interventions(own).length],
    ["errors", counts.errors],
    ["queries", counts.queries],
  ];
  return h(
    "dl",
    { class: "figures" },
    figures.map(([key, number]) => h("div", {}, h("dt", {}, say(`figures.${key}`)), h("dd", {}, String(number)))),
  );
}

/** The trusts by category, a table a domain; each number leads to the trusts it counts, those of `params`. */
export function categoryTables(counts, path, params = {}) {
  const cards = (look, some) =>
    h(
      "div",
      { class: look },
      some.map((domain) => card(domain.title, categoryTable(domain, path, params))),
    );
  const ladder = (domain) => domain.in_force.length > 0;
  return [
    cards("cards wide", counts.domains.filter(ladder)),
    cards(
      "cards",
      counts.domains.filter((domain) => !ladder(domain)),
    ),
  ];
}

function categoryTable(domain, path, params) {
  const ladder = domain.in_force.length > 0;
  const rows = domain.reported
    .map((one, place) => ({ category: one.category, reported: one.trusts, in_force: domain.in_force[place]?.trusts }))
    .filter((row) => row.category !== names.not_rated || row.reported);
  const whole = rows.reduce((sum, row) => sum + row.reported, 0);
  const number = (row, kind) =>
    row[kind]
      ? link(String(row[kind]), path, { ...params, [`${kind}.${domain.domain}`]: row.category })
      : String(row[kind]);
  const shown = ladder ? "in_force" : "reported";
  return table({
    caption: say(ladder ? "categories.caption_in_force" : "categories.caption", { title: domain.title }),
    quiet: true,
    rows,
    columns: [
      { label: say("categories.category"), header: true, cell: (row) => badge(row.category) },
      { label: say(`categories.${shown}`), number: true, cell: (row) => number(row, shown) },
      {
        label: hidden(say("categories.bar")),
        look: "bars",
        cell: (row) => bar(row[shown], whole, tone(row.category)),
      },
      ...(ladder ? [{ label: say("categories.reported"), number: true, cell: (row) => number(row, "reported") }] : []),
    ],
  }).element;
}

const nameCell = ({ sha, trust }) => [
  trustLink(sha, trust),
  h("span", { class: "under" }, `${trust.ods_code}, ${trustType(trust.trust_type)}`),
];

export const trustColumn = {
  key: "name",
  label: say("trusts.name"),
  header: true,
  sort: ({ trust }) => trust.name,
  cell: nameCell,
};

export const shaColumn = {
  key: "sha",
  label: say("trusts.sha"),
  sort: ({ sha }) => sha.name,
  cell: ({ sha }) => link(sha.name, [sha.code]),
};

const DIRECTIONS = [names.worse, names.same, names.better];

/** The columns of a domain with a category in force: it, the score, the trend, and the movement. */
function ladderColumns({ domain, title }) {
  const own = ({ trust }) => result(trust, domain);
  const text = ({ trust }) => domainText(trust, domain);
  const scored = publication.rules.some((rules) => rules.domains.some((one) => one.id === domain && isScored(one)));
  const group = title;
  const apart = (row, cell) => (own(row) ? cell(own(row), row) : badge(names.not_rated));
  return [
    {
      key: domain,
      label: say("trusts.in_force"),
      group,
      sort: (row) => own(row) && rank(domain, stands(own(row))),
      cell: (row) =>
        apart(row, (one) => [
          badge(stands(one)),
          one.category === stands(one) ? "" : h("span", { class: "under" }, say("trusts.reported", one)),
        ]),
    },
    ...(scored ? [scoreColumn({ domain, title: say("trusts.score") }, group)] : []),
    {
      label: say("trusts.trend"),
      group,
      cell: (row) => (own(row) ? sparkline(text(row), own(row)) : say("none")),
    },
    ...(previous
      ? [
          {
            key: `${domain}.movement`,
            label: say("trusts.movement"),
            group,
            sort: (row) => {
              const place = DIRECTIONS.indexOf(own(row)?.movement.direction);
              return place < 0 ? null : place;
            },
            cell: (row) => (own(row) ? moved(own(row).movement.direction) : say("none")),
          },
        ]
      : []),
  ];
}

function scoreColumn({ domain, title }, group = null) {
  const own = ({ trust }) => result(trust, domain);
  return {
    key: `${domain}.score`,
    label: title,
    group,
    number: true,
    sort: (row) => own(row)?.score,
    cell: (row) => own(row)?.score_words || say("none"),
  };
}

const scoredDomains = domains.filter(
  ({ domain, in_force }) =>
    !in_force.length &&
    publication.rules.some((rules) => rules.domains.some((one) => one.id === domain && isScored(one))),
);

const state = ({ trust }) => {
  if (!trust.returned) return say("returns.missing");
  return say(trust.late ? "returns.late" : "returns.received");
};

/** All columns of a table of trusts. */
export function trustColumns(withSha) {
  return [
    trustColumn,
    ...(withSha ? [shaColumn] : []),
    ...ladderDomains.flatMap(ladderColumns),
    ...scoredDomains.map((one) => scoreColumn(one, say("trusts.other_scores"))),
    { key: "return", label: say("trusts.return"), group: say("trusts.data"), sort: state, cell: state },
    {
      key: "open",
      label: say("trusts.open"),
      group: say("trusts.data"),
      number: true,
      sort: ({ trust }) => trust.errors * 1000 + trust.queries,
      cell: ({ trust }) => `${trust.errors} / ${trust.queries}`,
    },
  ];
}

/** The columns of the tables by SHA: how many trusts have each category in force. */
export function categoryColumns() {
  return ladderDomains.flatMap(({ domain, title, in_force: categories }) =>
    categories.filter(held).map(({ category }) => ({
      key: `${domain}.${category}`,
      group: say("shas.in_force", { title }),
      look: "number narrow",
      head: [h("span", { "aria-hidden": "true" }, short(category)), hidden(category)],
      sort: (sha) => numberOf(sha, domain, category),
      cell: (sha) => {
        const number = numberOf(sha, domain, category);
        if (!number) return h("span", { class: "nought" }, "0");
        return link(String(number), [sha.code], { [`in_force.${domain}`]: category });
      },
    })),
  );
}

const numberOf = (sha, domain, category) =>
  sha.counts.domains.find((one) => one.domain === domain).in_force.find((one) => one.category === category).trusts;

/** Whether a category needs a column: all do, but one that applies to no trust at all. */
const held = ({ category, trusts }) => category !== names.not_rated || trusts > 0;

/** What the short names of categories in a table by SHA stand for. */
export function shortNames() {
  const all = ladderDomains.flatMap(({ in_force: categories }) =>
    categories.filter(held).map(({ category }) => category),
  );
  const pairs = [...new Set(all)].filter((category) => short(category) !== category);
  return h(
    "ul",
    { class: "key" },
    pairs.map((category) => h("li", {}, h("strong", {}, short(category)), ` ${category}`)),
  );
}

/** The periods of a domain: reported, in force, score. */
export function historyTable(text, own) {
  const scored = isScored(text);
  return table({
    caption: say("history.caption", { title: text.title }),
    quiet: true,
    look: "compact",
    rows: own.history.toReversed(),
    columns: [
      { label: say("history.period"), header: true, cell: (one) => one.period },
      { label: say("history.reported"), cell: (one) => badge(one.category) },
      ...(text.escalates ? [{ label: say("history.in_force"), cell: (one) => badge(one.in_force) }] : []),
      ...(scored ? [{ label: say("history.score"), number: true, cell: (one) => points(one.score) }] : []),
    ],
  }).element;
}

const provenance = (name) => h("span", { class: `provenance provenance-${name}` }, say(`provenance.${name}`));

/** Where a rule comes from. */
export const source = ({ provenance: name, reference }) => [
  provenance(name),
  reference ? h("span", { class: "reference" }, reference) : "",
];

/** The steps of an explanation in their order. */
export function stepsTable(caption, steps) {
  return table({
    caption,
    quiet: true,
    rows: steps,
    columns: [
      { label: say("steps.step"), header: true, cell: ({ text }) => text.step },
      { label: say("steps.value"), cell: ({ own }) => own.value || say("none") },
      { label: say("steps.result"), cell: ({ own }) => (isRated(own.result) ? own.result : badge(own.result)) },
      { label: say("steps.rule"), cell: ({ text }) => text.rule },
      { label: say("steps.source"), cell: ({ text }) => source(text) },
    ],
  }).element;
}
