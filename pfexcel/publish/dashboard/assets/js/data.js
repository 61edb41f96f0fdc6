/** The publication, unpacked from the page, and the lists and look-ups that several views share. */

const packed = JSON.parse(document.getElementById("publication").textContent);

/** Undo `pack.py`: a record is an array of its fields' values, a text its number in the table of texts. */
function unpack(kind, value) {
  if (value === null) return null;
  if (kind.endsWith("*")) return value.map((one) => unpack(kind.slice(0, -1), one));
  if (kind === "text") return packed.texts[value];
  if (kind === "plain") return value;
  const record = {};
  packed.records[kind].forEach(([name, field], place) => {
    record[name] = unpack(field, value[place]);
  });
  return record;
}

export const words = packed.words;
export const tones = packed.tones;
export const names = packed.names;
export const publication = unpack("Publication", packed.publication);

const rulesByType = new Map(publication.rules.map((rules) => [rules.trust_type, rules]));
const shaByCode = new Map(publication.shas.map((sha) => [sha.code, sha]));

/** Every trust in scope with its SHA, in the order of the publication. */
export const entries = publication.shas.flatMap((sha) => sha.trusts.map((trust) => ({ sha, trust })));

const entryByCode = new Map(entries.map((entry) => [entry.trust.ods_code, entry]));

/** The domains that some trust type has: first those with a category in force, then the others. */
export const domains = publication.counts.domains;
export const ladderDomains = domains.filter((domain) => domain.in_force.length);

export const previous = publication.periods.at(-2) ?? null;

export const findSha = (code) => shaByCode.get(code);
export const findTrust = (code) => entryByCode.get(code);
export const rulesOf = (trustType) => rulesByType.get(trustType);
export const trustTypes = publication.rules
  .map((rules) => rules.trust_type)
  .filter((type) => entries.some(({ trust }) => trust.trust_type === type));

/** The category that counts: the one in force, or the one reported in a domain without escalation. */
export const stands = (result) => (result.standing ? result.standing.in_force : result.category);

export const result = (trust, domain) => trust.domains.find((one) => one.domain === domain) ?? null;
export const domainText = (trust, domain) => rulesOf(trust.trust_type).domains.find((one) => one.id === domain);

/** The indicators of a trust in a domain, each with its text; without a return with no figures. */
export function indicatorsOf(trust, domain) {
  return rulesOf(trust.trust_type)
    .indicators.map((text, place) => ({ text, own: trust.indicators[place] ?? null }))
    .filter(({ text }) => text.domain === domain);
}

/** The steps of the explanation of a domain, or of one indicator of it; none without a return. */
export function stepsOf(trust, domain, indicator = null) {
  return rulesOf(trust.trust_type)
    .steps.map((text, place) => ({ text, own: trust.steps[place] ?? null }))
    .filter(({ text, own }) => own && text.domain === domain && (!indicator || text.indicator === indicator));
}

/** The place of a category in a domain of some trust type, 0 for the best; null where it is none of them. */
export function rank(domain, category) {
  for (const rules of publication.rules) {
    const place = rules.domains.find((one) => one.id === domain)?.categories.indexOf(category) ?? -1;
    if (place >= 0) return place;
  }
  return null;
}

/** Every domain of every trust with both. */
export const results = (own = entries) =>
  own.flatMap(({ sha, trust }) => trust.domains.map((one) => ({ sha, trust, result: one })));

export const isMoved = (movement) => [names.better, names.worse].includes(movement.direction);

export const movements = (own = entries) => results(own).filter((row) => isMoved(row.result.movement));

export const interventions = (own = entries) =>
  results(own).filter((row) => row.result.standing && row.result.standing.lead !== names.no_lead);
