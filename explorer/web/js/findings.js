// Page of "What holds?": the published observations, a card for each of their parts.

import { copyLink, linked } from "./address.js";
import { saveCsv } from "./files.js";
import { forest, signed } from "./forest.js";
import { countAnswer, find, findAll, make } from "./nodes.js";
import { saveView } from "./picture.js";
import { answerTo } from "./server.js";

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
/** @typedef {{ arms: Record<string, { name: string, note: string }>, words: Record<string, string> }} Props */

/** Hues of the words. */
/** @type {Record<string, string>} */
const HUES = {
  shown: "var(--green)",
  "shown, small": "var(--olive)",
  opposite: "var(--vermillion)",
  negligible: "var(--blue)",
  open: "color-mix(in srgb, var(--body-text-color) 60%, var(--block-background-fill))",
};
const DIGITS = /** @type {Record<string, number>} */ ({ points: 3, "log ratio": 2, epochs: 2 });

/** @param {string} word */
const makeWord = (word) => {
  const chip = make("span", "word", word);
  chip.style.setProperty("--word", HUES[word]);
  return chip;
};

/**
 * @param {Part} part
 * @param {[number, number]} ends of its axis
 */
const makeCard = (part, ends) => {
  const { estimate, low, high, unit, word, seeds, says, link } = part;
  const card = make("article", "card");
  card.style.setProperty("--word", HUES[word]);
  const head = make("div", "head");
  head.append(make("h4", "", part.part), makeWord(word));
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
  card.append(head, make("p", "says", says), numbers, forest(part, ends, digits), foot);
  return card;
};

/**
 * Ends of the axis of each unit: all intervals and margins fit, so that the cards of an observation can be compared.
 * @param {Part[]} parts
 */
const endsByUnit = (parts) => {
  /** @type {Record<string, [number, number]>} */
  const ends = {};
  for (const { unit, low, high, margin } of parts) {
    const [least, most] = ends[unit] ?? [0, 0];
    ends[unit] = [Math.min(least, low, -margin), Math.max(most, high, margin)];
  }
  return ends;
};

/**
 * @param {Observation} observation
 * @param {string} arm
 */
const makeObservation = ({ title, arms }, arm) => {
  const { sentence, lacking, parts } = arms[arm];
  const section = make("section", "observation");
  const cards = make("div", "cards");
  const ends = endsByUnit(parts);
  cards.append(...parts.map((part) => makeCard(part, ends[part.unit])));
  section.append(make("h3", "", title), make("p", "", sentence));
  if (lacking) section.append(make("p", "lacking", lacking));
  section.append(cards);
  return section;
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<{ visit: string }, any> }} server
 */
export const mount = async (element, { arms, words }, server) => {
  const error = find(element, ".error");
  const views = find(element, ".views");
  const wanted = linked("findings").get("arm") ?? "";
  let arm = wanted in arms ? wanted : Object.keys(arms)[0];
  /** @type {Observation[]} */
  let observations = [];

  const show = () => {
    find(element, ".note").textContent = arms[arm].note;
    find(element, ".found").replaceChildren(
      ...observations.map((observation) => makeObservation(observation, arm)),
    );
  };

  for (const [key, { name }] of Object.entries(arms)) {
    const label = make("label");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "arm", value: key, checked: key === arm });
    label.append(radio, ` ${name}`);
    views.append(label);
  }
  for (const [word, meaning] of Object.entries(words)) {
    const term = make("dt");
    term.append(makeWord(word));
    find(element, ".legend dl").append(term, make("dd", "", meaning));
  }
  views.addEventListener("change", () => {
    arm = findAll(views, "input", HTMLInputElement).find((radio) => radio.checked)?.value ?? arm;
    show();
  });
  find(element, ".link").addEventListener("click", () => copyLink("findings", { arm }));
  find(element, ".csv").addEventListener("click", async () => {
    const table = await answerTo(server.ask, { table: true });
    error.textContent = table.error ?? "";
    if (!table.error) saveCsv("findings-parts", /** @type {import("./files.js").Table} */ (table));
  });
  find(element, ".save").addEventListener("click", () =>
    saveView("findings", [find(element, ".found")]),
  );
  const answer = await answerTo(server.ask, {}, "Reload the page to ask again.");
  error.textContent = answer.error ?? "";
  observations = answer.observations ?? [];
  show();
  countAnswer(element);
};
