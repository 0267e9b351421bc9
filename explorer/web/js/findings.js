// Page of "Claims": the published observations, a card for each of their parts; the factors of the grid, and the studies beyond it.

import { linked } from "./address.js";
import { makeCard, makeWord } from "./cards.js";
import { makeFactor, makeStudy } from "./contrasts.js";
import { saveCsv } from "./files.js";
import { endsOfLines, forest, signed } from "./forest.js";
import { countAnswer, find, findAll, make } from "./nodes.js";
import { saveView } from "./picture.js";
import { scrollWhenSeen } from "./scroll.js";
import { answerTo } from "./server.js";
import { copyLink, noteView, restoring } from "./views.js";

/**
 * @typedef {object} Part
 * @property {string} part a label
 * @property {string} expected side of 0 that the observation says
 * @property {number} estimate
 * @property {number} low
 * @property {number} high
 * @property {string} unit
 * @property {number} margin
 * @property {string} word
 * @property {[number, number]} seeds
 * @property {string} says
 * @property {string} link
 */
/** @typedef {{ sentence: string, lacking: string, parts: Part[] }} Arm */
/** @typedef {{ title: string, arms: Record<string, Arm> }} Observation */
/** @typedef {{ arms: Record<string, { name: string, note: string }>, words: Record<string, string>, outcomes: Record<string, string> }} Props */

/** Hues of the words. */
/** @type {Record<string, string>} */
const HUES = {
  shown: "var(--green)",
  "shown, small": "var(--olive)",
  opposite: "var(--vermillion)",
  negligible: "var(--blue)",
  open: "var(--open)",
};
const DIGITS = /** @type {Record<string, number>} */ ({ points: 3, "log ratio": 2, epochs: 2 });

/**
 * @param {Part} part
 * @param {[number, number]} ends of its axis
 * @param {boolean} isOpen
 */
const makePart = (part, ends, isOpen) => {
  const { estimate, low, high, unit, word, seeds, says, link } = part;
  const digits = DIGITS[unit];
  const numbers = make("div", "numbers");
  numbers.append(
    make("b", "", `${signed(estimate, digits)} ${unit} `),
    make("span", "", `${signed(low, digits)} to ${signed(high, digits)}`),
  );
  const foot = make("div", "foot");
  const view = make("a", "", "Look at a pair");
  view.href = `?${link}`;
  view.setAttribute("aria-label", `Look at a pair: ${part.part}`);
  foot.append(make("span", "", `${seeds[0]} and ${seeds[1]} runs`), view);
  const head = { title: part.part, word: makeWord(word, HUES[word]), says, hue: HUES[word] };
  return makeCard(head, [numbers, forest(part, ends, digits), foot], isOpen);
};

/**
 * @param {Observation} observation
 * @param {string} arm
 * @param {(at: number) => boolean} isOpen whether the part at that place is
 */
const makeObservation = ({ title, arms }, arm, isOpen) => {
  const { sentence, lacking, parts } = arms[arm];
  const section = make("section", "observation");
  const cards = make("div", "cards");
  parts.forEach((part, at) => {
    const comparable = parts.filter(({ unit }) => unit === part.unit);
    cards.append(makePart(part, endsOfLines(comparable), isOpen(at)));
  });
  section.append(make("h3", "", title), make("p", "", sentence));
  if (lacking) section.append(make("p", "lacking", lacking));
  section.append(cards);
  return section;
};

/**
 * Opens a part and scrolls to it, once the page is seen and has it.
 * @param {HTMLElement} element
 * @param {string} key
 * @param {AbortSignal} signal
 */
const scrollToPart = (element, key, signal) => {
  const part = findAll(element, "[data-part]", HTMLDetailsElement).find(
    ({ dataset }) => dataset.part === key,
  );
  if (!part) return;
  part.open = true;
  scrollWhenSeen(part, signal);
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<{ visit: string, view?: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = async (element, { arms, words, outcomes }, server, { signal }) => {
  const error = find(element, ".error");
  const views = find(element, ".views");
  const [first] = Object.keys(arms);
  let arm = first;
  // A phone shows words and sentences, and folds the numbers but for those of the first card.
  const isWide = !matchMedia("(max-width: 700px)").matches;
  /** @type {Observation[]} */
  let observations = [];

  const show = () => {
    find(element, ".note").textContent = arms[arm].note;
    find(element, ".found").replaceChildren(
      ...observations.map((observation, place) =>
        makeObservation(observation, arm, (at) => isWide || (place === 0 && at === 0)),
      ),
    );
    noteView("findings", { arm });
  };
  const radios = () => findAll(views, "input", HTMLInputElement);
  const restore = () => {
    const query = linked("findings");
    const wanted = query.get("arm") ?? "";
    arm = Object.hasOwn(arms, wanted) ? wanted : first;
    for (const radio of radios()) radio.checked = radio.value === arm;
    show();
    scrollToPart(element, query.get("part") ?? "", signal);
  };

  for (const [key, { name }] of Object.entries(arms)) {
    const label = make("label");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "arm", value: key });
    label.append(radio, ` ${name}`);
    views.append(label);
  }
  for (const [word, meaning] of Object.entries(words)) {
    const term = make("dt");
    term.append(makeWord(word, HUES[word]));
    find(element, ".legend dl").append(term, make("dd", "", meaning));
  }
  views.addEventListener("change", () => {
    arm = radios().find(({ checked }) => checked)?.value ?? arm;
    show();
  });
  find(element, ".link").addEventListener("click", copyLink);
  for (const button of findAll(element, ".csv", HTMLButtonElement))
    button.addEventListener("click", async () => {
      const table = await answerTo(server.ask, { view: button.value });
      error.textContent = table.error ?? "";
      if (!table.error)
        saveCsv(`findings-${button.value}`, /** @type {import("./files.js").Table} */ (table));
    });
  find(element, ".save").addEventListener("click", () =>
    saveView("findings", [find(element, ".found")]),
  );
  /** @param {string} view */
  const ask = (view) => answerTo(server.ask, { view }, "Reload the page to ask again.");
  const [answer, factors, studies] = await Promise.all(
    ["observations", "factors", "studies"].map(ask),
  );
  error.textContent = answer.error ?? "";
  observations = answer.observations ?? [];
  find(element, ".factors .says").textContent = factors.error ?? factors.sentence;
  find(element, ".factors .list").replaceChildren(
    ...(factors.factors ?? []).map((/** @type {import("./contrasts.js").Factor} */ factor) =>
      makeFactor(factor, outcomes, isWide),
    ),
  );
  find(element, ".studies .says").textContent = studies.error ?? "";
  find(element, ".studies .list").replaceChildren(
    ...(studies.studies ?? []).map((/** @type {import("./contrasts.js").Study} */ study) =>
      makeStudy(study, studies.hues, outcomes, isWide),
    ),
  );
  restore();
  restoring("findings", restore, signal);
  countAnswer(element);
};
