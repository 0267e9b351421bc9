// The data set of the networks, as the page's head says it; without a word there it is MNIST, for which all sentences are written.

/** @typedef {{ name: string, noun: string, nouns: string, classes: string[], isDrawn: boolean, hasDigits: boolean }} DataSet */

/** @type {DataSet} */
const MNIST = {
  name: "MNIST",
  noun: "digit",
  nouns: "digits",
  classes: [..."0123456789"],
  isDrawn: true,
  hasDigits: true,
};
/** @type {DataSet | null} */
let known = null;

/** @returns {DataSet} */
export const dataSet = () => {
  const node = known ? null : globalThis.document?.getElementById("data-set");
  known ??= node ? JSON.parse(node.textContent ?? "") : MNIST;
  return /** @type {DataSet} */ (known);
};

/**
 * Name of a class.
 * @param {number} label
 */
export const nameOf = (label) => dataSet().classes[label];

/**
 * A text with the words for an image of the data set in the place of "digit" and "digits".
 * @param {string} text
 * @param {Pick<DataSet, "noun" | "nouns">} words
 */
export const inWords = (text, { noun, nouns }) =>
  text
    .replace(/\bdigit(?=s?\b)s?/g, (found) => (found.endsWith("s") ? nouns : noun))
    .replace(/\bDigits?\b/g, (found) => capital(found.endsWith("s") ? nouns : noun));

/** @param {string} text */
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

const SPOKEN = ["aria-label", "title", "placeholder", "alt"];

/** Keeps the words of the whole page those of the data set, whoever writes them. */
export const startWords = () => {
  const words = dataSet();
  if (words.hasDigits) return;
  /** @param {Node} node */
  const exchange = (node) => {
    if (node instanceof Text) {
      const text = inWords(node.data, words);
      if (text !== node.data) node.data = text;
    } else if (node instanceof Element && !(node instanceof HTMLScriptElement)) {
      for (const name of SPOKEN) {
        const text = node.getAttribute(name);
        if (text && inWords(text, words) !== text) node.setAttribute(name, inWords(text, words));
      }
      node.childNodes.forEach(exchange);
    }
  };
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes)
      if (type === "childList") addedNodes.forEach(exchange);
      else exchange(target);
  }).observe(document.documentElement, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: SPOKEN,
  });
  exchange(document.documentElement);
};
