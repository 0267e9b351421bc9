// Nodes of a page: finding and making them.

import { dataSet } from "./data_set.js";

/**
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
/**
 * @template {Element} T
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
/**
 * The first node of a kind under `root` that a selector names. Throws where there is none.
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Element} [kind]
 */
export function find(root, selector, kind = HTMLElement) {
  const node = root.querySelector(selector);
  if (!(node instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return node;
}

/**
 * All nodes of a kind under `root` that a selector names.
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T[]}
 */
export const findAll = (root, selector, kind) =>
  [...root.querySelectorAll(selector)].flatMap((node) => (node instanceof kind ? [node] : []));

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [classes]
 * @param {string | number} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export const make = (tag, classes = "", text = "") => {
  const node = document.createElement(tag);
  node.className = classes;
  node.textContent = String(text);
  return node;
};

/**
 * A button of that text.
 * @param {string} text
 * @param {() => void} act
 * @param {string} [label] what a screen reader says, where the text does not suffice
 */
export const makeButton = (text, act, label) => {
  const button = make("button", "", text);
  button.type = "button";
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
};

/**
 * A row of a table.
 * @param {"th" | "td"} tag
 * @param {(string | number)[]} cells
 */
export const makeRow = (tag, cells) => {
  const row = make("tr");
  row.append(...cells.map((cell) => make(tag, "", cell)));
  return row;
};

/**
 * One picture out of a sprite, a row of square ones.
 * @param {string} sprite URL
 * @param {number} index
 * @param {number} side pixels
 * @param {string} [label] makes it an image to a screen reader
 */
export const makePicture = (sprite, index, side, label) => {
  const node = make("span", "picture");
  node.style.backgroundImage = `url(${sprite})`;
  node.style.backgroundPosition = `${-index * side}px 0`;
  node.style.backgroundSize = `auto ${side}px`;
  node.style.width = node.style.height = `${side}px`;
  if (label) asImage(node, label);
  return node;
};

/**
 * Makes a node an image to a screen reader.
 * @param {Element} node
 * @param {string} label
 */
export const asImage = (node, label) => {
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
};

/**
 * Adds options to a select: value, text and the group in which an option stands.
 * @param {HTMLSelectElement} select
 * @param {[string | number, string | number, string?][]} options
 */
export const fill = (select, options) => {
  for (const [value, text, group] of options) {
    const option = make("option", "", text);
    option.value = String(value);
    if (!group) {
      select.append(option);
      continue;
    }
    let last = select.lastElementChild;
    if (!(last instanceof HTMLOptGroupElement) || last.label !== group) {
      last = make("optgroup");
      last.setAttribute("label", group);
      select.append(last);
    }
    last.append(option);
  }
};

/**
 * Options of the ten digits.
 * @returns {[number, string][]}
 */
export const digitOptions = () => dataSet().classes.map((name, digit) => [digit, name]);

/**
 * Counts in `data-answers` how many answers a page, or a part of it, has shown: what automated users wait for.
 * @param {HTMLElement} node
 */
export const countAnswer = (node) => {
  node.dataset.answers = String(Number(node.dataset.answers ?? 0) + 1);
};
