// Compare: two configurations chosen by their settings, the verdict on them, its picture and numbers, and the seeds that it takes.

import { linked, queryOf } from "./address.js";
import { drawComparison } from "./compare_chart.js";
import { nearest, optionsOf, SETTINGS } from "./configurations.js";
import { saveCsv } from "./files.js";
import { countAnswer, fill, find, findAll, make, makeRow } from "./nodes.js";
import { comparedLinked } from "./own_link.js";
import { saveCharts } from "./picture.js";
import { repaintByWidth } from "./resize.js";
import { answerTo } from "./server.js";
import { get, set, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";

/** @typedef {import("./configurations.js").Configuration} Configuration */
/** @typedef {{ a: string, b: string, margin: number, gap: number | null }} Pair */
/** @typedef {Pair | { view: "noise" }} Question */
/** @typedef {{ verdict: string, notes: string, plan: string, table: import("./files.js").Table }} Words */
/** @typedef {import("./compare_chart.js").Compared & Words} Answer */
/**
 * @typedef {object} Props
 * @property {Configuration[]} configurations
 * @property {(string | null)[]} opening names of those that are chosen at first
 * @property {{ low: number, high: number, usual: number }} margins
 * @property {string} nothing what is said where nothing can be compared
 */

const WIDTH = 640; // pixels of the chart, where the page does not say

/**
 * Controls for a configuration: its four settings, or the row of the published table that is labelled so.
 * @param {HTMLElement} side
 * @param {Configuration[]} configurations
 * @param {() => void} changed
 */
const mountSide = (side, configurations, changed) => {
  let [chosen] = configurations;
  /** @param {string} setting */
  const select = (setting) => find(side, `select.${setting}`, HTMLSelectElement);
  const rows = configurations
    .flatMap(({ row }) => (row === null ? [] : [row]))
    .sort((one, other) => one - other);
  find(side, ".published").hidden = !rows.length;
  fill(select("row"), [
    ["", "none"],
    ...rows.map((row) => /** @type {[number, number]} */ ([row, row])),
  ]);
  select("row").addEventListener("change", () => {
    chosen = configurations.find(({ row }) => String(row) === select("row").value) ?? chosen;
    paint();
    changed();
  });
  const paint = () => {
    select("row").value = String(chosen.row ?? "");
    for (const setting of SETTINGS) {
      select(setting).replaceChildren();
      fill(select(setting), optionsOf(configurations, chosen, setting));
      select(setting).value = String(chosen[setting]);
    }
  };
  for (const setting of SETTINGS)
    select(setting).addEventListener("change", () => {
      chosen = nearest(configurations, chosen, setting, select(setting).value);
      paint();
      changed();
    });
  return {
    name: () => chosen.name,
    /** @param {string | null} name */
    choose(name) {
      chosen = configurations.find((one) => one.name === name) ?? configurations[0];
      paint();
    },
  };
};

/**
 * Adds B, with the controls of A.
 * @param {HTMLElement} sides
 */
const addSecondSide = (sides) => {
  const side = /** @type {HTMLElement} */ (find(sides, ".side").cloneNode(true));
  side.dataset.side = "b";
  find(side, "legend").textContent = "B";
  sides.append(side);
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { signal }) => {
  const { configurations, margins, nothing, opening } = props;
  set("compared", comparedLinked());
  const paintView = () => (element.hidden = get("compared") !== "ours");
  watch("compared", paintView, signal);
  paintView();
  addSecondSide(find(element, ".sides"));
  const error = find(element, ".error");
  const shown = find(element, ".shown");
  const charts = find(element, ".charts");
  const margin = find(element, ".margin", HTMLInputElement);
  const gap = find(element, ".gap", HTMLInputElement);
  if (configurations.length < 2) {
    find(element, ".sides").hidden = true;
    const settings = margin.closest(".settings");
    if (settings instanceof HTMLElement) settings.hidden = true;
    error.textContent = nothing;
    countAnswer(element);
    return;
  }

  /** @type {Answer | null} */
  let answer = null;
  const paintChart = () => {
    if (!answer) return;
    const { difference, family } = answer;
    const bars = family > 1 ? "The thick bar is the 95 % interval of this pair alone. " : "";
    const key = `${bars}Shaded: differences below ${difference.margin} points, which count as none.`;
    charts.replaceChildren(
      drawComparison(answer, charts.clientWidth || WIDTH),
      make("p", "key", key),
    );
  };
  repaintByWidth(charts, paintChart, signal);

  /** @returns {Pair} */
  const question = () => ({
    a: sides[0].name(),
    b: sides[1].name(),
    margin: margin.valueAsNumber,
    gap: gap.validity.valid && gap.value ? gap.valueAsNumber : null,
  });
  /** @param {Question} asking */
  const ask = (asking) => answerTo(server.ask, asking);
  const note = () => {
    if (get("compared") !== "ours") return;
    const { margin: points, ...pair } = question();
    const isNamed = margin.validity.valid && margin.value && points !== margins.usual;
    noteView("compare", { ...pair, margin: isNamed ? points : "" });
  };
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    note();
    /** @type {import("./server.js").Answer<Answer>} */
    const got = await ask(question());
    if (mine !== asked) return;
    const notice = unknown.length
      ? `The link asks for ${unknown.join(" and ")}, which ${unknown.length > 1 ? "are" : "is"} not here. Shown instead:`
      : "";
    unknown.length = 0;
    error.textContent = got.error ?? notice;
    shown.hidden = Boolean(got.error);
    answer = got.error ? null : /** @type {Answer} */ (got);
    if (answer) {
      find(element, ".verdict").textContent = answer.verdict;
      find(element, ".notes").textContent = answer.notes;
      find(element, ".plan").textContent = answer.plan;
      const { a, b } = question();
      const images = queryOf("mistakes", { view: "seeds", a, b });
      find(element, ".images", HTMLAnchorElement).href = `?${images}`;
      const { headers, data } = answer.table;
      find(element, ".numbers thead").replaceChildren(makeRow("th", headers));
      const rows = data.map((cells) => makeRow("td", cells.map(String)));
      find(element, ".numbers tbody").replaceChildren(...rows);
      paintChart();
    }
    countAnswer(element);
  };

  /** @type {string[]} settings of the link that are not here */
  const unknown = [];
  const names = ["a", "b"];
  const sides = names.map((side) =>
    mountSide(find(element, `[data-side=${side}]`), configurations, show),
  );
  margin.min = String(margins.low);
  margin.max = String(margins.high);
  const restore = () => {
    if (comparedLinked() !== "ours") return;
    const query = linked("compare");
    names.forEach((side, index) => {
      const named = query.get(side);
      const isKnown = configurations.some(({ name }) => name === named);
      if (named && !isKnown) unknown.push(named);
      sides[index].choose(isKnown ? named : opening[index]);
    });
    const points = Number(query.get("margin"));
    const isAllowed = points >= margins.low && points <= margins.high;
    if (query.get("margin") && !isAllowed) unknown.push(`a margin of ${query.get("margin")}`);
    margin.value = String(isAllowed ? points : margins.usual);
    gap.value = query.get("gap") ?? "";
    show();
  };
  for (const input of [margin, gap]) input.addEventListener("change", show);

  find(element, ".link").addEventListener("click", copyLink);
  find(element, ".csv").addEventListener("click", () => {
    if (answer) saveCsv("compare-table", answer.table);
  });
  for (const button of findAll(element, ".save", HTMLButtonElement))
    button.addEventListener("click", () =>
      saveCharts("compare", /** @type {import("./picture.js").Format} */ (button.value), [charts]),
    );
  watch("compared", note, signal);
  restoring("compare", restore, signal);
  restore();
  ask({ view: "noise" }).then(({ words }) => {
    find(element, ".noise").textContent = words ?? "";
  });
};
