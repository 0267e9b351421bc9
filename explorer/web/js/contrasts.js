// Families of contrasts in Claims: what each factor of the grid does, and the studies beyond the grid.

import { chartKey, lineChart } from "./charts.js";
import { makeCard, makeSection, makeWord } from "./cards.js";
import { endsOfLines, forestLine, signed } from "./forest.js";
import { make } from "./nodes.js";

/**
 * @typedef {object} Contrast
 * @property {string} label
 * @property {number} estimate
 * @property {number} low
 * @property {number} high
 * @property {{ low: number, high: number }} corrected interval
 * @property {number} margin
 * @property {string} outcome
 * @property {[number, number]} seeds
 */
/** @typedef {{ title: string, says: string, rows: Contrast[] }} Card */
/** @typedef {{ key: string, title: string, cards: Card[] }} Factor */
/** @typedef {{ name: string, values: number[], means: number[], intervals: { low: number, high: number }[] }} Curve */
/** @typedef {{ title: string, values: number[], lines: Curve[] }} Chart */
/** @typedef {{ title: string, rows: Contrast[] }} Family */
/** @typedef {{ key: string, title: string, sentence: string, charts: Chart[], families: Family[] }} Study */
/** @typedef {Record<string, string>} Words the word and the hue of an outcome, or the hue of a norm */

/** Hues of the outcomes, as those of the parts: an effect, none, open. */
/** @type {Words} */
const HUES = { different: "var(--green)", equivalent: "var(--blue)", undecided: "var(--open)" };

/**
 * Contrasts below each other on one axis: label, line, and the difference in numbers.
 * @param {Contrast[]} rows
 * @param {[number, number]} ends
 * @param {Words} outcomes
 * @param {number} width of a line
 */
const makeRows = (rows, ends, outcomes, width) => {
  const list = make("div", "rows");
  for (const row of rows) {
    const { label, estimate, outcome } = row;
    const line = make("div", `row ${outcome}`);
    line.style.setProperty("--word", HUES[outcome]);
    const numbers = make("span", "numbers", signed(estimate, 3));
    const word = make("span", "outcome", outcomes[outcome]);
    line.append(
      make("span", "label", label),
      forestLine(row, ends, outcomes[outcome], width),
      numbers,
      word,
    );
    list.append(line);
  }
  return list;
};

/**
 * @param {Factor} factor
 * @param {Words} outcomes
 * @param {boolean} isOpen
 */
export const makeFactor = ({ key, title, cards }, outcomes, isOpen) => {
  const section = makeSection(key, title, isOpen);
  const ends = endsOfLines(cards.flatMap(({ rows }) => rows));
  const list = make("div", "cards");
  for (const { title: pair, says, rows } of cards) {
    const { outcome, seeds } = rows[0];
    const foot = make("div", "foot");
    foot.append(make("span", "", `${seeds[0]} and ${seeds[1]} runs`));
    const word = makeWord(outcomes[outcome], HUES[outcome]);
    const body = [makeRows(rows, ends, outcomes, 130), foot];
    list.append(makeCard({ title: pair, word, says, hue: HUES[outcome] }, body, isOpen));
  }
  section.append(list);
  return section;
};

/** A batch size, or a learning rate in short. @param {number} value */
const wordsOf = (value) => (Number.isInteger(value) ? value : Number(value.toPrecision(2)));

/**
 * @param {Chart} chart
 * @param {Words} hues
 */
const makeChart = ({ title, values, lines }, hues) => {
  const figure = make("figure", "chart");
  const svg = lineChart({
    label: `Mean accuracy over ${title}: ${lines.map(({ name }) => name).join(", ")}`,
    y: "mean accuracy, %",
    ticks: values.map((value) => ({ at: Math.log2(value), words: wordsOf(value) })),
    lines: lines.map(({ name, values: xs, means, intervals }) => ({
      xs: xs.map(Math.log2),
      ys: means,
      lows: intervals.map(({ low }) => low),
      highs: intervals.map(({ high }) => high),
      hue: hues[name],
      symbol: "circle",
    })),
  });
  figure.append(svg, make("figcaption", "", title));
  return figure;
};

/**
 * @param {Study} study
 * @param {Words} hues of the norms
 * @param {Words} outcomes
 * @param {boolean} isOpen
 */
export const makeStudy = ({ key, title, sentence, charts, families }, hues, outcomes, isOpen) => {
  const section = makeSection(key, title, isOpen);
  section.append(make("p", "", sentence));
  if (charts.length) {
    const keys = make("div", "keys");
    const names = charts[0].lines.map(({ name }) => ({ name, hue: hues[name], dash: "none" }));
    keys.append(...chartKey(names));
    const row = make("div", "charts");
    row.append(...charts.map((chart) => makeChart(chart, hues)));
    section.append(keys, row);
  }
  for (const { title: words, rows } of families) {
    const box = make("details", "family");
    box.open = isOpen && !charts.length;
    box.append(make("summary", "", words), makeRows(rows, endsOfLines(rows), outcomes, 300));
    section.append(box);
  }
  return section;
};
