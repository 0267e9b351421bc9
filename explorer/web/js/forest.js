// Lines of forest plots as small SVGs: estimates with their intervals over 0 and a margin.

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
 * Ends of an axis on which all intervals and margins fit.
 * @param {{ low: number, high: number, margin: number, corrected?: { low: number, high: number } }[]} lines
 * @returns {[number, number]}
 */
export const endsOfLines = (lines) => [
  Math.min(...lines.flatMap(({ low, margin, corrected }) => [low, -margin, corrected?.low ?? low])),
  Math.max(
    ...lines.flatMap(({ high, margin, corrected }) => [high, margin, corrected?.high ?? high]),
  ),
];

/**
 * Band of the margin and rule of 0, which all lines share.
 * @param {(value: number) => number} x
 * @param {number} margin
 * @param {number} top
 * @param {number} bottom
 */
const background = (x, margin, top, bottom) => [
  makeSvg("rect", {
    class: "band",
    x: x(-margin),
    y: top,
    width: round(x(margin) - x(-margin)),
    height: bottom - top,
  }),
  makeSvg("path", { class: "zero", d: `M${x(0)} ${top}V${bottom}` }),
];

/**
 * A line of a list of contrasts, which closes up with those above and below: thick the interval alone, thin the corrected one.
 * @param {{ label: string, estimate: number, low: number, high: number, margin: number, corrected: { low: number, high: number } }} contrast
 * @param {[number, number]} ends
 * @param {string} word
 * @param {number} width as on the page, or nearly
 */
export const forestLine = (
  { label, estimate, low, high, margin, corrected },
  [from, to],
  word,
  width,
) => {
  const [height, middle] = [20, 10];
  const says = `${label}: ${word}, ${signed(estimate, 3)} points, interval ${signed(low, 3)} to ${signed(high, 3)}, margin ${margin}`;
  const svg = makeChart(width, height, says);
  const { at } = scaleOf({ from, to }, { first: PAD, last: width - PAD });
  /** @param {number} value */
  const x = (value) => round(at(value));
  /** @type {[{ low: number, high: number }, number][]} */
  const bars = [
    [corrected, 1.2],
    [{ low, high }, 4],
  ];
  svg.append(
    ...background(x, margin, 0, height),
    ...bars.map(([bar, thickness]) =>
      makeSvg("path", {
        class: "interval",
        d: `M${x(bar.low)} ${middle}H${x(bar.high)}`,
        style: `stroke-width: ${thickness}`,
      }),
    ),
    makeSvg("circle", { class: "estimate", cx: x(estimate), cy: middle, r: 3.5 }),
  );
  return svg;
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
  const isRight = expected === "above";
  const arrow = isRight ? { x: WIDTH - 2, "text-anchor": "end" } : { x: 2, "text-anchor": "start" };
  svg.append(
    ...background(x, margin, 2, 2 * MIDDLE - 2),
    makeSvg("path", { class: "interval", d: `M${x(low)} ${MIDDLE}H${x(high)}` }),
    makeSvg("circle", { class: "estimate", cx: x(estimate), cy: MIDDLE, r: 5 }),
    makeSvg("text", { x: x(0), y: HEIGHT - 5, "text-anchor": "middle" }, "0"),
    makeSvg("text", { ...arrow, y: HEIGHT - 5 }, isRight ? "claimed \u2192" : "\u2190 claimed"),
  );
  return svg;
};
