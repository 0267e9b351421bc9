// Line charts: lines with their bands and their names at their ends, a legend that hides and lights them, and the point under the pointer in words.

import { drawLines, lookOf, makeChart, makeSvg, symbolsOf } from "./charts.js";
import { drawLabels, LEADING, roomFor } from "./end_labels.js";
import { countAnswer, find, findAll, make, makeButton } from "./nodes.js";
import { repaintByWidth } from "./resize.js";
import { endsOf, roundTicks, scaleOf } from "./scales.js";
import { drawStrip } from "./strips.js";

/**
 * One line; lines of one key share an entry of the legend. See explorer/charts/lines.py.
 * @typedef {import("./charts.js").Line & {
 *   key: string, name: string, note: string, label: string, is_hidden: boolean | null,
 * }} Line
 */
/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} x
 * @property {string} y
 * @property {string} point
 * @property {boolean} log
 * @property {boolean} is_reversed
 * @property {string} zero
 * @property {boolean} is_strip
 * @property {Line[]} lines
 */
/** @typedef {{ x: number, y: number, key: string, words: string }} Point pixels */

const WIDTH = 480; // pixels, where the page does not say
const NARROW = 440;
const HEIGHT = { wide: 310, narrow: 250 };
const LOW = { wide: 200, narrow: 170 }; // of differences
const MARGIN = { left: 56, right: 14, top: 26, bottom: 36 };
const RADIUS = 2.5;
const SAID = 12; // lines that a screen reader hears of
const REACH = 40; // pixels within which a point is under the pointer

/**
 * Scale of the numbers of the horizontal axis.
 * @param {Chart} chart
 * @param {{ left: number, right: number }} area
 */
const acrossOf = ({ lines, is_reversed: isReversed }, { left, right }) => {
  const [from, to] = endsOf(
    lines.flatMap(({ xs }) => xs),
    false,
  );
  const pixels = isReversed ? { first: right, last: left } : { first: left, last: right };
  return scaleOf({ from, to }, pixels);
};

/**
 * Scale of the values of lines and their bands.
 * @param {Line[]} lines
 * @param {Chart} chart
 * @param {number} height
 */
const upOf = (lines, { log, zero }, height) => {
  const values = lines.flatMap(({ ys, lows, highs }) => [...ys, ...(lows ?? []), ...(highs ?? [])]);
  const [from, to] = endsOf(zero ? [...values, 0] : values, log);
  return scaleOf({ from, to, log }, { first: height - MARGIN.bottom, last: MARGIN.top });
};

/** @param {number | null | undefined} value */
const said = (value) => Number((value ?? NaN).toPrecision(4));

/**
 * A point in words: numbers in the place of {x} and so on.
 * @param {string} template
 * @param {Record<string, number | null | undefined>} numbers
 */
const pointWords = (template, numbers) =>
  template.replace(/\{(\w+)\}/g, (_, name) => String(said(numbers[name])));

/**
 * Description of a chart for screen readers: its title, and where each visible line begins and ends.
 * @param {Chart} chart
 * @param {Line[]} visible
 */
const wordsOf = ({ title, x, y, zero }, visible) => {
  const lines = visible.slice(0, SAID).map(({ name, note, ys, lows, highs }) => {
    const first = ys.find((value) => value !== null);
    const last = ys.findLastIndex((value) => value !== null);
    const interval = zero && lows && highs ? ` (${said(lows[last])} to ${said(highs[last])})` : "";
    return `${note ? `${name}, ${note}` : name} from ${said(first)} to ${said(ys[last])}${interval}`;
  });
  const more = visible.length > SAID ? [`and ${visible.length - SAID} more lines`] : [];
  const over = title.includes(" over ") ? "" : ` over ${x}`;
  return `${title}${over} (${y}): ${[...lines, ...more].join("; ") || "no lines"}.`;
};

/**
 * Labels of a chart at the ends of its lines: none where there is no room for all.
 * @param {Chart} chart
 * @param {Line[]} visible
 * @param {number} height
 */
const labelsOf = ({ zero, is_strip: isStrip }, visible, height) => {
  const labels = visible.flatMap(({ label }) => (label && !isStrip ? [label] : []));
  if (labels.length && zero) labels.push(zero);
  return labels.length * LEADING > height - MARGIN.top - MARGIN.bottom + LEADING ? [] : labels;
};

/**
 * @param {Chart} chart
 * @param {Line[]} visible
 * @param {{ width: number, height: number, room: number }} size `room` to the right for labels
 * @returns {{ svg: SVGSVGElement, points: Point[] }}
 */
const drawChart = (chart, visible, { width, height, room }) => {
  const { lines, log, zero } = chart;
  const right = width - Math.max(MARGIN.right, room);
  const x = acrossOf(chart, { left: MARGIN.left, right });
  const label = wordsOf(chart, visible);
  if (chart.is_strip)
    return { svg: drawStrip(chart, x, { width, left: MARGIN.left, right, label }), points: [] };
  const y = upOf(visible.length ? visible : lines, chart, height);
  const svg = makeChart(width, height, label);
  const rules = roundTicks(y.low, y.high, log, height / 45).map((at) => {
    return { at, words: at && Math.abs(at) < 1e-3 ? at.toExponential() : at };
  });
  const ticks = roundTicks(x.low, x.high, false, (right - MARGIN.left) / 50).map((at) => ({
    at,
    words: at,
  }));
  const bottom = height - MARGIN.bottom;
  const area = { left: MARGIN.left, right, foot: bottom + 16 };
  svg.append(makeSvg("text", { x: 4, y: 12 }, chart.y));
  const axes = { x: { ...x, ticks }, y: { ...y, ticks: rules } };
  const drawn = drawLines(svg, area, axes, visible, RADIUS);
  const middle = (MARGIN.left + right) / 2;
  svg.append(makeSvg("text", { x: middle, y: height - 4, "text-anchor": "middle" }, chart.x));
  const ends = drawn.flatMap(({ points, group }, index) => {
    const { label: text, hue, key } = visible[index];
    group.dataset.key = key;
    const end = points.reduce((last, point) => (point.x > last.x ? point : last), points[0]);
    return text && end ? [{ parent: group, label: text, hue, x: end.x, y: end.y }] : [];
  });
  if (zero) {
    const at = y.at(0);
    svg.append(makeSvg("path", { class: "zero", d: `M${MARGIN.left} ${at}H${right}` }));
    const hue = "var(--body-text-color)";
    if (ends.length) ends.push({ parent: svg, label: zero, hue, x: right, y: at });
  }
  if (labelsOf(chart, visible, height).length)
    drawLabels(ends, { top: MARGIN.top, foot: bottom, right, room });
  const points = drawn.flatMap(({ points: own }, index) => {
    const { key, name, note, lows, highs, xs } = visible[index];
    const title = note ? `${name}, ${note}` : name;
    return own.map(({ at, value, ...pixels }) => {
      const place = xs.indexOf(at);
      const numbers = { x: at, y: value, low: lows?.[place], high: highs?.[place] };
      return { ...pixels, key, words: `${title}: ${pointWords(chart.point, numbers)}` };
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
 * Shows the point under the pointer in words, marks it, and lights its line.
 * @param {SVGSVGElement} svg
 * @param {Point[]} points
 * @param {HTMLElement} readout
 * @param {(key: string) => void} light
 */
const readUnderPointer = (svg, points, readout, light) => {
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
    light(isNear ? near.key : "");
    if (!isNear) return;
    mark.setAttribute("cx", String(near.x));
    mark.setAttribute("cy", String(near.y));
    readout.textContent = near.words;
  });
  svg.addEventListener("pointerleave", () => {
    mark.setAttribute("visibility", "hidden");
    light("");
  });
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

  let lit = "";
  /** Lights the lines of a key, and fades the others; "" lights all alike. @param {string} key */
  const light = (key) => {
    lit = key;
    const isDrawn = Boolean(key) && !hidden.has(key);
    place.classList.toggle("lit", isDrawn);
    for (const group of findAll(place, ".series", SVGGElement))
      group.classList.toggle("on", isDrawn && group.dataset.key === key);
  };
  const paint = () => {
    readout.textContent = "";
    const figures = charts.map(({ title, is_strip: isStrip }) => {
      const figure = make("figure");
      if (!isStrip) figure.append(make("h3", "", title));
      return figure;
    });
    place.replaceChildren(...figures);
    const width = place.clientWidth || WIDTH;
    const form = width < NARROW ? "narrow" : "wide";
    const parts = charts.map((chart) => {
      const visible = chart.lines.filter(({ key }) => !hidden.has(key));
      const height = (chart.zero ? LOW : HEIGHT)[form];
      return { chart, visible, height, labels: labelsOf(chart, visible, height) };
    });
    const room = roomFor(
      parts.flatMap(({ labels }) => labels),
      width,
    ); // the same for all, so that their axes are below each other
    parts.forEach(({ chart, visible, height }, index) => {
      const { svg, points } = drawChart(chart, visible, { width, height, room });
      if (points.length) readUnderPointer(svg, points, readout, light);
      figures[index].append(svg);
    });
    light(lit);
    countAnswer(element);
  };
  /** @param {Line} line */
  const entryOf = ({ key, name, is_hidden: isHidden, ...line }) => {
    const button = makeButton("", () => {
      if (isHidden !== null) return events.trigger("press", key);
      if (!hidden.delete(key)) hidden.add(key);
      button.setAttribute("aria-pressed", String(!hidden.has(key)));
      paint();
    });
    for (const start of ["pointerenter", "focus"]) button.addEventListener(start, () => light(key));
    for (const end of ["pointerleave", "blur"]) button.addEventListener(end, () => light(""));
    button.append(sampleOf({ key, name, is_hidden: isHidden, ...line }), name);
    button.setAttribute("aria-pressed", String(!hidden.has(key)));
    const item = make("li");
    item.append(button);
    return item;
  };
  const paintLegend = () => {
    /** @type {Map<string, Line>} */
    const entries = new Map();
    for (const line of charts.flatMap(({ lines }) => lines))
      if (line.key && !entries.has(line.key)) entries.set(line.key, line);
    for (const { key, is_hidden: isHidden } of entries.values()) {
      if (isHidden) hidden.add(key);
      else if (isHidden === false) hidden.delete(key);
    }
    find(element, ".legend").replaceChildren(...[...entries.values()].map(entryOf));
  };

  const show = () => {
    if (!props.value) return;
    charts = JSON.parse(props.value);
    paintLegend();
    paint();
  };
  repaintByWidth(place, () => charts.length && paint(), signal);
  events.watch("value", show);
  show();
};
