/** The views of one domain and of one indicator of a trust, with their explanation. */

import { bar, categoryTrend, valueTrend } from "./charts.js";
import { domainText, entries, indicatorsOf, result, stands, stepsOf } from "./data.js";
import { badge, facts, h, link, note, panel, scoreMark, section } from "./dom.js";
import { historyTable, source, stepsTable } from "./parts.js";
import { table } from "./tables.js";
import { appliedRules, entryOf, indicatorTable, ratingCharts, standingFacts, trustCrumbs } from "./trust.js";
import { isScored, plain, say, trustType } from "./words.js";

const domainCrumbs = (entry, own) => [
  ...trustCrumbs(entry),
  [own.title, [entry.sha.code, entry.trust.ods_code, own.domain]],
];

export function domainView(path) {
  const entry = entryOf(path);
  const own = entry && result(entry.trust, path[2]);
  if (!own) return null;
  const { trust } = entry;
  const text = domainText(trust, own.domain);
  const rows = indicatorsOf(trust, own.domain);
  const steps = stepsOf(trust, own.domain);
  return {
    nav: "nation",
    title: say("domain.title", { title: own.title, trust: trust.name }),
    heading: [own.title, " ", badge(stands(own))],
    lead: trust.name,
    crumbs: domainCrumbs(entry, own),
    content: [
      h(
        "div",
        { class: "cards wide" },
        panel(say("domain.stands"), ratingCharts(text, own), standingFacts(own)),
        panel(
          say("domain.rule"),
          facts(
            [
              [say("domain.rule_words"), text.rule],
              [say("domain.source"), source(text)],
            ],
            "facts stacked",
          ),
          appliedRules(own, "h3"),
          isScored(text) && text.escalates ? categoryTrend(text, own) : "",
        ),
      ),
      section(say("history.heading"), historyTable(text, own)),
      rows.length && trust.returned
        ? section(say("indicators.heading", { title: own.title }), indicatorTable(entry, own.domain, rows))
        : "",
      section(
        say("steps.heading"),
        steps.length ? stepsTable(say("steps.caption", { title: own.title }), steps) : note(say("findings.no_return")),
      ),
    ],
  };
}

export function indicatorView(path) {
  const entry = entryOf(path);
  const rated = entry && result(entry.trust, path[2]);
  if (!rated) return null;
  const { sha, trust } = entry;
  const all = indicatorsOf(trust, path[2]);
  const place = all.findIndex(({ text }) => text.id === path[3]);
  if (place < 0) return null;
  const { text, own } = all[place];
  const steps = stepsOf(trust, rated.domain, text.id);
  const at = (one) => [sha.code, trust.ods_code, rated.domain, one.text.id];
  return {
    nav: "nation",
    title: say("domain.title", { title: text.label, trust: trust.name }),
    heading: text.label,
    lead: say("indicator.lead", { trust: trust.name, title: rated.title }),
    crumbs: [...domainCrumbs(entry, rated), [text.label, path]],
    content: [
      h(
        "div",
        { class: "cards wide" },
        panel(
          say("indicator.result"),
          own ? [ownFacts(text, own), valueTrend(text, own)] : note(say("findings.no_return")),
        ),
        panel(say("indicator.rule"), ruleFacts(text), limitsTable(text)),
      ),
      own?.history.length ? section(say("history.heading"), indicatorHistory(text, own)) : "",
      steps.length ? section(say("steps.heading"), stepsTable(say("steps.caption", { title: text.label }), steps)) : "",
      section(
        say("indicator.others", { type: trustType(trust.trust_type) }),
        scoresTable(text, trust.trust_type),
        h("p", {}, link(say("indicator.across"), ["indicators", trust.trust_type, text.id])),
      ),
      neighbours(all[place - 1], all[place + 1], at),
    ],
  };
}

const ownFacts = (text, own) =>
  facts(
    [
      [say("indicators.value"), own.value_words || (own.state ? say(`indicators.states.${own.state}`) : say("none"))],
      [say("indicators.score"), scoreMark(own.score, text.scores)],
      [say("indicators.weighted"), plain(own.weighted)],
      [say("indicators.need"), own.need || (own.score === text.scores[0] ? say("indicator.best") : "")],
      [
        say("indicator.before"),
        own.value_before_words
          ? say("indicator.before_words", { value: own.value_before_words, score: plain(own.score_before) })
          : "",
      ],
    ],
    "facts stacked",
  );

const ruleFacts = (text) =>
  facts(
    [
      [say("indicator.scoring"), text.scoring],
      [say("indicators.weight"), plain(text.weight)],
      [say("indicators.part"), text.sub_domain],
      [say("indicator.scores"), text.scores.join(", ")],
      [say("domain.source"), source(text)],
    ],
    "facts stacked",
  );

function limitsTable(text) {
  if (!text.limits.length) return null;
  return table({
    caption: say("indicator.limits"),
    rows: text.limits.toReversed(),
    columns: [
      {
        label: say("indicator.for_score"),
        header: true,
        cell: (limit) => scoreMark(limit.score, text.scores),
      },
      { label: say("indicator.needs"), cell: (limit) => limit.words },
    ],
  }).element;
}

function indicatorHistory(text, own) {
  return table({
    caption: say("history.caption", { title: text.label }),
    quiet: true,
    look: "compact",
    rows: own.history.toReversed(),
    columns: [
      { label: say("history.period"), header: true, cell: (one) => one.period },
      { label: say("indicators.value"), number: true, cell: (one) => one.value_words || say("none") },
      { label: say("indicators.score"), number: true, cell: (one) => scoreMark(one.score, text.scores) },
    ],
  }).element;
}

/** How many trusts of a type have each score of an indicator. */
export function scoresTable(text, type) {
  const scores = entries
    .filter(({ trust }) => trust.trust_type === type)
    .map(({ trust }) => indicatorsOf(trust, text.domain).find((one) => one.text.id === text.id).own?.score ?? null);
  const rows = [...text.scores, null].map((score) => ({
    score,
    number: scores.filter((one) => one === score).length,
  }));
  return table({
    caption: say("indicator.others_caption", { title: text.label, type: trustType(type) }),
    quiet: true,
    look: "compact",
    rows,
    columns: [
      {
        label: say("indicators.score"),
        header: true,
        cell: ({ score }) => (score === null ? say("indicator.no_score") : scoreMark(score, text.scores)),
      },
      { label: say("shas.trusts"), number: true, cell: ({ number }) => String(number) },
      {
        label: h("span", { class: "vh" }, say("categories.bar")),
        look: "bars",
        cell: ({ number }) => bar(number, scores.length, "plain"),
      },
    ],
  }).element;
}

function neighbours(before, after, at) {
  return h(
    "nav",
    { class: "neighbours", "aria-label": say("indicator.neighbours") },
    before ? link(say("indicator.previous", { title: before.text.label }), at(before)) : "",
    after ? link(say("indicator.next", { title: after.text.label }), at(after)) : "",
  );
}
