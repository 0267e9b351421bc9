// Results: every configuration with its interval on a common axis, to filter and to sort; and all pairs of a study.

import { chooseLinked, linked } from "./address.js";
import { makeSvg } from "./charts.js";
import { dataSet } from "./data_set.js";
import { saveCsv } from "./files.js";
import { linksOf, orderText, select as selectLines, sort, valueOf } from "./lines.js";
import { countAnswer, fill, find, findAll, make, makeButton } from "./nodes.js";
import { makeNetworkFiles } from "./network_file.js";
import { mountPairs } from "./pairs.js";
import { saveView } from "./picture.js";
import { roundTicks, scaleOf } from "./scales.js";
import { answerTo } from "./server.js";
import { symbolPath } from "./symbols.js";
import { copyLink, noteView, restoring } from "./views.js";

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("./lines.js").Key} Key */
/** @typedef {{ best: string[], lines: Line[], coverage: string, pairs: import("./pairs.js").Pairs[], sentences: import("./pairs.js").Sentences }} Everything */
/** @typedef {{ hues: Record<string, string>, source: string }} Props source: where the project is, or empty */
/** @typedef {ReturnType<typeof scaleOf> & { ticks: number[] }} Scale from percent of accuracy to percent of the width */

/** @type {[Key | "axis", string][]} */
const EVERY_COLUMN = [
  ["norm", "Norm"],
  ["l1", "L1"],
  ["l2", "L2"],
  ["batch", "Batch"],
  ["rate", "Rate"],
  ["mean", "Mean"],
  ["half", "±"],
  ["axis", ""],
  ["seeds", "Seeds"],
  ["row", "Row"],
  ["published", "Published"],
  ["studies", "Study"],
];
const PUBLISHED = ["row", "published"]; // keys of what is about MNIST
const isPublished = dataSet().name === "MNIST";
const COLUMNS = EVERY_COLUMN.filter(([key]) => isPublished || !PUBLISHED.includes(key));
/** Best at first where more is better. @type {Key[]} */
const DESCENDING = ["mean", "published", "seeds"];
const FILTERS = /** @type {const} */ (["norm", "penalty", "batch", "study"]);
const INK = "var(--body-text-color)";

/** @param {number | null} value percent */
const percent = (value) => (value === null ? "" : value.toFixed(2));

/**
 * @param {Line} line
 * @param {Key} key
 */
const textOf = (line, key) => {
  const value = valueOf(line, key);
  if (value === null || typeof value === "string") return value ?? "";
  if (key === "mean" || key === "half" || key === "published") return percent(value);
  if (key === "seeds" && line.shown && line.state) return `${value} (${line.state})`;
  return String(Number(value.toPrecision(6)));
};

/**
 * The common axis: all intervals and published values of the lines that are shown on it.
 * @param {Line[]} lines
 * @returns {Scale | null}
 */
const axisOf = (lines) => {
  const values = lines
    .filter(({ shown }) => shown)
    .flatMap(({ mean, low, high, published }) => [mean, low, high, published])
    .filter((value) => value !== null);
  if (!values.length) return null;
  const scale = scaleOf(
    { from: Math.min(...values), to: Math.max(...values) },
    { first: 0, last: 100 },
  );
  return { ...scale, ticks: roundTicks(scale.low, scale.high, false, 5) };
};

/**
 * A mark at a percentage of the width.
 * @param {number} at
 * @param {import("./symbols.js").Symbol} symbol
 * @param {Record<string, string | number>} look
 */
const mark = (at, symbol, look) => {
  const place = makeSvg("svg", { x: `${at}%`, y: "50%", overflow: "visible" });
  place.append(makeSvg("path", { d: symbolPath(symbol, 0, 0, 4), ...look }));
  return place;
};

/** @param {Scale} scale */
const rules = ({ at, ticks }) =>
  ticks.map((tick) => {
    const x = `${at(tick)}%`;
    return makeSvg("line", { class: "rule", x1: x, x2: x, y1: 0, y2: "100%" });
  });

/**
 * The interval of a line: its mean filled, that of the same row as run hollow, the published value a diamond.
 * @param {Line} line
 * @param {Scale} scale
 * @param {string} hue
 */
const drawLine = (
  { mean, low, high, row, run, run_mean: runMean, config, published },
  scale,
  hue,
) => {
  const svg = makeSvg("svg", { "aria-hidden": "true" });
  svg.append(...rules(scale));
  if (low !== null && high !== null) {
    const ends = { x1: `${scale.at(low)}%`, x2: `${scale.at(high)}%`, y1: "50%", y2: "50%" };
    svg.append(makeSvg("line", { ...ends, stroke: hue, "stroke-width": 3 }));
  }
  if (mean !== null) svg.append(mark(scale.at(mean), "circle", { fill: hue }));
  const hollow = { fill: "none", "stroke-width": 1.5 };
  if (row && run !== config && runMean !== null)
    svg.append(mark(scale.at(runMean), "circle", { ...hollow, stroke: hue }));
  if (published !== null)
    svg.append(mark(scale.at(published), "diamond", { ...hollow, stroke: INK }));
  return svg;
};

/** @param {Scale} scale */
const drawAxis = (scale) => {
  const svg = makeSvg("svg", { "aria-hidden": "true" });
  for (const tick of scale.ticks)
    svg.append(makeSvg("text", { x: `${scale.at(tick)}%`, y: 17, "text-anchor": "middle" }, tick));
  return svg;
};

/** Key of the marks: label and mark. */
const marks = () => {
  /** @type {Scale} */
  const scale = { ...scaleOf({ from: 0, to: 100 }, { first: 0, last: 100 }), ticks: [] };
  const none = { mean: null, low: null, high: null, row: 1, config: "", run: "run" };
  /** @type {[string, Record<string, number>][]} */
  const items = [
    ["mean and its 95 % interval", { mean: 50, low: 5, high: 95 }],
    ["the published row without its penalties, as it was run", { run_mean: 50 }],
    ["published: best epoch of one run, selected on the test set", { published: 50 }],
  ];
  return items.slice(0, isPublished ? items.length : 1).map(([label, values]) => {
    const line = { run_mean: null, published: null, ...none, ...values };
    const item = make("li");
    item.append(drawLine(/** @type {Line} */ (/** @type {unknown} */ (line)), scale, INK), label);
    return item;
  });
};

/**
 * Details of a line that its columns do not show, and its links.
 * @param {Line} line
 * @param {Line} best
 * @param {string} source where the project is, or empty
 */
const more = (line, best, source) => {
  const { row, published, run, config, run_mean: runMean, seeds, studies, state } = line;
  const parts = [line.name, `${seeds} ${seeds === 1 ? "seed" : "seeds"} of ${studies.join(", ")}`];
  if (state) parts.push(state);
  if (row) parts.push(`row ${row}, published with ${percent(published)} %`);
  if (row && run !== config && runMean !== null)
    parts.push(`${percent(runMean)} % as run, without its penalties`);
  const cell = make("td");
  cell.colSpan = COLUMNS.length;
  cell.setAttribute("role", "cell");
  cell.append(`${parts.join("; ")}. `);
  for (const [label, query] of linksOf(line, best)) {
    const link = make("a", "", label);
    link.href = query;
    cell.append(link);
  }
  if (line.trials.length) cell.append(makeNetworkFiles(line.trials, source));
  const node = make("tr", "more");
  node.setAttribute("role", "row");
  node.append(cell);
  return node;
};

/**
 * The table of lines.
 * @param {HTMLElement} element
 * @param {Everything} answer
 * @param {Props} props
 * @param {() => void} changed
 */
const mountLines = (element, { lines }, { hues, source }, changed) => {
  /** @param {string} name */
  const select = (name) => find(element, `select.${name}`, HTMLSelectElement);
  const search = find(element, ".search", HTMLInputElement);
  const body = find(element, ".lines tbody");
  const any = find(element, ".any", HTMLButtonElement);
  const scale = axisOf(lines);
  /** @type {import("./lines.js").Order} */
  let order = { key: "mean", isDescending: true };

  /** @param {Line} line */
  const makeLine = (line) => {
    const node = make("tr");
    node.setAttribute("role", "row");
    const open = () => {
      const wasOpen = button.getAttribute("aria-expanded") === "true";
      body.querySelector(".more")?.remove();
      body.querySelector("[aria-expanded=true]")?.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-expanded", String(!wasOpen));
      if (!wasOpen) node.after(more(line, lines[0], source));
    };
    const button = makeButton("", () => {}, line.name);
    button.setAttribute("aria-expanded", "false");
    button.append(make("span", "short", textOf(line, "norm")), make("span", "long", line.name));
    node.addEventListener("click", open);
    for (const [key] of COLUMNS) {
      const cell = make(key === "norm" ? "th" : "td", key);
      cell.setAttribute("role", key === "norm" ? "rowheader" : "cell");
      if (key === "norm") cell.append(button);
      else if (key !== "axis") cell.textContent = textOf(line, key);
      else if (line.shown && scale) cell.append(drawLine(line, scale, hues[line.norm]));
      else cell.textContent = line.state;
      node.append(cell);
    }
    return node;
  };

  const selection = () => ({
    norm: select("norm").value,
    penalty: select("penalty").value,
    batch: select("batch").value,
    study: select("study").value,
    search: search.value.trim(),
  });
  const paintHead = () => {
    const head = make("tr");
    head.setAttribute("role", "row");
    for (const [key, label] of COLUMNS) {
      const cell = make("th", key);
      cell.setAttribute("role", "columnheader");
      if (key === "axis") {
        cell.append(make("span", "spoken", "interval"));
        if (scale) cell.append(drawAxis(scale));
      } else {
        const isSorted = order.key === key;
        const arrow = isSorted ? (order.isDescending ? " ↓" : " ↑") : "";
        const direction = order.isDescending ? "descending" : "ascending";
        cell.setAttribute("aria-sort", isSorted ? direction : "none");
        cell.append(makeButton(`${label}${arrow}`, () => sortBy(key), `sort by ${label}`));
      }
      head.append(cell);
    }
    find(element, ".lines thead").replaceChildren(head);
  };
  const paint = () => {
    const chosen = sort(selectLines(lines, selection()), order);
    body.replaceChildren(...chosen.map(makeLine));
    find(element, ".count").textContent =
      `${chosen.length} of ${lines.length} configurations. Choose one for its curves, its mistakes and its comparisons.`;
    any.hidden = !Object.values(selection()).some(Boolean);
    changed();
  };
  /** @param {Key} key */
  const sortBy = (key) => {
    const isDescending = order.key === key ? !order.isDescending : DESCENDING.includes(key);
    order = { key, isDescending };
    select("sort").value = key;
    paintHead();
    paint();
    find(element, `.lines thead .${key} button`).focus();
  };

  /** @type {Record<string, (string | number)[]>} */
  const values = {
    norm: lines.map(({ norm }) => norm),
    penalty: lines.map(({ regulariser }) => regulariser),
    batch: lines.map(({ batch }) => batch).sort((a, b) => a - b),
    study: lines.flatMap(({ studies }) => studies),
  };
  for (const name of FILTERS)
    fill(select(name), [["", "any"], ...[...new Set(values[name])].map((value) => pair(value))]);
  fill(
    select("sort"),
    COLUMNS.flatMap(([key, label]) => (key === "axis" ? [] : [[key, label]])),
  );
  find(element, ".marks").replaceChildren(...marks());

  for (const name of FILTERS) select(name).addEventListener("change", paint);
  select("sort").addEventListener("change", () => {
    const key = /** @type {Key} */ (select("sort").value);
    order = { key, isDescending: DESCENDING.includes(key) };
    paintHead();
    paint();
  });
  search.addEventListener("input", paint);
  any.addEventListener("click", () => {
    for (const name of FILTERS) select(name).value = "";
    search.value = "";
    paint();
    select("norm").focus();
  });
  return {
    /** Opens the first line, for its links and files to be seen. */
    openFirst: () => body.querySelector("button")?.click(),
    /** Filters and order that the address names. */
    restore() {
      const query = linked("table");
      for (const name of FILTERS) chooseLinked(select(name), query.get(name));
      search.value = query.get("search") ?? "";
      const wanted = query.get("sort") ?? "-mean";
      const known = COLUMNS.find(([key]) => key === wanted.replace(/^-/, "") && key !== "axis");
      const key = /** @type {Key} */ (known?.[0] ?? "mean");
      order = { key, isDescending: wanted.startsWith("-") };
      select("sort").value = key;
      paintHead();
      paint();
    },
    settings() {
      const text = orderText(order);
      return { ...selection(), sort: text === "-mean" ? "" : text };
    },
  };
};

/**
 * @param {string | number} value
 * @returns {[string | number, string | number]}
 */
const pair = (value) => [value, value];

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<{ view: "all" | "csv", visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = async (element, props, server, { signal }) => {
  const error = find(element, ".error");
  /** @param {"all" | "csv"} view */
  const ask = (view) => answerTo(server.ask, { view }, "Reload the page to ask again.");
  /** @type {import("./server.js").Answer<Everything>} */
  const answer = await ask("all");
  error.textContent = answer.error ?? "";
  if (answer.error) return countAnswer(element);
  const everything = /** @type {Everything} */ (answer);
  find(element, ".best").replaceChildren(...everything.best.map((text) => make("p", "", text)));
  find(element, ".coverage").textContent = everything.coverage;
  const note = () => noteView("table", { ...lines.settings(), pairs: pairs.study() });
  const pairs = mountPairs(element, everything, note);
  const lines = mountLines(element, everything, props, note);
  const restore = () => {
    pairs.restore();
    lines.restore();
  };
  restoring("table", restore, signal);
  restore();
  lines.openFirst();
  find(element, ".link").addEventListener("click", copyLink);
  find(element, ".csv").addEventListener("click", async () => {
    const table = await ask("csv");
    if (table.error) error.textContent = table.error;
    else saveCsv("table-results", /** @type {import("./files.js").Table} */ (table));
  });
  find(element, ".save").addEventListener("click", () =>
    saveView("results", findAll(element, ".lines table", HTMLElement)),
  );
  for (const button of findAll(element, "button[disabled]", HTMLButtonElement))
    button.disabled = false;
  countAnswer(element);
};
