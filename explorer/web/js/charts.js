// Small charts as SVG: lines over numbers, and histograms. Words are text nodes, colours those of the palette.

import { asImage, make } from "./nodes.js";
import { apart, brief, endsOf, scaleOf } from "./scales.js";

/** @typedef {{ name: string, hue: string, dash?: string }} Key */
/** @typedef {{ at: number, words: string | number }} Tick */
/** @typedef {{ xs: number[], ys: number[], hue: string, dash?: string, dots?: boolean, faint?: boolean }} Line */
/** @typedef {{ xs: number[], lows: number[], highs: number[], hue: string }} Band */
/**
 * @typedef {object} LineChart
 * @property {string} label what a screen reader says
 * @property {string} y the vertical axis in words
 * @property {Line[]} lines
 * @property {Band[]} [bands]
 * @property {Tick[]} ticks of the horizontal axis, from its first to its last
 * @property {boolean} [log] a logarithmic vertical axis, which leaves out what is not above 0
 * @property {number | null} [low] end of the vertical axis, else the smallest value
 * @property {number | null} [high]
 */

/** Dashes that tell networks apart where they share a chart: the second is dashed, further lines are dotted. */
const DASHES = ["none", "6 4"];
/** @param {number} index */
export const dashOf = (index) => DASHES[index] ?? "2 3";

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 * @param {string | number} [words]
 * @returns {SVGElementTagNameMap[K]}
 */
export const makeSvg = (tag, attributes, words = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.textContent = String(words);
  return node;
};

/**
 * An empty chart of that size.
 * @param {number} width
 * @param {number} height
 * @param {string} label
 */
export const makeChart = (width, height, label) => {
  const svg = makeSvg("svg", { viewBox: `0 0 ${width} ${height}` });
  asImage(svg, label);
  return svg;
};

/**
 * The last of the ticks at one place.
 * @param {Tick[]} ticks
 */
const distinct = (ticks) =>
  ticks.filter(({ at }, index) => ticks.findLastIndex((tick) => tick.at === at) === index);

/** @param {LineChart} chart */
export const lineChart = ({ label, lines, bands = [], ticks, y, log = false, low, high }) => {
  const [WIDTH, HEIGHT, LEFT, RIGHT, BELOW, ABOVE] = [340, 190, 52, 12, 24, 22];
  const values = [
    ...lines.map(({ ys }) => ys),
    ...bands.flatMap(({ lows, highs }) => [lows, highs]),
  ];
  const [smallest, largest] = endsOf(values.flat(), log);
  const down = scaleOf(
    { from: low ?? smallest, to: high ?? largest, log },
    { first: HEIGHT - BELOW, last: ABOVE },
  );
  const [start, end] = [ticks[0].at, ticks[ticks.length - 1].at];
  /** @param {number} x */
  const across = (x) => LEFT + ((WIDTH - LEFT - RIGHT) * (x - start)) / (end - start || 1);
  const svg = makeChart(WIDTH, HEIGHT, label);
  svg.append(makeSvg("text", { x: 4, y: 12 }, y));
  for (const value of [down.low, down.middle, down.high]) {
    const words = log ? brief(value) : apart(value, down.high - down.low);
    svg.append(
      makeSvg("path", { d: `M${LEFT} ${down.at(value)} H${WIDTH - RIGHT}` }),
      makeSvg("text", { x: LEFT - 5, y: down.at(value) + 4, "text-anchor": "end" }, words),
    );
  }
  for (const { at, words } of distinct(ticks)) {
    const anchor = at === end ? "end" : "middle";
    svg.append(makeSvg("text", { x: across(at), y: HEIGHT - 6, "text-anchor": anchor }, words));
  }
  for (const { xs, lows, highs, hue } of bands) {
    const upper = xs.map((x, index) => [across(x), down.at(highs[index])]);
    const lower = xs.map((x, index) => [across(x), down.at(lows[index])]);
    const points = [...upper, ...lower.reverse()].join(" ");
    svg.append(makeSvg("polygon", { points, fill: hue }));
    if (xs.length === 1) svg.append(makeSvg("polyline", { points, stroke: hue })); // a single band has no width
  }
  for (const { xs, ys, hue, dash = "none", dots = false, faint = false } of lines) {
    const points = xs.flatMap((x, index) =>
      down.has(ys[index]) ? [[across(x), down.at(ys[index])]] : [],
    );
    const look = { stroke: hue, "stroke-dasharray": dash, "stroke-opacity": faint ? 0.4 : 1 };
    svg.append(makeSvg("polyline", { points: points.join(" "), ...look }));
    if (dots || points.length === 1)
      for (const [cx, cy] of points) svg.append(makeSvg("circle", { cx, cy, r: 3, fill: hue }));
  }
  return svg;
};

/**
 * Counts of equal bins from -edge to edge, an outline for each network; heights are shares of its highest bin.
 * @param {{ label: string, edge: number, outlines: { counts: number[], hue: string, dash: string }[] }} chart
 */
export const histogram = ({ label, edge, outlines }) => {
  const [WIDTH, HEIGHT, BELOW, ABOVE] = [150, 92, 16, 4];
  const svg = makeChart(WIDTH, HEIGHT, label);
  svg.append(makeSvg("path", { d: `M0 ${HEIGHT - BELOW} H${WIDTH}` }));
  /** @type {[number, string, string][]} */
  const ticks = [
    [0, "start", brief(-edge)],
    [WIDTH / 2, "middle", "0"],
    [WIDTH, "end", brief(edge)],
  ];
  for (const [x, anchor, words] of ticks)
    svg.append(makeSvg("text", { x, y: HEIGHT - 3, "text-anchor": anchor }, words));
  for (const { counts, hue, dash } of outlines) {
    const most = Math.max(...counts);
    const width = WIDTH / counts.length;
    const points = counts.flatMap((count, index) => {
      const y = HEIGHT - BELOW - ((HEIGHT - BELOW - ABOVE) * count) / most;
      return [`${index * width},${y}`, `${(index + 1) * width},${y}`];
    });
    svg.append(
      makeSvg("polyline", { points: points.join(" "), stroke: hue, "stroke-dasharray": dash }),
    );
  }
  return svg;
};

/**
 * The key of a chart, an item for each line.
 * @param {Key[]} keys
 */
export const chartKey = (keys) =>
  keys.map(({ name, hue, dash }, index) => {
    const item = make("span", "key");
    const line = makeSvg("svg", { viewBox: "0 0 28 8", "aria-hidden": "true" });
    const look = { stroke: hue, "stroke-dasharray": dash ?? dashOf(index) };
    line.append(makeSvg("polyline", { points: "0,4 28,4", ...look }));
    item.append(line, name);
    return item;
  });
