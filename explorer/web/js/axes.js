// Horizontal axes of comparisons: over differences, and over the results of runs.

import { makeSvg } from "./charts.js";
import { roundTicks, scaleOf } from "./scales.js";
import { round } from "./symbols.js";

export const SIDE = 12; // pixels beside the axes
export const LETTER = 6.6; // width of a letter, roughly
const DIGIT = 8.5; // at most
const PAD = 0.05; // of the range, beyond its ends

/**
 * A text that fits into so many pixels.
 * @param {string} text
 * @param {number} width
 */
export const cut = (text, width) => {
  const most = Math.max(4, Math.floor(width / LETTER));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

/**
 * A scale over values, and a bit beyond.
 * @param {number[]} values
 * @param {number} width
 */
export const spanOf = (values, width) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = PAD * (high - low);
  return scaleOf({ from: low - pad, to: high + pad }, { first: SIDE, last: width - SIDE });
};

/**
 * Where a number stands that belongs to `x`: in the middle, or at the edge of a chart of that width where it would be cut off.
 * @param {number} x
 * @param {string} words
 * @param {number} width
 */
export const anchored = (x, words, width) => {
  const half = (DIGIT * words.length) / 2;
  if (x < half) return { x: 0, "text-anchor": "start" };
  if (x > width - half) return { x: width, "text-anchor": "end" };
  return { x, "text-anchor": "middle" };
};

/** A number with a minus as wide as a plus. @param {number} value */
const worded = (value) => String(value).replace("-", "\u2212");

/**
 * Draws a horizontal axis with its name; where it is signed, numbers above 0 have a plus.
 * @param {SVGSVGElement} svg
 * @param {ReturnType<typeof spanOf>} scale
 * @param {number} y
 * @param {string} name
 * @param {boolean} isSigned
 */
export const drawAxis = (svg, scale, y, name, isSigned) => {
  const width = svg.viewBox.baseVal.width;
  svg.append(makeSvg("path", { class: "rule", d: `M${SIDE} ${y}H${width - SIDE}` }));
  for (const at of roundTicks(scale.low, scale.high, false, width / 90)) {
    const x = round(scale.at(at));
    const words = `${isSigned && at > 0 ? "+" : ""}${worded(at)}`;
    svg.append(
      makeSvg("path", { class: "rule", d: `M${x} ${y}v4` }),
      makeSvg("text", { y: y + 17, ...anchored(x, words, width) }, words),
    );
  }
  const text = cut(name, width - 2 * SIDE);
  svg.append(makeSvg("text", { x: width / 2, y: y + 34, "text-anchor": "middle" }, text));
};
