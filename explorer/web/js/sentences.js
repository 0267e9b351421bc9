// Sentences on votes, the same strings as explorer/network/vote_wording.py writes, from the templates of device/sentences.json.

import { nameOf } from "./data_set.js";

/** @typedef {import("./tally.js").Tally} Tally */
/** @typedef {Record<"one" | "both" | "all" | "most", string>} Verdicts */
/**
 * @typedef {object} Templates
 * @property {Verdicts} like
 * @property {Verdicts} unlike
 * @property {[least: number, template: string][]} doubts
 * @property {string} unlike_doubt
 * @property {string} chance
 * @property {{ single: string, split: string, agreeing: string[], apart: string, do_not: string[], none: string, part: string, few: string, only: string }} dissent
 * @property {[most: number, words: string][]} parts
 * @property {Record<string, string>} levels
 * @property {string} or
 * @property {{ like: string, unlike: string }} badge
 */
/** @typedef {Record<string, { label: string, words: string, hue: string }>} Norms */

/**
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
const fillIn = (template, values) =>
  template.replace(/\{(\w+)\}/g, (_, name) =>
    name === "digit" ? nameOf(Number(values.digit)) : String(values[name]),
  );

/** @param {string[]} names */
const listed = (names) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names[0];

/** @param {string} text */
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/**
 * The digit that most networks read, and how many do; only "perhaps" for a drawing that is unlike MNIST's digits.
 * @param {Templates} templates
 * @param {Tally} tally
 * @param {string[]} unlike reasons
 */
export const verdict = (templates, { digit, agree, networks, dissents }, unlike) => {
  const kind = dissents.length ? "most" : networks === 1 ? "one" : networks === 2 ? "both" : "all";
  return fillIn(templates[unlike.length ? "unlike" : "like"][kind], { digit, agree, networks });
};

/**
 * Sentence on how sure the networks are, by their mean probabilities.
 * @param {Templates} templates
 * @param {number[]} means
 * @param {string[]} unlike reasons; how sure they are says little then
 */
export const doubt = (templates, means, unlike) => {
  const order = [...means.keys()].sort((a, b) => means[b] - means[a]);
  const [first, second] = order.map((digit) =>
    fillIn(templates.chance, { percent: Math.floor(100 * means[digit] + 0.5), digit }),
  );
  if (unlike.length) return fillIn(templates.unlike_doubt, { first });
  const [, template] =
    templates.doubts.find(([least]) => means[order[0]] >= least) ?? templates.doubts[0];
  return fillIn(template, { first, second });
};

/**
 * Whether a drawing looks like MNIST's digits.
 * @param {Templates} templates
 * @param {string[]} unlike reasons
 */
export const badge = ({ badge: templates }, unlike) =>
  fillIn(templates[unlike.length ? "unlike" : "like"], { reasons: capital(unlike.join("; ")) });

/**
 * The networks that read another digit than most: how many of each norm, and what they share; "" for none.
 * @param {Templates} templates
 * @param {Norms} names
 * @param {Tally} tally
 */
export const dissent = (templates, names, tally) => {
  const [largest] = tally.dissents;
  if (!largest) return "";
  const { first, digit, count, alike, shared } = largest;
  if (tally.networks - tally.agree === 1)
    return fillIn(templates.dissent.single, { name: first.name, seed: first.seed, digit });
  const sentences = [split(templates, names, tally)];
  if (shared.some((factor) => factor !== "norm")) {
    const group = groupWords(templates, names, largest);
    sentences.push(fillIn(templates.dissent.only, { group, digit, count, alike }));
  }
  return sentences.join(" ");
};

/**
 * @param {Templates} templates
 * @param {Norms} names
 * @param {Tally} tally
 */
const split = (templates, names, { norms, digit }) => {
  const words = templates.dissent;
  const agreeing = norms.filter(({ agree, networks }) => agree === networks);
  const none = norms.filter(({ agree }) => !agree);
  const divided = norms.filter(({ agree, networks }) => agree && agree < networks);
  const apart = divided.reduce((sum, { agree, networks }) => sum + networks - agree, 0);
  const parts = divided.map((vote) => partWords(templates, names, vote));
  const others = parts.length
    ? fillIn(words.do_not[Number(apart > 1)], { parts: listed(parts) })
    : "";
  /** @param {{ norm: string }[]} some */
  const labels = (some) => some.map(({ norm }) => names[norm].label);
  const clauses = none.length
    ? [fillIn(words.none, { norms: labels(none).join(templates.or) })]
    : [];
  if (!agreeing.length) {
    const first = fillIn(words.apart, { others, digit });
    return `${capital([first, ...clauses].join("; "))}.`;
  }
  if (others) clauses.unshift(others);
  const head = words.agreeing[Number(agreeing.length > 1)];
  return fillIn(words.split, {
    agreeing: fillIn(head, { norms: listed(labels(agreeing)) }),
    digit,
    others: listed(clauses),
  });
};

/**
 * @param {Templates} templates
 * @param {Norms} names
 * @param {import("./tally.js").NormVote} vote
 */
const partWords = (templates, names, { norm, networks, agree }) => {
  const count = networks - agree;
  const [, part] = templates.parts.find(([most]) => count / networks <= most) ?? [1, ""];
  return fillIn(templates.dissent[part ? "part" : "few"], {
    part,
    count,
    networks,
    norm: names[norm].label,
  });
};

/**
 * @param {Templates} templates
 * @param {Norms} names
 * @param {import("./tally.js").Dissent} dissent
 */
const groupWords = ({ levels }, names, { first, shared }) => {
  const words = shared.map((factor) => {
    const value = first[factor];
    if (factor === "norm") return fillIn(levels.norm, { value: names[value].words });
    if (value === "none") return levels.none;
    return fillIn(levels[factor], { value });
  });
  return shared.includes("norm") ? words.join(" ") : [levels.networks, ...words].join(" ");
};
