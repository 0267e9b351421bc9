// Labels at the ends of lines, pushed apart where they would overlap.

import { makeSvg } from "./charts.js";
import { cut, LETTER } from "./axes.js";
import { round } from "./symbols.js";

export const LEADING = 13; // pixels from one label to the next
const GAP = 14; // pixels from the end of a line to its label
const MOST = 0.3; // of a chart's width

/**
 * Heights of labels, at least `gap` apart and within `low` to `high` where there is room, as near as may be to where they belong.
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]} in the order of `wanted`
 */
export const pushApart = (wanted, gap, low, high) => {
  /** Labels that touch, as a block around the mean of what they want. @type {{ total: number, count: number }[]} */
  const blocks = [];
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  /** Top of a block. @param {{ total: number, count: number }} block */
  const topOf = ({ total, count }) => {
    const top = total / count - ((count - 1) * gap) / 2;
    return Math.max(low, Math.min(high - (count - 1) * gap, top));
  };
  for (const index of order) {
    let block = { total: wanted[index], count: 1 };
    for (
      let last = blocks.at(-1);
      last && topOf(last) + last.count * gap > topOf(block);
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { total: last.total + block.total, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const heights = blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, place) => topOf(block) + place * gap),
  );
  return wanted.map((_, index) => heights[order.indexOf(index)]);
};

/**
 * Room for labels to the right of a chart of that width, in pixels.
 * @param {string[]} labels
 * @param {number} width
 */
export const roomFor = (labels, width) => {
  const longest = Math.max(0, ...labels.map((label) => label.length));
  return longest ? Math.min(MOST * width, GAP + 4 + longest * LETTER) : 0;
};

/**
 * A label for each line where it ends, with a stroke of its hue that leads there.
 * @param {{ parent: SVGElement, label: string, hue: string, x: number, y: number }[]} ends
 * @param {{ top: number, foot: number, right: number, room: number }} area
 */
export const drawLabels = (ends, { top, foot, right, room }) => {
  const wanted = ends.map(({ y }) => y);
  const heights = pushApart(wanted, LEADING, top, foot);
  ends.forEach(({ parent, label, hue, x, y }, index) => {
    const at = round(heights[index]);
    parent.append(
      makeSvg("path", {
        class: "lead",
        d: `M${round(x + 3)} ${round(y)}L${round(right + GAP - 3)} ${at}`,
        stroke: hue,
      }),
      makeSvg("text", { x: right + GAP, y: at + 4 }, cut(label, room - GAP)),
    );
  });
};
