/** A table of trusts with its filters: of one SHA, or of the nation. */

import { domains, entries, ladderDomains, names, previous, publication, result, stands, trustTypes } from "./data.js";
import { filterForm } from "./filters.js";
import { trustColumns } from "./parts.js";
import { table } from "./tables.js";
import { count, say, trustType } from "./words.js";

const has = (text, part) => text.toLowerCase().includes(part.toLowerCase());
const categories = (counts) => counts.map(({ category }) => [category, category]);

function categoryFilter(kind, { domain, title, reported }, test, further = false) {
  return {
    key: `${kind}.${domain}`,
    label: say(`filters.${kind}`, { title }),
    options: categories(reported),
    further,
    test: ({ trust }, value) => {
      const own = result(trust, domain);
      return (own ? test(own) : names.not_rated) === value;
    },
  };
}

const any = (trust, test) => trust.domains.some(test);

const MOVEMENTS = {
  better: (one) => one.movement.direction === names.better,
  worse: (one) => one.movement.direction === names.worse,
  escalated: (one) => Boolean(one.standing?.escalated),
  led: (one) => Boolean(one.standing && one.standing.lead !== names.no_lead),
};

const RETURNS = {
  returned: (trust) => trust.returned,
  missing: (trust) => !trust.returned,
  late: (trust) => trust.late,
  unsigned: (trust) => trust.returned && trust.signed_off !== names.signed_off,
  errors: (trust) => trust.errors > 0,
  queries: (trust) => trust.queries > 0,
};

const choices = (table, section) => Object.keys(table).map((key) => [key, say(`filters.${section}.${key}`)]);

function filters(withSha) {
  const moves = choices(MOVEMENTS, "movements").filter(([key]) => previous || key === "led");
  return [
    {
      key: "q",
      label: say("filters.text"),
      test: ({ trust }, value) => has(trust.name, value) || has(trust.ods_code, value),
    },
    ...(withSha
      ? [
          {
            key: "sha",
            label: say("filters.sha"),
            options: publication.shas.map((sha) => [sha.code, sha.name]),
            test: ({ sha }, value) => sha.code === value,
          },
        ]
      : []),
    {
      key: "type",
      label: say("filters.type"),
      options: trustTypes.map((type) => [type, trustType(type)]),
      test: ({ trust }, value) => trust.trust_type === value,
    },
    ...ladderDomains.map((domain) => categoryFilter("in_force", domain, stands)),
    {
      key: "movement",
      label: say("filters.movement"),
      options: moves,
      test: ({ trust }, value) => any(trust, MOVEMENTS[value] ?? (() => false)),
    },
    {
      key: "return",
      label: say("filters.return"),
      options: choices(RETURNS, "returns"),
      test: ({ trust }, value) => (RETURNS[value] ?? (() => false))(trust),
    },
    ...domains.map((domain) => categoryFilter("reported", domain, (one) => one.category, true)),
  ];
}

/** The filters and the table; what is picked and how it is sorted stand in the address. */
export function trustList({ rows, withSha, params, remember }) {
  let order = params.get("sort") ?? "";
  let chosen = {};
  const keep = () => remember({ ...chosen, ...(order ? { sort: order } : {}) });
  const shown = table({
    caption: say(withSha ? "trusts.caption_all" : "trusts.caption", { sha: rows[0].sha.name }),
    quiet: true,
    columns: trustColumns(withSha),
    rows,
    sort: order,
    sorted(key) {
      order = key;
      keep();
    },
  });
  const { form, apply } = filterForm({
    label: say("filters.label"),
    filters: filters(withSha),
    rows,
    params,
    counted: (picked, all) => say("filters.counted", { picked, trusts: count("trusts.count", all) }),
    changed(picked, values) {
      chosen = values;
      shown.show(picked);
      keep();
    },
  });
  apply();
  return [form, shown.element];
}

export function trustsView(_, params, remember) {
  return {
    nav: "trusts",
    title: say("trusts.title"),
    crumbs: [[say("trusts.title"), ["trusts"]]],
    content: [trustList({ rows: entries, withSha: true, params, remember })],
  };
}
