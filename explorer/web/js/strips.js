// Strips: a row for each line, with a field for each stretch in which its value stays, darker where the value is larger.

import { makeChart, makeSvg } from "./charts.js";
import { LETTER } from "./axes.js";
import { brief, endsOf, scaleOf } from "./scales.js";
import { round } from "./symbols.js";

const ROW = 20; // pixels
const TOP = 18;
const DARK = [0.06, 0.4]; // opacity of the smallest and of the largest value

/**
 * Stretches of equal values.
 * @param {{ xs: number[], ys: (number | null)[] }} line
 * @returns {{ from: number, to: number, value: number }[]}
 */
export const stretchesOf = ({ xs, ys }) =>
  xs.reduce((all, x, index) => {
    const [value, last] = [ys[index], all.at(-1)];
    if (value === null) return all;
    if (last && last.value === value) last.to = x;
    else all.push({ from: x, to: x, value });
    return all;
  }, /** @type {{ from: number, to: number, value: number }[]} */ ([]));

/**
 * @param {import("./line_charts.js").Chart} chart
 * @param {{ at: (value: number) => number }} x
 * @param {{ width: number, left: number, right: number, label: string }} area
 */
export const drawStrip = ({ lines, y: name }, x, { width, left, right, label }) => {
  const svg = makeChart(width, TOP + ROW * lines.length + 2, label);
  const [from, to] = endsOf(
    lines.flatMap(({ ys }) => ys),
    true,
  );
  const shade = scaleOf({ from, to, log: true }, { first: DARK[0], last: DARK[1] });
  /** @param {number} value */
  const within = (value) => Math.max(left, Math.min(right, x.at(value)));
  svg.append(makeSvg("text", { x: 4, y: 12 }, name));
  lines.forEach((line, row) => {
    const y = TOP + row * ROW;
    for (const stretch of stretchesOf(line)) {
      const [start, end] = [within(stretch.from - 0.5), within(stretch.to + 0.5)];
      const words = brief(stretch.value);
      const box = { x: round(start), y, width: round(end - start - 1), height: ROW - 3 };
      svg.append(makeSvg("rect", { ...box, fill: line.hue, opacity: shade.at(stretch.value) }));
      if (words.length * LETTER > end - start - 4) continue;
      const middle = round((start + end) / 2);
      svg.append(makeSvg("text", { x: middle, y: y + 13, "text-anchor": "middle" }, words));
    }
  });
  return svg;
};
