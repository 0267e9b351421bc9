// The picture of a visitor's numbers: differences with their intervals between zero and the margin, and all runs of every column below.

import { cut, drawAxis, LETTER, SIDE, spanOf } from "./axes.js";
import { makeChart, makeSvg } from "./charts.js";
import { signed } from "./forest.js";
import { round, symbolPath } from "./symbols.js";

/** @typedef {{ low: number, high: number }} Interval */
/** @typedef {{ points: number, corrected: Interval, margin: number | null } & Interval} Difference */
/** @typedef {{ trial: string, seeds: number, accuracies: number[], mean: number, resolution: number }} Column */
/** @typedef {{ a: number, b: number, difference: Difference, family: number }} Pair positions of columns, and a - b */
/**
 * @typedef {object} Judged
 * @property {Column[]} columns
 * @property {Pair[]} pairs
 * @property {string[]} best names, the best mean first
 * @property {number} digits
 * @property {string} unit of differences
 * @property {string} unit_of_values
 * @property {boolean} higher_is_better
 */

const HEAD = 22; // above the differences
const PAIR = 42; // of a difference
const AXIS = 46; // of an axis and its name
const ROW = 48; // of a column's runs
const SPREAD = 22; // over which runs of about one value are stacked
const RADIUS = 4.5;
const HUES = ["blue", "vermillion", "green", "purple", "orange", "sky", "olive"];
const SYMBOLS = /** @type {const} */ (["circle", "diamond", "square", "triangle"]);

/**
 * A pair seen from its other side.
 * @param {Pair} pair
 * @returns {Pair}
 */
const turned = ({ a, b, difference, family }) => {
  /** @param {Interval} interval */
  const turn = ({ low, high }) => ({ low: -high, high: -low });
  const { points, corrected } = difference;
  const other = { points: -points, corrected: turn(corrected), ...turn(difference) };
  return { a: b, b: a, difference: { ...difference, ...other }, family };
};

/**
 * The pairs that are drawn: of two columns theirs, of more the column with the best mean against every other.
 * @param {Judged} judged
 */
export const pairsDrawn = ({ columns, pairs, best }) => {
  if (columns.length === 2) return pairs;
  const first = columns.findIndex(({ trial }) => trial === best[0]);
  return pairs
    .filter(({ a, b }) => a === first || b === first)
    .map((pair) => (pair.a === first ? pair : turned(pair)));
};

/**
 * Draws the differences of pairs.
 * @param {SVGSVGElement} svg
 * @param {Judged} judged
 * @param {Pair[]} drawn
 * @param {number} bottom
 */
const drawDifferences = (svg, { columns, unit, higher_is_better: isUp }, drawn, bottom) => {
  const width = svg.viewBox.baseVal.width;
  const name = (/** @type {number} */ index) => columns[index].trial;
  const { margin } = drawn[0].difference;
  const ends = drawn.flatMap(({ difference: { low, high, corrected } }) => [
    ...[low, high],
    ...[corrected.low, corrected.high],
  ]);
  const x = spanOf([0, ...ends, ...(margin ? [-margin, margin] : [])], width);
  const half = width / 2 - 2 * SIDE;
  const isOne = drawn.length === 1;
  const room = (isOne ? half : width - 2 * SIDE - 15 * LETTER) - 10 * LETTER;
  const right = `${cut(name(drawn[0].a), room)} is better`;
  const left = isOne ? `${cut(name(drawn[0].b), room)} is better` : "it is worse";
  const [low, high] = isUp ? [left, right] : [right, left];
  svg.append(
    makeSvg("text", { x: SIDE, y: 12 }, low),
    makeSvg("text", { x: width - SIDE, y: 12, "text-anchor": "end" }, high),
  );
  if (margin) {
    const [from, to] = [round(x.at(-margin)), round(x.at(margin))];
    const box = { x: from, y: HEAD, width: to - from, height: bottom - HEAD };
    svg.append(makeSvg("rect", { class: "band", ...box }));
  }
  svg.append(makeSvg("path", { class: "zero", d: `M${round(x.at(0))} ${HEAD}V${bottom}` }));
  drawn.forEach(({ b, difference, family }, index) => {
    const y = HEAD + PAIR * index + (isOne ? PAIR / 2 : 28);
    if (!isOne)
      svg.append(
        makeSvg("text", { x: SIDE, y: y - 12 }, cut(`against ${name(b)}`, width - 2 * SIDE)),
      );
    drawInterval(svg, x, y, difference.corrected, 1.5);
    if (family > 1) drawInterval(svg, x, y, difference, 5);
    const d = symbolPath("circle", round(x.at(difference.points)), y, 6);
    svg.append(makeSvg("path", { class: "estimate", d }));
  });
  const sides = `${name(drawn[0].a)} minus ${isOne ? name(drawn[0].b) : "another"}`;
  const axis = [sides, unit].filter(Boolean).join(", ");
  drawAxis(svg, x, bottom, axis, true);
};

/**
 * @param {SVGSVGElement} svg
 * @param {ReturnType<typeof spanOf>} x
 * @param {number} y
 * @param {Interval} interval
 * @param {number} thickness
 */
const drawInterval = (svg, x, y, { low, high }, thickness) => {
  const [first, last] = [round(x.at(low)), round(x.at(high))];
  const look = { class: "interval", "stroke-width": thickness };
  svg.append(
    makeSvg("path", { ...look, d: `M${first} ${y}H${last}` }),
    makeSvg("path", { class: "interval", d: `M${first} ${y - 5}v10M${last} ${y - 5}v10` }),
  );
};

/**
 * Points of runs: those that would cover each other are stacked.
 * @param {number[]} values
 * @param {ReturnType<typeof spanOf>} x
 * @param {number} middle
 */
const stacked = (values, x, middle) => {
  /** @type {Map<number, number>} */
  const counts = new Map();
  const bins = values.map((value) => Math.round(x.at(value) / RADIUS));
  for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const step = Math.min(5, SPREAD / Math.max(1, most - 1));
  /** @type {Map<number, number>} */
  const placed = new Map();
  return values.map((value, run) => {
    const before = placed.get(bins[run]) ?? 0;
    placed.set(bins[run], before + 1);
    const alike = counts.get(bins[run]) ?? 1;
    return { x: x.at(value), y: middle + step * (before - (alike - 1) / 2) };
  });
};

/**
 * Draws the runs of all columns and their means.
 * @param {SVGSVGElement} svg
 * @param {Judged} judged
 * @param {number} top
 */
const drawRuns = (svg, { columns, digits, unit_of_values: unit }, top) => {
  const width = svg.viewBox.baseVal.width;
  const x = spanOf(
    columns.flatMap(({ accuracies }) => accuracies),
    width,
  );
  columns.forEach(({ trial, seeds, accuracies, mean }, index) => {
    const middle = top + ROW * index + 30;
    const words = `, ${seeds} run${seeds === 1 ? "" : "s"}, mean ${mean.toFixed(digits)}`;
    const name = cut(trial, width - 2 * SIDE - LETTER * words.length);
    const d = stacked(accuracies, x, middle)
      .map((point) => symbolPath(SYMBOLS[index % SYMBOLS.length], point.x, point.y, RADIUS))
      .join("");
    const fill = `var(--${HUES[index % HUES.length]})`;
    svg.append(
      makeSvg("text", { x: SIDE, y: middle - 17 }, name + words),
      makeSvg("path", { class: "run", d, fill }),
      makeSvg("path", { class: "mean", d: `M${round(x.at(mean))} ${middle - 12}v24` }),
    );
  });
  const name = ["every run and mean", unit].filter(Boolean).join(", ");
  drawAxis(svg, x, top + ROW * columns.length + 4, name, false);
};

/**
 * @param {Judged} judged
 * @param {number} width pixels
 */
export const drawOwn = (judged, width) => {
  const { columns, digits, unit } = judged;
  const drawn = pairsDrawn(judged);
  const rows = drawn.map(({ a, b, difference: { points, corrected } }) => {
    const [middle, low, high] = [points, corrected.low, corrected.high].map((value) =>
      signed(value, digits).trim(),
    );
    const amount = [middle, unit].filter(Boolean).join(" ");
    return `${columns[a].trial} minus ${columns[b].trial}: ${amount}, interval ${low} to ${high}`;
  });
  const bottom = HEAD + PAIR * drawn.length;
  const height = bottom + AXIS + ROW * columns.length + AXIS;
  const svg = makeChart(width, height, `${rows.join("; ")}; the runs of every column below`);
  drawDifferences(svg, judged, drawn, bottom);
  drawRuns(svg, judged, bottom + AXIS);
  return svg;
};
