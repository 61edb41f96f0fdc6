/** The views of all indicators by trust type, and of one indicator over the trusts. */

import { entries, indicatorsOf, publication, rulesOf, trustTypes } from "./data.js";
import { facts, h, link, panel, scoreMark, section } from "./dom.js";
import { shaColumn, source, trustColumn } from "./parts.js";
import { scoresTable } from "./rated.js";
import { table } from "./tables.js";
import { plain, say, trustType } from "./words.js";

const crumb = [say("across.title"), ["indicators"]];

export function indicatorsView() {
  return {
    nav: "indicators",
    title: say("across.title"),
    lead: say("across.lead"),
    crumbs: [crumb],
    content: trustTypes.map((type) =>
      section(
        trustType(type),
        rulesOf(type).domains.map((domain) => list(type, domain)),
      ),
    ),
  };
}

function list(type, domain) {
  const rows = rulesOf(type).indicators.filter((text) => text.domain === domain.id);
  if (!rows.length) return "";
  return table({
    caption: say("across.caption", { title: domain.title, type: trustType(type) }),
    rows,
    columns: [
      { label: say("indicators.name"), header: true, cell: (text) => link(text.label, ["indicators", type, text.id]) },
      { label: say("indicators.weight"), number: true, cell: (text) => plain(text.weight) },
      { label: say("indicator.scoring"), look: "long", cell: (text) => text.scoring },
      { label: say("domain.source"), look: "long", cell: source },
    ],
  }).element;
}

export function acrossView([, type, id]) {
  const text = rulesOf(type)?.indicators.find((one) => one.id === id);
  if (!text) return null;
  const rows = entries
    .filter(({ trust }) => trust.trust_type === type && trust.returned)
    .map((entry) => ({
      ...entry,
      own: indicatorsOf(entry.trust, text.domain).find((one) => one.text.id === id).own,
    }));
  return {
    nav: "indicators",
    title: text.label,
    lead: say("across.one_lead", { type: trustType(type), period: publication.period.words }),
    crumbs: [crumb, [text.label, ["indicators", type, id]]],
    content: [
      h(
        "div",
        { class: "cards wide" },
        panel(
          say("indicator.rule"),
          facts(
            [
              [say("indicator.scoring"), text.scoring],
              [say("indicators.weight"), plain(text.weight)],
              [say("domain.source"), source(text)],
            ],
            "facts stacked",
          ),
        ),
        panel(say("indicator.others", { type: trustType(type) }), scoresTable(text, type)),
      ),
      section(say("trusts.heading"), acrossTable(text, rows)),
    ],
  };
}

const acrossTable = (text, rows) =>
  table({
    caption: say("across.trusts", { title: text.label }),
    quiet: true,
    rows,
    columns: [
      trustColumn,
      shaColumn,
      {
        key: "value",
        label: say("indicators.value"),
        number: true,
        sort: ({ own }) => own.value,
        cell: ({ sha, trust, own }) =>
          link(own.value_words || say(own.state ? `indicators.states.${own.state}` : "none"), [
            sha.code,
            trust.ods_code,
            text.domain,
            text.id,
          ]),
      },
      {
        key: "score",
        label: say("indicators.score"),
        number: true,
        sort: ({ own }) => own.score,
        cell: ({ own }) => scoreMark(own.score, text.scores),
      },
      {
        key: "before",
        label: say("indicators.before"),
        number: true,
        sort: ({ own }) => own.score_before,
        cell: ({ own }) => plain(own.score_before),
      },
      { label: say("indicators.need"), cell: ({ own }) => own.need },
    ],
  }).element;
