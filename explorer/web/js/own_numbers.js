// Your own numbers: a text that a visitor pastes, drops or types, what was found out about it, and the verdict on its columns.

import { drawOwn } from "./own_chart.js";
import { mountChoices } from "./own_choices.js";
import { tooLarge } from "./own_files.js";
import {
  comparedLinked,
  linkedFragment,
  LONGEST,
  OPEN,
  readFragment,
  settingsOf,
} from "./own_link.js";
import { mountSettings, WIDE } from "./own_settings.js";
import { mountText } from "./own_text.js";
import { saveCsv } from "./files.js";
import { countAnswer, find, findAll, make, makeButton, makeRow } from "./nodes.js";
import { saveCharts } from "./picture.js";
import { repaintByWidth } from "./resize.js";
import { answerTo } from "./server.js";
import { get, set, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";

/** @typedef {import("./own_link.js").Question} Question */
/** @typedef {import("./own_choices.js").Found} Found */
/** @typedef {{ verdict: string, chance: string }} Said */
/**
 * @typedef {object} Words
 * @property {Found} found
 * @property {boolean} judged
 * @property {string} verdict
 * @property {string} notes
 * @property {string} plan
 * @property {(import("./own_chart.js").Pair & Said)[]} pairs
 * @property {import("./files.js").Table} table
 * @property {string} field the setting that is wrong, where there is an error
 */
/** @typedef {Omit<import("./own_chart.js").Judged, "pairs"> & Words} Answer */
/**
 * @typedef {object} Props
 * @property {{ label: string, text: string, settings: object }[]} examples
 * @property {number} most bytes that are read
 */

const WIDTH = 640; // pixels of the chart, where the page does not say
const LINKED = "The link holds the numbers behind its #, which no server sees.";
const NOT_LINKED = `These numbers are too many for a link of ${LONGEST.toLocaleString("en")} characters: save the table as CSV.`;

/**
 * The switch between the configurations and a visitor's numbers.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
const mountSwitch = (element, signal) => {
  const radios = findAll(element, "input[name=compared]", HTMLInputElement);
  const paint = () => {
    for (const radio of radios) radio.checked = radio.value === get("compared");
    find(element, ".own").hidden = get("compared") !== "own";
  };
  for (const radio of radios)
    radio.addEventListener("change", () =>
      set("compared", /** @type {import("./store.js").Compared} */ (radio.value)),
    );
  watch("compared", paint, signal);
  paint();
};

/**
 * @param {HTMLElement} root
 * @param {Answer} answer
 */
const paintWords = (root, { verdict, notes, plan, pairs, columns, table }) => {
  find(root, ".verdict").textContent = verdict;
  find(root, ".notes").textContent = notes;
  find(root, ".plan").textContent = plan;
  const isOne = pairs.length === 1;
  find(root, ".chance").textContent = isOne ? pairs[0].chance : "";
  find(root, ".pairs").hidden = isOne;
  const items = pairs.map(({ a, b, verdict: words, chance }) => {
    const item = make("li");
    const names = `${columns[a].trial} and ${columns[b].trial}`;
    item.append(make("b", "", names), make("span", "", `${words} ${chance}`));
    return item;
  });
  find(root, ".pairs ul").replaceChildren(...(isOne ? [] : items));
  find(root, ".numbers thead").replaceChildren(makeRow("th", table.headers));
  const lines = table.data.map((cells) => makeRow("td", cells.map(String)));
  find(root, ".numbers tbody").replaceChildren(...lines);
};

/**
 * The chart, as wide as its node.
 * @param {HTMLElement} charts
 * @param {() => Answer | null} answered
 * @param {AbortSignal} signal
 */
const mountChart = (charts, answered, signal) => {
  const paint = () => {
    const answer = answered();
    if (!answer) return;
    const { margin } = answer.pairs[0].difference;
    const key = [
      answer.pairs.length > 1 ? "Thick: the 95 % interval of a pair alone, thin: corrected." : "",
      margin
        ? `Shaded: differences below ${margin} ${answer.unit}`.trim() + ", which count as none."
        : "",
    ].join(" ");
    charts.replaceChildren(
      drawOwn(answer, charts.clientWidth || WIDTH),
      make("p", "key", key.trim()),
    );
  };
  repaintByWidth(charts, paint, signal);
  return paint;
};

/**
 * Marks that tell tables apart: the names of their files, and their first lines, which name the columns.
 * @param {import("./own_link.js").File[]} files
 */
const headOf = (files) =>
  JSON.stringify(files.map(({ name, text }) => [name, text.trimStart().split("\n", 1)[0]]));

/**
 * Shows a sentence at the setting that is wrong, or at the text, and clears the others.
 * @param {HTMLElement} root
 * @param {string} sentence
 * @param {string} field
 */
const sayError = (root, sentence, field) => {
  for (const node of findAll(root, "[data-field]", HTMLElement)) {
    node.textContent = node.dataset.field === field ? sentence : "";
    const control = node.id && root.querySelector(`[aria-describedby="${node.id}"]`);
    if (control) control.setAttribute("aria-invalid", String(Boolean(node.textContent)));
    const folded = node.closest("details");
    if (folded && node.textContent) folded.open = true;
  }
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ judge_values: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, { examples, most }, server, { signal }) => {
  const root = find(element, ".own");
  /** @type {Question} */
  const question = { ...OPEN, files: [] };
  /** @type {Answer | null} */
  let answer = null;
  let asked = 0;
  let painted = 0; // the question whose answer is shown
  const paintChart = mountChart(find(root, ".charts"), () => answer, signal);

  /** @param {Answer} shown */
  const fragmentNow = (shown) => {
    const unit = question.unit ?? (shown.found.percent ? "percent" : null);
    return linkedFragment({ ...question, unit }, shown, LONGEST);
  };
  /** @param {Answer} shown */
  const paintLink = (shown) => {
    const isLinked = fragmentNow(shown) !== null;
    find(root, ".link", HTMLButtonElement).disabled = !isLinked;
    find(root, ".linked").textContent = isLinked ? LINKED : NOT_LINKED;
  };

  /** @param {import("./server.js").Answer<Answer>} got */
  const paint = (got) => {
    painted = asked;
    answer = !got.error && got.judged ? /** @type {Answer} */ (got) : null;
    const needed = !got.error && !got.judged ? (got.verdict ?? "") : "";
    sayError(root, got.error ?? needed, got.error ? (got.field ?? "") : "runs");
    if (got.found) choices.paint(got.found, !needed);
    else choices.clear();
    how.paint(got.found);
    find(root, ".answer").hidden = !answer;
    find(root, ".answer").removeAttribute("aria-busy");
    if (answer) {
      paintWords(root, answer);
      paintChart();
      paintLink(answer);
    }
    note();
    countAnswer(element);
  };
  const note = () => {
    if (get("compared") !== "own" || painted !== asked) return;
    const fragment = answer && fragmentNow(answer);
    noteView("compare", { own: 1 }, { fragment: fragment ? `#${fragment}` : "" });
  };
  const show = async () => {
    const mine = ++asked;
    question.files = text.files();
    // The server says of an empty file that it is empty; an empty field is no fault.
    if (!question.files.some(({ name, text }) => name || text.trim())) return paint({});
    if (new Blob([JSON.stringify(question)]).size > most * 1.2)
      return paint({ error: tooLarge(most) });
    find(root, ".answer").setAttribute("aria-busy", "true");
    /** @type {import("./server.js").Answer<Answer>} */
    const got = await answerTo(server.judge_values, question, "Change the text to ask again.");
    if (mine === asked) paint(got);
  };
  /**
   * Asks about another text: what was chosen for the last one is forgotten.
   * @param {object} settings
   * @param {boolean} isLed to the verdict, which a phone shows far below the text
   */
  const start = async (settings, isLed = true) => {
    Object.assign(question, OPEN, settings);
    await show();
    if (answer && isLed && !matchMedia(WIDE).matches) find(root, ".verdict").scrollIntoView();
  };
  /** Asks about new runs of the same columns: only which runs belong together is forgotten. */
  const startAlike = () => {
    const { paired, higher_is_better, unit, margin, deviation } = question;
    return start({ paired, higher_is_better, unit, margin, deviation });
  };
  const isAlike = () => headOf(text.files()) === headOf(question.files);
  // What was chosen beside an empty field is meant for what comes.
  const wasEmpty = () => question.files.every((file) => !file.text);
  const text = mountText(
    root,
    {
      replaced: () => (isAlike() || wasEmpty() ? startAlike() : start({})),
      edited: () => (isAlike() ? show() : startAlike()),
      failed: (error) => paint({ error }),
    },
    most,
  );
  const choices = mountChoices(root, question, show);
  const how = mountSettings(root, question, show);

  /** @param {Props["examples"][0]} example @param {boolean} [isLed] */
  const open = (example, isLed) => {
    text.showExample(example.text);
    return start(settingsOf(example.settings), isLed);
  };
  const buttons = examples.map((example) => makeButton(example.label, () => open(example)));
  find(root, ".examples").append("Examples:", ...buttons);
  const openLink = () => {
    const linkedTo = readFragment(location.hash);
    if (!linkedTo) return false;
    text.show([{ name: "", text: linkedTo.text }]);
    start(linkedTo.settings);
    set("compared", "own");
    return true;
  };
  /** Opens an example where nothing is there yet. */
  const openFirst = () => {
    const [first] = examples;
    if (get("compared") === "own" && !question.files.length && first) open(first, false);
  };

  find(root, ".link").addEventListener("click", copyLink);
  find(root, ".csv").addEventListener("click", () => {
    if (answer) saveCsv("own-numbers-table", answer.table);
  });
  for (const button of findAll(root, ".save", HTMLButtonElement))
    button.addEventListener("click", () =>
      saveCharts("own-numbers", /** @type {import("./picture.js").Format} */ (button.value), [
        find(root, ".charts"),
      ]),
    );
  watch("compared", openFirst, signal);
  watch("compared", note, signal);
  mountSwitch(element, signal);
  const restore = () => {
    if (!openLink()) set("compared", comparedLinked());
  };
  restoring("compare", restore, signal);
  restore();
  if (get("compared") !== "own") countAnswer(element);
};
