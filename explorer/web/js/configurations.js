// Configurations chosen by their settings: the values that a setting may have, and the nearest configuration that has one.

/** @typedef {{ name: string, row: number | null, norm: string, penalty: string, batch: number, rate: string }} Configuration */
/** @typedef {"norm" | "penalty" | "batch" | "rate"} Setting */

/** @type {Setting[]} */
export const SETTINGS = ["norm", "penalty", "batch", "rate"];
const CHANGED = "changes other settings, too";

/**
 * Kinds of a penalty without their weights: "L1, L2".
 * @param {string} penalty
 */
const kindsOf = (penalty) => penalty.replace(/ [^,]+/g, "");

/**
 * Distance between two configurations: the norm weighs most, then the penalty, then doublings of batch size and learning rate.
 * @param {Configuration} one
 * @param {Configuration} other
 */
const distance = (one, other) =>
  1000 * Number(one.norm !== other.norm) +
  100 * Number(kindsOf(one.penalty) !== kindsOf(other.penalty)) +
  50 * Number(one.penalty !== other.penalty) +
  Math.abs(Math.log2(one.batch / other.batch)) +
  Math.abs(Math.log2(parseFloat(one.rate) / parseFloat(other.rate))) +
  Number(one.rate !== other.rate) / 100;

/**
 * The configuration with a value of a setting that is nearest to the chosen one.
 * @param {Configuration[]} configurations
 * @param {Configuration} chosen
 * @param {Setting} setting
 * @param {string} value
 */
export const nearest = (configurations, chosen, setting, value) =>
  configurations
    .filter((configuration) => String(configuration[setting]) === value)
    .reduce((best, one) => (distance(one, chosen) < distance(best, chosen) ? one : best));

/**
 * Options of a setting: first the values that leave the chosen configuration's other settings as they are.
 * @param {Configuration[]} configurations
 * @param {Configuration} chosen
 * @param {Setting} setting
 * @returns {[string | number, string | number, string?][]}
 */
export const optionsOf = (configurations, chosen, setting) => {
  const values = [...new Set(configurations.map((configuration) => configuration[setting]))];
  if (setting === "batch" || setting === "rate")
    values.sort((one, other) => parseFloat(String(one)) - parseFloat(String(other)));
  /** @param {string | number} value */
  const isKept = (value) => {
    const near = nearest(configurations, chosen, setting, String(value));
    return SETTINGS.every((other) => other === setting || near[other] === chosen[other]);
  };
  const kept = values.filter(isKept);
  const others = values.filter((value) => !kept.includes(value));
  return [
    ...kept.map((value) => /** @type {[typeof value, typeof value]} */ ([value, value])),
    ...others.map(
      (value) => /** @type {[typeof value, typeof value, string]} */ ([value, value, CHANGED]),
    ),
  ];
};
