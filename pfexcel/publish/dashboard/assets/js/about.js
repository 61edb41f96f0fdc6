/** What these figures are: the edition, the rules of each domain, the revisions, and what the words mean. */

import { publication, rulesOf, trustTypes } from "./data.js";
import { facts, h, note, section } from "./dom.js";
import { source } from "./parts.js";
import { table } from "./tables.js";
import { day, say, trustType } from "./words.js";

export function aboutView() {
  const title = say("about.title");
  return {
    nav: "about",
    title,
    crumbs: [[title, ["about"]]],
    content: [
      publication.notes.map(note),
      facts([
        [say("about.period"), publication.period.words],
        [say("about.edition"), publication.edition_title],
        [say("about.published"), day(publication.published)],
        [say("about.revision"), String(publication.revision)],
        [say("about.covers"), publication.periods.map((period) => [h("span", { class: "whole" }, period.text), " "])],
        [say("about.register"), h("code", {}, publication.register_digest)],
        [say("about.rulebook"), h("code", {}, publication.rulebook_digest)],
      ]),
      section(
        say("about.words"),
        facts(
          Object.keys(WORDS).map((key) => [WORDS[key], say(`about.meanings.${key}`)]),
          "facts stacked",
        ),
      ),
      section(say("about.rules"), trustTypes.map(rulesTable)),
      publication.revisions.length ? section(say("about.revisions"), revisions()) : "",
    ],
  };
}

const WORDS = Object.fromEntries(
  ["in_force", "reported", "not_assessed", "movement", "provenance"].map((key) => [key, say(`about.terms.${key}`)]),
);

const rulesTable = (type) =>
  table({
    caption: trustType(type),
    rows: rulesOf(type).domains,
    columns: [
      { label: say("lists.domain"), header: true, cell: (domain) => domain.title },
      { label: say("domain.rule_words"), look: "long", cell: (domain) => domain.rule },
      { label: say("domain.source"), look: "long", cell: source },
    ],
  }).element;

function revisions() {
  const rows = publication.revisions.toReversed();
  const changes = rows.flatMap((revision) =>
    revision.changes.map((change) => ({ ...change, number: revision.number })),
  );
  return [
    table({
      caption: say("about.revisions"),
      quiet: true,
      rows,
      columns: [
        { label: say("about.revision"), header: true, cell: (one) => String(one.number) },
        { label: say("about.published"), cell: (one) => day(one.published) },
        { label: say("about.changes"), number: true, cell: (one) => String(one.changes.length) },
      ],
    }).element,
    changes.length
      ? table({
          caption: say("about.changed"),
          rows: changes,
          columns: [
            { label: say("trusts.name"), header: true, cell: (one) => `${one.trust} (${one.ods_code})` },
            { label: say("about.revision"), number: true, cell: (one) => String(one.number) },
            { label: say("about.what"), cell: (one) => one.what },
            { label: say("movements.from"), cell: (one) => one.before },
            { label: say("movements.to"), cell: (one) => one.after },
          ],
        }).element
      : "",
  ];
}
