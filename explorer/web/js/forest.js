// A line of a forest plot as a small SVG: an estimate with its interval over 0 and a margin.

import { makeChart, makeSvg } from "./charts.js";
import { scaleOf } from "./scales.js";
import { round } from "./symbols.js";

const [WIDTH, HEIGHT, PAD, MIDDLE] = [260, 46, 10, 14];

/**
 * A number with its sign and so many digits; a minus as wide as the plus.
 * @param {number} value
 * @param {number} digits
 */
export const signed = (value, digits) => {
  const text = Math.abs(value).toFixed(digits);
  const sign = Number(text) === 0 ? "\u00a0" : value < 0 ? "\u2212" : "+";
  return sign + text;
};

/**
 * The plot, on an axis from end to end.
 * @param {{ estimate: number, low: number, high: number, margin: number, expected: string, unit: string }} part
 * @param {[number, number]} ends
 * @param {number} digits
 */
export const forest = ({ estimate, low, high, margin, expected, unit }, [from, to], digits) => {
  const label = `${signed(estimate, digits)} ${unit}, interval ${signed(low, digits)} to ${signed(high, digits)}, margin ${margin}; the observation says ${expected} 0`;
  const svg = makeChart(WIDTH, HEIGHT, label);
  const { at } = scaleOf({ from, to }, { first: PAD, last: WIDTH - PAD });
  /** @param {number} value */
  const x = (value) => round(at(value));
  const width = round(at(margin) - at(-margin));
  const isRight = expected === "above";
  const arrow = isRight ? { x: WIDTH - 2, "text-anchor": "end" } : { x: 2, "text-anchor": "start" };
  svg.append(
    makeSvg("rect", { class: "band", x: x(-margin), y: 2, width, height: 2 * (MIDDLE - 2) }),
    makeSvg("path", { class: "zero", d: `M${x(0)} 0V${2 * MIDDLE}` }),
    makeSvg("path", { class: "interval", d: `M${x(low)} ${MIDDLE}H${x(high)}` }),
    makeSvg("circle", { class: "estimate", cx: x(estimate), cy: MIDDLE, r: 5 }),
    makeSvg("text", { x: x(0), y: HEIGHT - 5, "text-anchor": "middle" }, "0"),
    makeSvg("text", { ...arrow, y: HEIGHT - 5 }, isRight ? "claimed \u2192" : "\u2190 claimed"),
  );
  return svg;
};
