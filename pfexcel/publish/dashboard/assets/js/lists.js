/** The views of lists that cut across SHAs: movements, interventions, the data and who is missing. */

import { entries, interventions, movements, names, previous, publication, rank, stands } from "./data.js";
import { badge, h, link, moved, note, section } from "./dom.js";
import { filterForm } from "./filters.js";
import { keyFigures, shaColumn, trustColumn } from "./parts.js";
import { table } from "./tables.js";
import { count, day, plain, say } from "./words.js";

const domainColumn = {
  key: "domain",
  label: say("lists.domain"),
  sort: ({ result }) => result.title,
  cell: ({ sha, trust, result }) => link(result.title, [sha.code, trust.ods_code, result.domain]),
};

const common = [trustColumn, shaColumn, domainColumn];

const domainFilter = (rows) => ({
  key: "domain",
  label: say("lists.domain"),
  options: [...new Map(rows.map(({ result }) => [result.domain, result.title]))],
  test: ({ result }, value) => result.domain === value,
});

const shaFilter = {
  key: "sha",
  label: say("filters.sha"),
  options: publication.shas.map((sha) => [sha.code, sha.name]),
  test: ({ sha }, value) => sha.code === value,
};

const choice = (key, label, rows, pick) => ({
  key,
  label,
  options: [...new Set(rows.map(pick))].toSorted().map((value) => [value, value]),
  test: (row, value) => pick(row) === value,
});

/** A table of rows with filters; the state stands in the address. */
function filtered({ caption, columns, rows, filters, params, remember }) {
  let order = params.get("sort") ?? "";
  let chosen = {};
  const keep = () => remember({ ...chosen, ...(order ? { sort: order } : {}) });
  const shown = table({
    caption,
    quiet: true,
    columns,
    rows,
    sort: order,
    sorted(key) {
      order = key;
      keep();
    },
  });
  const { form, apply } = filterForm({
    label: say("filters.label"),
    filters,
    rows,
    params,
    counted: (picked, all) => say("filters.counted", { picked, trusts: count("lists.count", all) }),
    changed(picked, values) {
      chosen = values;
      shown.show(picked);
      keep();
    },
  });
  apply();
  return [form, shown.element];
}

export function movementsView(_, params, remember) {
  const rows = movements();
  const title = say("movements.title");
  return {
    nav: "movements",
    title,
    lead: previous ? say("movements.lead", { period: previous.words }) : say("movements.none"),
    crumbs: [[title, ["movements"]]],
    content: rows.length
      ? filtered({
          caption: title,
          rows,
          params,
          remember,
          filters: [
            shaFilter,
            domainFilter(rows),
            {
              key: "direction",
              label: say("trusts.movement"),
              options: [names.worse, names.better].map((name) => [name, say(`directions.${name}`)]),
              test: ({ result }, value) => result.movement.direction === value,
            },
          ],
          columns: [
            ...common,
            {
              key: "direction",
              label: say("trusts.movement"),
              sort: ({ result }) => result.movement.direction,
              cell: ({ result }) => moved(result.movement.direction),
            },
            {
              key: "from",
              label: say("movements.from"),
              sort: ({ result }) => rank(result.domain, result.movement.before),
              cell: ({ result }) => badge(result.movement.before),
            },
            {
              key: "to",
              label: say("movements.to"),
              sort: ({ result }) => rank(result.domain, stands(result)),
              cell: ({ result }) => badge(stands(result)),
            },
            { label: say("movements.reason"), look: "long", cell: ({ result }) => result.movement.reason },
          ],
        })
      : note(say("movements.none")),
  };
}

export function interventionsView(_, params, remember) {
  const rows = interventions();
  const title = say("interventions.title");
  return {
    nav: "interventions",
    title,
    lead: say("interventions.lead"),
    crumbs: [[title, ["interventions"]]],
    content: rows.length
      ? filtered({
          caption: title,
          rows,
          params,
          remember,
          filters: [
            shaFilter,
            domainFilter(rows),
            choice("lead", say("trust.led_by"), rows, ({ result }) => result.standing.lead),
          ],
          columns: [
            ...common,
            {
              key: "category",
              label: say("trusts.in_force"),
              sort: ({ result }) => rank(result.domain, result.standing.in_force),
              cell: ({ result }) => badge(result.standing.in_force),
            },
            {
              key: "count",
              label: say("interventions.count"),
              number: true,
              sort: ({ result }) => result.standing.consecutive,
              cell: ({ result }) => plain(result.standing.consecutive),
            },
            {
              key: "lead",
              label: say("trust.led_by"),
              sort: ({ result }) => result.standing.lead,
              cell: ({ result }) => result.standing.lead,
            },
            { label: say("trust.step"), look: "long", cell: ({ result }) => result.standing.step },
            {
              key: "due",
              label: say("trust.next_step"),
              look: "long",
              sort: ({ result }) => result.standing.due,
              cell: ({ result }) =>
                [result.standing.next_step, result.standing.due_words].filter(Boolean).join(", ") || say("none"),
            },
          ],
        })
      : note(say("interventions.none")),
  };
}

export function dataView() {
  const missing = entries.filter(({ trust }) => !trust.returned);
  const open = entries.filter(({ trust }) => trust.errors || trust.queries);
  const late = entries.filter(({ trust }) => trust.late);
  const unsigned = entries.filter(({ trust }) => trust.returned && trust.signed_off !== names.signed_off);
  const title = say("data.title");
  return {
    nav: "data",
    title,
    crumbs: [[title, ["data"]]],
    content: [
      keyFigures(publication.counts, entries),
      part("missing", missing, [
        { label: say("data.last"), cell: ({ trust }) => trust.last_return || say("none") },
        {
          label: say("data.kept"),
          look: "long",
          cell: ({ trust }) =>
            h(
              "ul",
              { class: "bare" },
              trust.domains
                .filter((one) => one.standing)
                .map((one) => h("li", {}, `${one.title} `, badge(stands(one)))),
            ),
        },
      ]),
      part("open", open, [
        {
          key: "errors",
          label: say("figures.errors"),
          number: true,
          sort: (row) => row.trust.errors,
          cell: (row) => String(row.trust.errors),
        },
        {
          key: "queries",
          label: say("figures.queries"),
          number: true,
          sort: (row) => row.trust.queries,
          cell: (row) => String(row.trust.queries),
        },
        {
          label: say("findings.message"),
          look: "long",
          cell: ({ trust }) =>
            h(
              "ul",
              { class: "bare" },
              trust.findings.map((one) => h("li", {}, one.message)),
            ),
        },
      ]),
      part("late", late, [
        {
          key: "received",
          label: say("trust.received"),
          sort: ({ trust }) => trust.received,
          cell: ({ trust }) => day(trust.received),
        },
      ]),
      part("unsigned", unsigned, [
        {
          key: "signed",
          label: say("trust.signed_off"),
          sort: ({ trust }) => trust.signed_off,
          cell: ({ trust }) => trust.signed_off,
        },
      ]),
    ],
  };
}

const part = (key, rows, columns) =>
  section(
    `${say(`data.${key}`)} (${rows.length})`,
    rows.length
      ? table({ caption: say(`data.${key}`), quiet: true, rows, columns: [trustColumn, shaColumn, ...columns] }).element
      : note(say("data.none")),
  );
