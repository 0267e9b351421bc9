// Lines of the table of results: those of a selection, in an order, and where each leads to.

import { queryOf } from "./address.js";

/**
 * A configuration and its runs; accuracies in percent, null where there is none.
 * @typedef {object} Line
 * @property {string} config
 * @property {string} name in words
 * @property {string} norm
 * @property {string} regulariser
 * @property {number} l1
 * @property {number} l2
 * @property {number} batch
 * @property {number} rate
 * @property {string[]} other further settings that differ from the recipe
 * @property {string[]} studies
 * @property {string[]} trials its networks, by seed
 * @property {number} seeds
 * @property {string} state collapsed, or how many diverged; else empty
 * @property {number | null} mean
 * @property {number | null} low of the 95 % interval
 * @property {number | null} high
 * @property {boolean} shown on the axis
 * @property {number | null} row of the published table
 * @property {number | null} published best epoch of one run
 * @property {string | null} run the same configuration without its penalties, where it is trained
 * @property {number | null} run_mean
 */
/** @typedef {{ norm: string, penalty: string, batch: string, study: string, search: string }} Selection empty where any will do */
/** @typedef {"norm" | "l1" | "l2" | "batch" | "rate" | "mean" | "half" | "seeds" | "row" | "published" | "studies"} Key */
/** @typedef {{ key: Key, isDescending: boolean }} Order */

/** @param {Line} line half width of the interval, or null */
export const halfOf = ({ mean, high }) => (mean === null || high === null ? null : high - mean);

/**
 * @param {Line} line
 * @param {Key} key
 * @returns {number | string | null}
 */
export const valueOf = (line, key) => {
  if (key === "half") return halfOf(line);
  if (key === "studies") return line.studies.join(", ");
  if (key === "norm") return [line.norm, ...line.other].join(", ");
  return line[key];
};

/** @param {string} text */
const wordsOf = (text) =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);

/** @param {string} word */
const isNumber = (word) => /^[\d.]+$/.test(word);

/**
 * Lines with these settings; every word of the search stands in a word of the name, the row or the studies, and a number is one of them.
 * @param {Line[]} lines
 * @param {Selection} selection
 */
export const select = (lines, { norm, penalty, batch, study, search }) => {
  const words = wordsOf(search);
  return lines.filter((line) => {
    const text = [line.name, line.row && `row ${line.row}`, ...line.studies, line.state].join(" ");
    return (
      (!norm || line.norm === norm) &&
      (!penalty || line.regulariser === penalty) &&
      (!batch || String(line.batch) === batch) &&
      (!study || line.studies.includes(study)) &&
      words.every((word) =>
        wordsOf(text).some((one) => one === word || (!isNumber(word) && one.includes(word))),
      )
    );
  });
};

/**
 * Lines in an order; ties as they come, lines without the value after those that have it, and those off the axis last.
 * @param {Line[]} lines
 * @param {Order} order
 */
export const sort = (lines, { key, isDescending }) => {
  const sign = isDescending ? -1 : 1;
  return [...lines].sort((a, b) => {
    const [first, second] = [valueOf(a, key), valueOf(b, key)];
    if (a.shown !== b.shown) return a.shown ? -1 : 1;
    if (first === second) return 0;
    if (first === null || second === null) return first === null ? 1 : -1;
    return first < second ? -sign : sign;
  });
};

/** Order in a link: the key, after "-" where it descends. @param {Order} order */
export const orderText = ({ key, isDescending }) => (isDescending ? `-${key}` : key);

/**
 * Links from a line: label and query.
 * @param {Line} line
 * @param {Line} best
 * @returns {[string, string][]}
 */
export const linksOf = (line, best) => {
  if (!line.trials.length) return [];
  const { config: a, run, norm, regulariser, batch, rate, studies } = line;
  const curves = { norm, regulariser, batch, study: studies, rate };
  /** @type {[string, string, Record<string, unknown>][]} */
  const links = [
    ["its curves", "curves", curves],
    ["its mistakes", "mistakes", { trial: line.trials[0] }],
  ];
  if (run && run !== a) links.push(["with and without its penalty", "compare", { a, b: run }]);
  if (best.config !== a && best.seeds > 1 && line.seeds > 1)
    links.push(["against the best", "compare", { a, b: best.config }]);
  return links.map(([label, tab, settings]) => [label, `?${queryOf(tab, settings)}`]);
};
