// State that pages share. A page reads it with `get`, changes it with `set` and is told of changes with `watch`.

/**
 * A network that this visit trained or loaded; `rows` is its history.
 * @typedef {{ name: string, words: string, accuracy: string, family: string, hue: string, rows: Record<string, number | null>[] }} OwnNetwork
 */
/**
 * The digit in Draw: what is asked about it, and what a link to it holds. Null where the paper is blank.
 * @typedef {{ asked: import("./pad.js").Asked, link: Record<string, unknown> } | null} Drawing
 */
/**
 * @typedef {object} State
 * @property {OwnNetwork[]} own networks of this visit
 * @property {{ tab: string, name: string } | null} look a network of this visit that the tab of that slug is to show
 * @property {Drawing} drawing
 * @property {{} | null} lookInside a request to look inside the drawing, until it is met
 * @property {{ index: number, from: string } | null} testImage a test image that Draw is to show, from a tab
 * @property {{ index: number } | null} lookImage a test image that Mistakes is to show
 * @property {"ours" | "own"} compared what "Compare" compares: configurations, or a visitor's own numbers
 * @property {{} | null} trainingFailed a request to train that came to no end, a new object each time
 */

/** Prefix of the names of this visit's networks; they mean nothing elsewhere. */
export const OWN = "own-";

/** @type {State} */
const state = {
  own: [],
  look: null,
  drawing: null,
  lookInside: null,
  testImage: null,
  lookImage: null,
  compared: "ours",
  trainingFailed: null,
};
/** @type {Map<keyof State, Set<() => void>>} */
const watchers = new Map();

/**
 * @template {keyof State} K
 * @param {K} key
 * @returns {State[K]}
 */
export const get = (key) => state[key];

/**
 * @template {keyof State} K
 * @param {K} key
 * @param {State[K]} value
 */
export const set = (key, value) => {
  state[key] = value;
  for (const act of watchers.get(key) ?? []) act();
};

/**
 * Calls `act` after each change of `key`, until the page ends.
 * @param {keyof State} key
 * @param {() => void} act
 * @param {AbortSignal} signal of the page
 */
export const watch = (key, act, signal) => {
  const acts = watchers.get(key) ?? new Set();
  watchers.set(key, acts.add(act));
  signal.addEventListener("abort", () => acts.delete(act));
};
