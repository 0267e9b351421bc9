// Curves: lines over the epochs with their bands, a legend whose entries hide them, and the point under the pointer in words.

import { makeChart, makeSvg } from "./charts.js";
import { countAnswer, find, make, makeButton } from "./nodes.js";
import { endsOf, roundTicks, scaleOf } from "./scales.js";
import { round, symbolPath } from "./symbols.js";

/**
 * One line; lines of one key share an entry of the legend.
 * @typedef {object} Line
 * @property {string} key "" for none
 * @property {string} name of the entry
 * @property {string} note what tells it from other lines of its key
 * @property {string} hue
 * @property {number[]} xs
 * @property {(number | null)[]} ys
 * @property {string} dash
 * @property {number} width
 * @property {import("./symbols.js").Symbol | null} symbol
 * @property {boolean} is_open the symbol is an outline
 * @property {boolean} is_step the value changes halfway between two epochs
 * @property {(number | null)[] | null} lows of its band
 * @property {(number | null)[] | null} highs
 */
/** @typedef {{ title: string, y: string, log: boolean, lines: Line[] }} Chart */
/** @typedef {{ x: number, y: number, words: string }} Point pixels */

const WIDTH = 480; // pixels, where the page does not say
const HEIGHT = 300;
const SMALL = 150; // height of a chart whose lines have no symbols
const MARGIN = { left: 56, right: 14, top: 10, bottom: 36 };
const RADIUS = 2.5;
const REACH = 40; // pixels within which a point is under the pointer

/** @param {Line} line */
const lookOf = ({ hue, dash, width }) => ({
  stroke: hue,
  "stroke-dasharray": dash,
  "stroke-width": width,
  class: "line",
});

/**
 * A path through points, with `isStep` along the axes.
 * @param {{ x: number, y: number }[]} points
 */
const pathOf = (points, isStep = false) =>
  points
    .map(({ x, y }, index) => {
      if (!index) return `M${round(x)} ${round(y)}`;
      const halfway = (points[index - 1].x + x) / 2;
      return isStep ? `H${round(halfway)}V${round(y)}H${round(x)}` : `L${round(x)} ${round(y)}`;
    })
    .join("");

/**
 * Scales of a chart: to the right over the epochs, up over the values of its visible lines and their bands.
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
  const [from, to] = endsOf(
    values.flatMap((value) => (value === null ? [] : [value])),
    log,
  );
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
  const { x, y } = scalesOf(visible, log, { width, height });
  const svg = makeChart(width, height, `${title} over the epochs`);
  for (const value of roundTicks(y.low, y.high, log, height / 50)) {
    const at = round(y.at(value));
    const text = value < 1e-3 ? value.toExponential() : String(value);
    const rule = { class: "rule", d: `M${MARGIN.left} ${at}H${width - MARGIN.right}` };
    svg.append(
      makeSvg("path", rule),
      makeSvg("text", { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, text),
    );
  }
  const below = height - MARGIN.bottom + 16;
  for (const epoch of roundTicks(x.low, x.high, false, 6))
    svg.append(makeSvg("text", { x: x.at(epoch), y: below, "text-anchor": "middle" }, epoch));
  const centre = (MARGIN.left + width - MARGIN.right) / 2;
  svg.append(makeSvg("text", { x: centre, y: height - 4, "text-anchor": "middle" }, "epoch"));

  /** @type {Point[]} */
  const points = [];
  for (const line of visible) {
    const { xs, ys, lows, highs, hue, name, note } = line;
    /** @param {(number | null)[]} values */
    const pixelsOf = (values) =>
      values.flatMap((value, index) =>
        value === null || !y.has(value)
          ? []
          : [{ x: x.at(xs[index]), y: y.at(value), epoch: xs[index], value }],
      );
    if (lows && highs) {
      const d = `${pathOf([...pixelsOf(highs), ...pixelsOf(lows).reverse()])}Z`;
      svg.append(makeSvg("path", { d, fill: hue, class: "band" }));
    }
    const own = pixelsOf(ys);
    svg.append(makeSvg("path", { d: pathOf(own, line.is_step), ...lookOf(line) }));
    svg.append(...symbolsOf(line, own));
    const title = note ? `${name}, ${note}` : name;
    for (const { epoch, value, ...at } of own) {
      const words = `${title}: epoch ${epoch}, ${Number(value.toPrecision(4))} (${label})`;
      points.push({ ...at, words });
    }
  }
  return { svg, points };
};

/**
 * The symbols of a line, one path.
 * @param {Line} line
 * @param {{ x: number, y: number }[]} points
 */
const symbolsOf = ({ symbol, is_open, hue }, points) => {
  if (!symbol) return [];
  const isOutline = is_open || symbol === "cross";
  const d = points.map(({ x, y }) => symbolPath(symbol, x, y, RADIUS)).join("");
  const fill = isOutline ? "none" : hue;
  return [makeSvg("path", { d, fill, stroke: hue, "stroke-width": isOutline ? 1 : 0 })];
};

/**
 * The sample of a line in the legend.
 * @param {Line} line
 */
const sampleOf = (line) => {
  const svg = makeSvg("svg", { viewBox: "0 0 36 12", "aria-hidden": "true" });
  svg.append(
    makeSvg("path", { d: "M0 6H36", ...lookOf(line) }),
    ...symbolsOf(line, [{ x: 18, y: 6 }]),
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
  let width = 0;
  const resized = new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    paint();
  });
  resized.observe(place);
  signal.addEventListener("abort", () => resized.disconnect());
  events.watch("value", show);
  show();
};
