// Curves: lines over the epochs with their bands, a legend whose entries hide them, and the point under the pointer in words.

import { drawLines, lookOf, makeChart, makeSvg, symbolsOf } from "./charts.js";
import { countAnswer, find, make, makeButton } from "./nodes.js";
import { repaintByWidth } from "./resize.js";
import { endsOf, roundTicks, scaleOf } from "./scales.js";

/**
 * One line; lines of one key share an entry of the legend.
 * @typedef {import("./charts.js").Line & { key: string, name: string, note: string }} Line
 */
/** @typedef {{ title: string, y: string, log: boolean, lines: Line[] }} Chart */
/** @typedef {{ x: number, y: number, words: string }} Point pixels */

const WIDTH = 480; // pixels, where the page does not say
const HEIGHT = 300;
const SMALL = 150; // height of a chart whose lines have no symbols
const MARGIN = { left: 56, right: 14, top: 10, bottom: 36 };
const RADIUS = 2.5;
const REACH = 40; // pixels within which a point is under the pointer

/**
 * Scales of a chart: x over the epochs, y over the values of the visible lines and their bands.
 * @param {Line[]} lines
 * @param {boolean} log
 * @param {{ width: number, height: number }} size
 */
const scalesOf = (lines, log, { width, height }) => {
  const epochs = endsOf(
    lines.flatMap(({ xs }) => xs),
    false,
  );
  const values = lines.flatMap(({ ys, lows, highs }) => [...ys, ...(lows ?? []), ...(highs ?? [])]);
  const [from, to] = endsOf(values, log);
  return {
    x: scaleOf(
      { from: epochs[0], to: epochs[1] },
      { first: MARGIN.left, last: width - MARGIN.right },
    ),
    y: scaleOf({ from, to, log }, { first: height - MARGIN.bottom, last: MARGIN.top }),
  };
};

/**
 * @param {Chart} chart
 * @param {Set<string>} hidden keys
 * @param {number} width pixels
 * @returns {{ svg: SVGSVGElement, points: Point[] }}
 */
const drawChart = ({ title, y: label, log, lines }, hidden, width) => {
  const visible = lines.filter(({ key }) => !hidden.has(key));
  const height = lines.some(({ symbol }) => symbol) ? HEIGHT : SMALL;
  const { x, y } = scalesOf(visible.length ? visible : lines, log, { width, height });
  const svg = makeChart(width, height, `${title} over the epochs`);
  const rules = roundTicks(y.low, y.high, log, height / 50).map((at) => {
    return { at, words: at && Math.abs(at) < 1e-3 ? at.toExponential() : at };
  });
  const epochs = roundTicks(x.low, x.high, false, 6).map((at) => ({ at, words: at }));
  const foot = height - MARGIN.bottom + 16;
  const area = { left: MARGIN.left, right: width - MARGIN.right, foot };
  const axes = { x: { ...x, ticks: epochs }, y: { ...y, ticks: rules } };
  const drawn = drawLines(svg, area, axes, visible, RADIUS);
  const centre = (MARGIN.left + width - MARGIN.right) / 2;
  svg.append(makeSvg("text", { x: centre, y: height - 4, "text-anchor": "middle" }, "epoch"));
  const points = drawn.flatMap((own, index) => {
    const { name, note } = visible[index];
    const title = note ? `${name}, ${note}` : name;
    return own.map(({ at, value, ...pixels }) => {
      const words = `${title}: epoch ${at}, ${Number(value.toPrecision(4))} (${label})`;
      return { ...pixels, words };
    });
  });
  return { svg, points };
};

/**
 * The sample of a line in the legend.
 * @param {Line} line
 */
const sampleOf = (line) => {
  const svg = makeSvg("svg", { viewBox: "0 0 36 12", "aria-hidden": "true" });
  svg.append(
    makeSvg("path", { d: "M0 6H36", ...lookOf(line) }),
    ...symbolsOf(line, [{ x: 18, y: 6 }], RADIUS),
  );
  return svg;
};

/**
 * Shows the point under the pointer in words, and marks it.
 * @param {SVGSVGElement} svg
 * @param {Point[]} points
 * @param {HTMLElement} readout
 */
const readUnderPointer = (svg, points, readout) => {
  const mark = makeSvg("circle", { class: "near", r: 5, visibility: "hidden" });
  svg.append(mark);
  svg.addEventListener("pointermove", ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [scale * (clientX - box.left), scale * (clientY - box.top)];
    /** @param {Point} point */
    const away = (point) => Math.hypot(point.x - x, point.y - y);
    const near = points.reduce(
      (best, point) => (best && away(best) <= away(point) ? best : point),
      /** @type {Point | null} */ (null),
    );
    const isNear = near !== null && away(near) < REACH;
    mark.setAttribute("visibility", isNear ? "visible" : "hidden");
    if (!isNear) return;
    mark.setAttribute("cx", String(near.x));
    mark.setAttribute("cy", String(near.y));
    readout.textContent = near.words;
  });
  svg.addEventListener("pointerleave", () => mark.setAttribute("visibility", "hidden"));
};

/**
 * @param {HTMLElement} element
 * @param {{ value?: string }} props the charts as JSON
 * @param {unknown} _server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, _server, { events, signal }) => {
  /** @type {Set<string>} */
  const hidden = new Set();
  /** @type {Chart[]} */
  let charts = [];
  const readout = find(element, ".readout");
  const place = find(element, ".charts");

  const paint = () => {
    readout.textContent = "";
    const figures = charts.map(({ title }) => {
      const figure = make("figure");
      figure.append(make("h3", "", title));
      return figure;
    });
    place.replaceChildren(...figures);
    charts.forEach((chart, index) => {
      const { svg, points } = drawChart(chart, hidden, figures[index].clientWidth || WIDTH);
      readUnderPointer(svg, points, readout);
      figures[index].append(svg);
    });
    countAnswer(element);
  };
  const paintLegend = () => {
    /** @type {Map<string, Line>} */
    const entries = new Map();
    for (const line of charts.flatMap(({ lines }) => lines))
      if (line.key && !entries.has(line.key)) entries.set(line.key, line);
    const items = [...entries].map(([key, line]) => {
      const button = makeButton("", () => {
        if (!hidden.delete(key)) hidden.add(key);
        button.setAttribute("aria-pressed", String(!hidden.has(key)));
        paint();
      });
      button.append(sampleOf(line), line.name);
      button.setAttribute("aria-pressed", String(!hidden.has(key)));
      const item = make("li");
      item.append(button);
      return item;
    });
    find(element, ".legend").replaceChildren(...items);
  };

  const show = () => {
    if (!props.value) return;
    charts = JSON.parse(props.value);
    paintLegend();
    paint();
  };
  repaintByWidth(place, paint, signal);
  events.watch("value", show);
  show();
};
