/** The view of one trust: both ratings, where they stand, what is open, and the indicators. */

import { categoryTrend, gauge, scoreTrend } from "./charts.js";
import { domainText, findTrust, indicatorsOf, isMoved, names, stands } from "./data.js";
import { badge, facts, h, link, moved, note, scoreMark, section } from "./dom.js";
import { source } from "./parts.js";
import { table } from "./tables.js";
import { count, day, isScored, plain, say, trustType } from "./words.js";

export const trustCrumbs = ({ sha, trust }) => [
  [sha.name, [sha.code]],
  [trust.name, [sha.code, trust.ods_code]],
];

/** The entry that an address names; null where the trust is not of this SHA. */
export function entryOf([code, ods]) {
  const entry = findTrust(ods);
  return entry?.sha.code === code ? entry : null;
}

export function trustView(path) {
  const entry = entryOf(path);
  if (!entry) return null;
  const { sha, trust } = entry;
  const ladders = trust.domains.filter((one) => one.standing);
  const others = trust.domains.filter((one) => !one.standing);
  return {
    nav: "nation",
    title: trust.name,
    lead: say("trust.lead", { code: trust.ods_code, type: trustType(trust.trust_type), sha: sha.name }),
    crumbs: trustCrumbs(entry),
    content: [
      trust.returned
        ? ""
        : h("p", { class: "callout" }, say("trust.no_return", { last: trust.last_return || say("none") })),
      about(trust),
      section(
        say("trust.ratings"),
        h(
          "div",
          { class: "cards wide" },
          ladders.map((one) => ratingCard(entry, one)),
        ),
      ),
      others.length
        ? section(
            say("trust.parts"),
            h(
              "div",
              { class: "cards" },
              others.map((one) => partCard(entry, one)),
            ),
          )
        : "",
      section(say("findings.heading"), findings(trust)),
      ...trust.domains.map((one) => indicatorSection(entry, one)),
    ],
  };
}

function about(trust) {
  const signed = trust.signed_off || say("none");
  return facts([
    [
      say("trust.received"),
      trust.received ? `${day(trust.received)}${trust.late ? `, ${say("trust.late")}` : ""}` : "",
    ],
    [say("trust.signed_off"), trust.returned ? signed : ""],
    [say("trust.lead_commissioner"), trust.lead_commissioner || say("trust.not_given")],
    [say("trust.action_plan"), day(trust.action_plan_date) || say("trust.not_given")],
    [say("trust.note"), trust.note],
  ]);
}

const heading = ({ sha, trust }, own) =>
  h("h3", {}, link(own.title, [sha.code, trust.ods_code, own.domain]), " ", badge(stands(own)));

/** Where a domain stands on its ladder, in words. */
export function standingFacts(own) {
  const { standing, movement } = own;
  const score = own.score_words ? say("trust.at_score", { score: own.score_words }) : "";
  const said = [
    [say("trust.reported"), [badge(own.category), score]],
    [say("trust.label"), own.label !== own.category ? own.label : ""],
    own.before_rules === own.category ? ["", ""] : [say("trust.before_rules"), badge(own.before_rules)],
  ];
  if (standing) {
    const led = standing.lead !== names.no_lead;
    const next = standing.next_step ? [standing.next_step, standing.due_words].filter(Boolean).join(", ") : "";
    said.push(
      [
        say("trust.in_force"),
        [badge(standing.in_force), standing.consecutive ? ` ${count("trust.consecutive", standing.consecutive)}` : ""],
      ],
      [say("trust.because"), standing.change],
      [say("trust.led_by"), led ? standing.lead : say("trust.no_intervention")],
      [
        say("trust.step"),
        led ? [standing.step, standing.detail ? h("span", { class: "under" }, standing.detail) : ""] : "",
      ],
      [say("trust.next_step"), next],
    );
  }
  said.push(
    [say("trust.movement"), [moved(movement.direction), isMoved(movement) ? say("trust.from", movement) : ""]],
    [say("trust.reason"), movement.reason],
    [say("trust.missing"), own.missing.join("; ")],
  );
  return facts(said, "facts stacked");
}

/** The over-riding rules that apply, in words; nothing where there are none. */
export function appliedRules(own, level = "h4") {
  if (!own.rules.length) return null;
  return [
    h(level, {}, say("trust.rules")),
    h(
      "ul",
      { class: "rules" },
      own.rules.map((rule) =>
        h(
          "li",
          {},
          rule.label,
          ". ",
          say(rule.decides ? "trust.rule_decides" : "trust.rule_best", { best: rule.best }),
          h("span", { class: "under" }, source(rule)),
        ),
      ),
    ),
  ];
}

export function ratingCharts(text, own) {
  return [gauge(text, own), isScored(text) ? scoreTrend(text, own) : categoryTrend(text, own)];
}

function ratingCard(entry, own) {
  const text = domainText(entry.trust, own.domain);
  return h(
    "div",
    { class: "card" },
    heading(entry, own),
    ratingCharts(text, own),
    standingFacts(own),
    appliedRules(own),
    explain(entry, own),
  );
}

function partCard(entry, own) {
  const text = domainText(entry.trust, own.domain);
  return h(
    "div",
    { class: "card" },
    heading(entry, own),
    ratingCharts(text, own),
    facts(
      [
        [say("trust.label"), own.label !== own.category ? own.label : ""],
        [say("trust.missing"), own.missing.join("; ")],
      ],
      "facts stacked",
    ),
    appliedRules(own),
    explain(entry, own),
  );
}

const explain = ({ sha, trust }, own) =>
  h("p", {}, link(say("trust.explain", { title: own.title }), [sha.code, trust.ods_code, own.domain]));

function findings(trust) {
  if (!trust.returned) return note(say("findings.no_return"));
  if (!trust.findings.length) return note(say("findings.none"));
  return table({
    caption: say("findings.caption"),
    quiet: true,
    rows: trust.findings,
    columns: [
      {
        label: say("findings.severity"),
        header: true,
        cell: (one) => h("span", { class: `severity severity-${one.severity}` }, say(`findings.${one.severity}`)),
      },
      { label: say("findings.message"), cell: (one) => one.message },
      { label: say("findings.action"), cell: (one) => one.action },
      { label: say("findings.reference"), cell: (one) => one.reference || say("none") },
    ],
  }).element;
}

function indicatorSection(entry, own) {
  const rows = indicatorsOf(entry.trust, own.domain);
  if (!rows.length || !entry.trust.returned) return "";
  return section(say("indicators.heading", { title: own.title }), indicatorTable(entry, own.domain, rows));
}

const valueWords = (own) => own.value_words || (own.state ? say(`indicators.states.${own.state}`) : say("none"));

/** The indicators of a trust in a domain. */
export function indicatorTable({ sha, trust }, domain, rows) {
  const parts = rows.some(({ text }) => text.sub_domain);
  return table({
    caption: say("indicators.caption", { title: domainText(trust, domain).title }),
    quiet: true,
    rows,
    columns: [
      {
        key: "name",
        label: say("indicators.name"),
        header: true,
        sort: ({ text }) => text.label,
        cell: ({ text }) => link(text.label, [sha.code, trust.ods_code, domain, text.id]),
      },
      ...(parts
        ? [
            {
              key: "part",
              label: say("indicators.part"),
              sort: ({ text }) => text.sub_domain,
              cell: ({ text }) => text.sub_domain,
            },
          ]
        : []),
      {
        key: "value",
        label: say("indicators.value"),
        number: true,
        sort: ({ own }) => own.value,
        cell: ({ own }) => valueWords(own),
      },
      {
        key: "score",
        label: say("indicators.score"),
        number: true,
        sort: ({ own }) => own.score,
        cell: ({ text, own }) => scoreMark(own.score, text.scores),
      },
      {
        key: "before",
        label: say("indicators.before"),
        number: true,
        sort: ({ own }) => own.score_before,
        cell: ({ own }) => plain(own.score_before),
      },
      {
        key: "weight",
        label: say("indicators.weight"),
        number: true,
        sort: ({ text }) => text.weight,
        cell: ({ text }) => plain(text.weight),
      },
      {
        key: "weighted",
        label: say("indicators.weighted"),
        number: true,
        sort: ({ own }) => own.weighted,
        cell: ({ own }) => plain(own.weighted),
      },
      { label: say("indicators.need"), cell: ({ own }) => own.need },
    ],
  }).element;
}
