// Cards of Claims: a word and a sentence, with the numbers in a fold.

import { make } from "./nodes.js";

/**
 * @param {string} word
 * @param {string} hue
 */
export const makeWord = (word, hue) => {
  const chip = make("span", "word", word);
  chip.style.setProperty("--word", hue);
  return chip;
};

/**
 * @param {{ title: string, word: HTMLElement, says: string, hue: string }} card
 * @param {Element[]} body what unfolds
 * @param {boolean} isOpen
 */
export const makeCard = ({ title, word, says, hue }, body, isOpen) => {
  const card = make("details", "card");
  card.open = isOpen;
  card.style.setProperty("--word", hue);
  const summary = make("summary");
  const head = make("div", "head");
  head.append(make("h4", "", title), word);
  summary.append(head, make("p", "says", says));
  card.append(summary, ...body);
  return card;
};

/**
 * A section that folds, with a title; a link names it by its key.
 * @param {string} key
 * @param {string} title
 * @param {boolean} isOpen
 */
export const makeSection = (key, title, isOpen) => {
  const section = make("details", "observation");
  section.dataset.part = key;
  section.open = isOpen;
  const summary = make("summary");
  summary.append(make("h3", "", title));
  section.append(summary);
  return section;
};
