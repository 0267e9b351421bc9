// Charts as SVG: lines over numbers with their bands, and histograms. Words are text nodes, colours those of the palette.

import { asImage, make } from "./nodes.js";
import { apart, brief, endsOf, scaleOf } from "./scales.js";
import { round, symbolPath } from "./symbols.js";

/** @typedef {{ name: string, hue: string, dash?: string }} Key */
/** @typedef {{ at: number, words: string | number }} Tick */
/**
 * A line, its band and its symbols; a value that is null or no number is left out.
 * @typedef {object} Line
 * @property {number[]} xs
 * @property {(number | null)[]} ys
 * @property {string} hue
 * @property {string} [dash]
 * @property {number} [width] pixels
 * @property {boolean} [faint]
 * @property {import("./symbols.js").Symbol | null} [symbol]
 * @property {boolean} [is_open] the symbol is an outline
 * @property {number | null} [radius] of the symbol, where it is not that of all
 * @property {(number | null)[] | null} [lows] of its band
 * @property {(number | null)[] | null} [highs]
 */
/** @typedef {{ x: number, y: number, at: number, value: number }} Point pixels, and what is there */
/** @typedef {{ at: (value: number) => number, has: (value: number) => boolean, ticks: Tick[] }} Axis */
/** @typedef {{ left: number, right: number, foot: number }} Area pixels: left and right ends of the rules, and the baseline of the words below */
/**
 * @typedef {object} LineChart
 * @property {string} label what a screen reader says
 * @property {string} y the vertical axis in words
 * @property {Line[]} lines
 * @property {Tick[]} ticks of the horizontal axis, from its first to its last
 * @property {boolean} [log] a logarithmic vertical axis, which leaves out what is not above 0
 * @property {number} [low] end of the vertical axis, else the smallest value
 * @property {number} [high]
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

/**
 * A path through points.
 * @param {{ x: number, y: number }[]} points
 */
const pathOf = (points) =>
  points.map(({ x, y }, index) => `${index ? "L" : "M"}${round(x)} ${round(y)}`).join("");

/**
 * Attributes of a line.
 * @param {Line} line
 */
export const lookOf = ({ hue, dash = "none", width = 2, faint = false }) => ({
  class: "line",
  stroke: hue,
  "stroke-dasharray": dash,
  "stroke-width": width,
  "stroke-opacity": faint ? 0.4 : 1,
});

/**
 * The symbols of a line as one path, where it has some.
 * @param {Line} line
 * @param {{ x: number, y: number }[]} points
 * @param {number} radius pixels
 */
export const symbolsOf = ({ symbol, is_open: isOpen, hue, radius: own }, points, radius) => {
  if (!symbol || !points.length) return [];
  const isOutline = isOpen || symbol === "cross";
  const d = points.map(({ x, y }) => symbolPath(symbol, x, y, own ?? radius)).join("");
  const look = {
    fill: isOutline ? "none" : hue,
    stroke: hue,
    "stroke-width": isOutline ? (own ? 2 : 1) : 0,
  };
  return [makeSvg("path", { d, class: "symbols", ...look })];
};

/**
 * Draws axes and lines, each line in a group; returns the points of each line.
 * @param {SVGSVGElement} svg
 * @param {Area} area
 * @param {{ x: Axis, y: Axis }} axes
 * @param {Line[]} lines
 * @param {number} radius of symbols, pixels
 * @returns {{ points: Point[], group: SVGGElement }[]}
 */
export const drawLines = (svg, { left, right, foot }, { x, y }, lines, radius) => {
  for (const { at, words } of y.ticks)
    svg.append(
      makeSvg("path", { class: "rule", d: `M${left} ${round(y.at(at))}H${right}` }),
      makeSvg("text", { x: left - 5, y: round(y.at(at)) + 4, "text-anchor": "end" }, words),
    );
  for (const { at, words } of distinct(x.ticks)) {
    const anchor = x.at(at) >= right ? "end" : "middle";
    svg.append(makeSvg("text", { x: x.at(at), y: foot, "text-anchor": anchor }, words));
  }
  return lines.map((line) => {
    const { xs, ys, lows, highs, hue } = line;
    const group = makeSvg("g", { class: "series" });
    svg.append(group);
    /**
     * @param {(number | null)[]} values
     * @returns {Point[]}
     */
    const pointsOf = (values) =>
      values.flatMap((value, index) =>
        value === null || !y.has(value)
          ? []
          : [{ x: x.at(xs[index]), y: y.at(value), at: xs[index], value }],
      );
    if (lows && highs) {
      const d = `${pathOf([...pointsOf(highs), ...pointsOf(lows).reverse()])}Z`;
      const edge = xs.length === 1 ? hue : "none"; // a band at a single x has no width
      group.append(makeSvg("path", { d, class: "band", fill: hue, stroke: edge }));
    }
    const points = pointsOf(ys);
    if (points.length) group.append(makeSvg("path", { d: pathOf(points), ...lookOf(line) }));
    group.append(...symbolsOf(line, points, radius));
    return { points, group };
  });
};

/**
 * A small chart.
 * @param {LineChart} chart
 */
export const lineChart = ({ label, lines, ticks, y: words, log = false, low, high }) => {
  const [WIDTH, HEIGHT, LEFT, RIGHT, BELOW, ABOVE] = [340, 190, 52, 328, 24, 22];
  const values = lines.flatMap(({ ys, lows, highs }) => [...ys, ...(lows ?? []), ...(highs ?? [])]);
  const [smallest, largest] = endsOf(values, log);
  const ends = { from: low ?? smallest, to: high ?? largest, log };
  const y = scaleOf(ends, { first: HEIGHT - BELOW, last: ABOVE });
  const [start, end] = [ticks[0].at, ticks[ticks.length - 1].at];
  const svg = makeChart(WIDTH, HEIGHT, label);
  svg.append(makeSvg("text", { x: 4, y: 12 }, words));
  const x = {
    has: () => true,
    /** @param {number} value */
    at: (value) => LEFT + ((RIGHT - LEFT) * (value - start)) / (end - start || 1),
    ticks,
  };
  const marks = [y.low, y.middle, y.high].map((at) => {
    return { at, words: log ? brief(at) : apart(at, y.high - y.low) };
  });
  const area = { left: LEFT, right: RIGHT, foot: HEIGHT - 6 };
  drawLines(svg, area, { x, y: { ...y, ticks: marks } }, lines, 3);
  return svg;
};

/**
 * Counts of equal bins from -edge to edge, an outline for each network; heights are shares of that network's highest bin.
 * @param {{ label: string, edge: number, outlines: { counts: number[], hue: string, dash: string }[] }} chart
 */
export const histogram = ({ label, edge, outlines }) => {
  const [WIDTH, HEIGHT, BELOW, ABOVE] = [150, 92, 16, 4];
  const svg = makeChart(WIDTH, HEIGHT, label);
  svg.append(makeSvg("path", { class: "rule", d: `M0 ${HEIGHT - BELOW} H${WIDTH}` }));
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
    const d = `M${points.join("L")}`;
    svg.append(makeSvg("path", { d, ...lookOf({ xs: [], ys: [], hue, dash, width: 1.2 }) }));
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
    const look = lookOf({ xs: [], ys: [], hue, dash: dash ?? dashOf(index) });
    line.append(makeSvg("path", { d: "M0 4H28", ...look }));
    item.append(line, name);
    return item;
  });
