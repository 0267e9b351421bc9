// Links to a visitor's own numbers: text and settings in the fragment of the address, which no server sees.

import { linked } from "./address.js";

/** @typedef {{ name: string, text: string }} File */
/**
 * Choices of a visitor; null where one was left open. `names` and `groups` are by column and by run.
 * @typedef {object} Settings
 * @property {string | null} column
 * @property {string | null} by
 * @property {string | null} reduction
 * @property {Record<string, string> | null} groups
 * @property {string[] | null} columns
 * @property {Record<string, string> | null} names
 * @property {string | null} decimal
 * @property {boolean | null} header whether the first line names the columns
 * @property {boolean | null} paired
 * @property {boolean | null} higher_is_better
 * @property {string | null} unit
 * @property {number | string | null} margin
 * @property {number | string | null} deviation or "ours"
 */
/** @typedef {Settings & { files: File[] }} Question */
/** @typedef {Pick<import("./own_chart.js").Column, "trial" | "accuracies" | "resolution">} Column */
/** @typedef {Pick<import("./own_choices.js").Found, "kind" | "measures" | "labels" | "left_out" | "reduction">} Found */
/** @typedef {{ columns: Column[], higher_is_better: boolean, found: Found }} Judged */

/** Characters of a link; programs cut longer ones. */
export const LONGEST = 8000;

/** @type {Settings} */
export const OPEN = {
  column: null,
  by: null,
  reduction: null,
  groups: null,
  columns: null,
  names: null,
  decimal: null,
  header: null,
  paired: null,
  higher_is_better: null,
  unit: null,
  margin: null,
  deviation: null,
};

/** @param {unknown} value */
const isText = (value) => typeof value === "string";
/** @param {unknown} value */
const isFlag = (value) => typeof value === "boolean";
/** @param {unknown} value */
const isMap = (value) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isText);

/** @type {Record<keyof Settings, (value: unknown) => boolean>} */
const KINDS = {
  column: isText,
  by: isText,
  reduction: isText,
  groups: isMap,
  columns: (value) => Array.isArray(value) && value.every(isText),
  names: isMap,
  decimal: isText,
  header: isFlag,
  paired: isFlag,
  higher_is_better: isFlag,
  unit: isText,
  margin: (value) => typeof value === "number",
  deviation: (value) => typeof value === "number" || value === "ours",
};

/**
 * Settings of those kinds; what is unknown is left open.
 * @param {unknown} record
 * @returns {Settings}
 */
export const settingsOf = (record) => {
  const given = typeof record === "object" && record ? Object.entries(record) : [];
  const known = given.filter(
    ([key, value]) =>
      Object.hasOwn(KINDS, key) && KINDS[/** @type {keyof Settings} */ (key)](value),
  );
  return { ...OPEN, ...Object.fromEntries(known) };
};

/** @param {string} text */
const encoded = (text) =>
  encodeURIComponent(text).replace(/%(2C|3A|3B|20)/g, (code) =>
    code === "%20" ? "+" : decodeURIComponent(code),
  );

/**
 * The fragment of a text and the settings that are not open: `numbers=...&settings=...`.
 * @param {string} text
 * @param {Settings} settings
 */
export const fragmentOf = (text, settings) => {
  const chosen = Object.entries(settings).filter(([, value]) => value !== null);
  const parts = [`numbers=${encoded(text)}`];
  if (chosen.length) parts.push(`settings=${encoded(JSON.stringify(Object.fromEntries(chosen)))}`);
  return parts.join("&");
};

/**
 * Text and settings of a fragment, which may have other keys, too; null where it has no numbers.
 * @param {string} hash with its "#"
 */
export const readFragment = (hash) => {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const text = parts.get("numbers");
  if (!text) return null;
  /** @type {unknown} */
  let record = null;
  try {
    record = JSON.parse(parts.get("settings") ?? "null");
  } catch {
    // A link that was cut off: the numbers without the settings.
  }
  return { text, settings: settingsOf(record) };
};

/**
 * Comparison that the address asks "Compare" for.
 * @returns {import("./store.js").Compared}
 */
export const comparedLinked = () => {
  const query = linked("compare");
  if (query.has("own") || readFragment(location.hash) !== null) return "own";
  return query.has("bet") ? "bet" : "ours";
};

/**
 * True of a text that has nothing but the columns that were judged.
 * @param {Judged} judged
 */
const isJudgedWhole = ({ columns, found }) =>
  found.kind === "columns" &&
  found.measures.length === columns.length &&
  !found.labels.length &&
  !found.left_out.length;

/**
 * Part of a question that a link holds: its text where that is one, has nothing else and fits, else the columns that were judged.
 * @param {Question} question
 * @param {Judged} judged
 * @param {number} room characters
 */
export const linkedFragment = ({ files, ...settings }, judged, room) => {
  const whole =
    files.length === 1 && isJudgedWhole(judged) ? fragmentOf(files[0].text, settings) : "";
  if (whole && whole.length <= room) return whole;
  const unit = settings.unit === "fraction" ? "percent" : settings.unit; // they were judged in percent
  const { paired, margin, deviation } = settings;
  // Columns show neither the name of their measure nor what was taken of each run.
  const { higher_is_better, found } = judged;
  const { reduction } = found;
  const kept = { ...OPEN, unit, paired, higher_is_better, reduction, margin, deviation };
  const short = fragmentOf(textOf(judged.columns), kept);
  return short.length <= room ? short : null;
};

/**
 * Columns as a text with tabs between them.
 * @param {Column[]} columns
 */
const textOf = (columns) => {
  const names = columns.map(({ trial }) => trial.replaceAll(/\s+/g, " "));
  const most = Math.max(...columns.map(({ accuracies }) => accuracies.length));
  const lines = Array.from({ length: most }, (_, run) =>
    columns.map(({ accuracies, resolution }) =>
      run < accuracies.length ? shown(accuracies[run], resolution) : "",
    ),
  );
  return [names, ...lines].map((cells) => cells.join("\t")).join("\n");
};

/**
 * A number with its last shown digit, zeros too, and without the noise of binary fractions.
 * @param {number} value
 * @param {number} resolution
 */
const shown = (value, resolution) => {
  const plain = Number(value.toPrecision(12));
  const places = Math.round(-Math.log10(resolution));
  return places > 0 && places <= 12 ? plain.toFixed(places) : String(plain);
};
