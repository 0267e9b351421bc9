// The X-ray of a norm: for every channel its input with this digit, the mean and deviation that the norm uses, and its output.

import { makeChart, makeSvg } from "./charts.js";
import { make } from "./nodes.js";
import { brief, scaleOf } from "./scales.js";

/** @typedef {"before" | "after"} When the norm */
/** @typedef {Record<string, number>} Row moments of a channel by their column's name */

/** @type {Record<When, { words: string, means: string[] }>} */
const WHEN = {
  before: { words: "before the norm", means: ["mean", "taken mean", "batch mean"] },
  after: { words: "after it", means: ["mean after"] },
};

/**
 * A mean less or plus its deviation.
 * @param {Row} row
 * @param {string} mean column
 * @param {number} sign
 */
const endOf = (row, mean, sign) => row[mean] + sign * Math.sqrt(row[mean.replace("mean", "var")]);

/**
 * One block of one network: a line per channel from mean - deviation to mean + deviation, a dot at the mean.
 * @param {{ label: string, rows: Row[], when: When, low: number, high: number }} chart
 */
const xrayChart = ({ label, rows, when, low, high }) => {
  const [WIDTH, HEIGHT, LEFT, BELOW, ABOVE] = [300, 104, 40, 14, 6];
  const y = scaleOf({ from: low, to: high }, { first: HEIGHT - BELOW, last: ABOVE }).at;
  const step = (WIDTH - LEFT - 8) / rows.length;
  const [mean] = WHEN[when].means;
  const svg = makeChart(WIDTH, HEIGHT, label);
  for (const value of [low, 0, high])
    svg.append(
      makeSvg("path", { class: "rule", d: `M${LEFT} ${y(value)} H${WIDTH}` }),
      makeSvg("text", { x: LEFT - 4, y: y(value) + 4, "text-anchor": "end" }, brief(value)),
    );
  rows.forEach((row, index) => {
    const x = LEFT + step * (index + 0.5);
    /**
     * @param {string} middle
     * @param {number} width
     * @param {string} name
     */
    const bar = (middle, width, name) => {
      const ends = { y1: y(endOf(row, middle, -1)), y2: y(endOf(row, middle, 1)) };
      return makeSvg("line", { x1: x, x2: x, ...ends, "stroke-width": width, class: name });
    };
    if (when === "before")
      svg.append(
        bar("taken mean", Math.min(12, step - 2), "taken"),
        makeSvg("path", { class: "batch", d: `M${x - 5} ${y(row["batch mean"])} h10` }),
      );
    const dot = makeSvg("circle", { class: "own", cx: x, cy: y(row[mean]), r: 2.5 });
    svg.append(bar(mean, 2, "own"), dot);
    if (index % 2 === 0)
      svg.append(makeSvg("text", { x, y: HEIGHT - 2, "text-anchor": "middle" }, row.channel));
  });
  return svg;
};

/**
 * A chart per block and network, from the table of the numbers below; blocks share their scale over the networks shown.
 * @param {HTMLElement} place
 * @param {string[]} titles of the networks
 * @param {{ headers: (string | number)[], data: (string | number)[][] }} table
 */
export const paintXray = (place, titles, { headers, data }) => {
  /** @type {any[]} */
  const rows = data.map((cells) =>
    Object.fromEntries(cells.map((cell, column) => [headers[column], cell])),
  );
  const names = [...new Set(rows.map(({ network }) => network))];
  const blocks = [...new Set(rows.map(({ block }) => block))];
  const sides = names.map((name, which) => {
    const side = make("section", "xrayed");
    side.append(make("h3", "", titles[which]));
    for (const block of blocks)
      for (const when of /** @type {const} */ (["before", "after"])) {
        const { words, means } = WHEN[when];
        const all = rows.filter((row) => row.block === block);
        /** @param {number} sign */
        const ends = (sign) => all.flatMap((row) => means.map((mean) => endOf(row, mean, sign)));
        const [low, high] = [Math.min(0, ...ends(-1)), Math.max(0, ...ends(1))];
        const caption = `Block ${block}, ${words}`;
        const label = `${caption}: mean and deviation of every channel`;
        const own = all.filter(({ network }) => network === name);
        const figure = make("figure", "ray");
        figure.append(
          xrayChart({ label, rows: own, when, low, high }),
          make("figcaption", "", caption),
        );
        side.append(figure);
      }
    return side;
  });
  place.replaceChildren(...sides);
};
