// The picture of a comparison: the difference with its intervals between zero and the margin, and the seeds of both sides below.

import { drawAxis, SIDE, spanOf } from "./axes.js";
import { makeChart, makeSvg } from "./charts.js";
import { signed } from "./forest.js";
import { round, symbolPath } from "./symbols.js";

/** @typedef {{ low: number, high: number }} Interval */
/** @typedef {{ points: number, new_images: Interval, corrected: Interval, margin: number } & Interval} Difference */
/**
 * @typedef {object} Compared
 * @property {Difference} difference
 * @property {{ accuracies: number[], mean: number }} a
 * @property {{ accuracies: number[], mean: number }} b
 * @property {string[]} names of the configurations
 * @property {string[]} hues
 * @property {number} family comparisons that the verdict is corrected for
 */

const HEIGHT = 312;
const RADIUS = 4.5;
const STACKED = 5; // pixels between seeds with one accuracy
const SYMBOLS = /** @type {const} */ (["circle", "diamond"]);

/**
 * Draws the difference on these images and on new ones.
 * @param {SVGSVGElement} svg
 * @param {Difference} difference
 * @param {number} family
 */
const drawDifference = (svg, difference, family) => {
  const width = svg.viewBox.baseVal.width;
  const { points, low, high, new_images: onNew, corrected, margin } = difference;
  const ends = [low, high, onNew.low, onNew.high, corrected.low, corrected.high];
  const x = spanOf([...ends, -margin, margin], width);
  const [top, bottom] = [22, 112];
  const left = round(x.at(-margin));
  svg.append(
    makeSvg("text", { x: SIDE, y: 12 }, "B reads better"),
    makeSvg("text", { x: width - SIDE, y: 12, "text-anchor": "end" }, "A reads better"),
    makeSvg("rect", {
      class: "band",
      x: left,
      y: top,
      width: round(x.at(margin)) - left,
      height: bottom - top,
    }),
    makeSvg("path", { class: "zero", d: `M${round(x.at(0))} ${top}V${bottom}` }),
  );
  /**
   * @param {Interval} interval
   * @param {number} y
   * @param {Record<string, string | number>} look
   */
  const interval = (interval, y, look) => {
    const [first, last] = [round(x.at(interval.low)), round(x.at(interval.high))];
    const ends = `M${first} ${y - 5}v10M${last} ${y - 5}v10`;
    svg.append(
      makeSvg("path", { class: "interval", d: `M${first} ${y}H${last}`, ...look }),
      makeSvg("path", { class: "interval", d: ends }),
    );
  };
  const thin = family > 1 ? `, thin: corrected for ${family.toLocaleString("en")}` : "";
  svg.append(makeSvg("text", { x: SIDE, y: 37 }, `on these images${thin}`));
  interval(corrected, 52, { "stroke-width": 1.5 });
  interval({ low, high }, 52, { "stroke-width": 5 });
  svg.append(makeSvg("text", { x: SIDE, y: 79 }, "on new images of this kind"));
  interval(onNew, 94, { "stroke-width": 2, "stroke-dasharray": "5 3" });
  const at = round(x.at(points));
  for (const [y, symbol] of /** @type {const} */ ([
    [52, "circle"],
    [94, "diamond"],
  ]))
    svg.append(makeSvg("path", { class: "estimate", d: symbolPath(symbol, at, y, 6) }));
  drawAxis(svg, x, bottom, "A minus B, points", true);
};

/**
 * Draws the seeds of both sides, those with one accuracy above each other, and their means.
 * @param {SVGSVGElement} svg
 * @param {Compared} compared
 */
const drawSeeds = (svg, { a, b, names, hues }) => {
  const width = svg.viewBox.baseVal.width;
  const x = spanOf([...a.accuracies, ...b.accuracies], width);
  [a, b].forEach(({ accuracies, mean }, index) => {
    const middle = 194 + 46 * index;
    const words = `${"AB"[index]}: ${names[index]}, ${accuracies.length} seeds`;
    svg.append(makeSvg("text", { x: SIDE, y: middle - 16 }, words));
    const d = accuracies.map((value, seed) => {
      const before = accuracies.slice(0, seed).filter((other) => other === value).length;
      const alike = accuracies.filter((other) => other === value).length;
      const y = middle + STACKED * (before - (alike - 1) / 2);
      return symbolPath(SYMBOLS[index], x.at(value), y, RADIUS);
    });
    const dots = makeSvg("g", { class: "seeds", fill: hues[index] });
    dots.append(
      ...d.map((dot, seed) => makeSvg("path", { class: "seed", d: dot, style: `--seed: ${seed}` })),
    );
    svg.append(
      dots,
      makeSvg("path", { class: "mean", d: `M${round(x.at(mean))} ${middle - 11}v22` }),
    );
  });
  drawAxis(svg, x, 266, "accuracy of every seed and mean, %", false);
};

/**
 * @param {Compared} compared
 * @param {number} width pixels
 */
export const drawComparison = (compared, width) => {
  const { points, low, high } = compared.difference;
  const [middle, from, to] = [points, low, high].map((value) => signed(value, 3).trim());
  const label = `A minus B: ${middle} points, 95 % interval ${from} to ${to}; the seeds of A and B below`;
  const svg = makeChart(width, HEIGHT, label);
  drawDifference(svg, compared.difference, compared.family);
  drawSeeds(svg, compared);
  return svg;
};
