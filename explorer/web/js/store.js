// State that pages share. A page reads it with `get`, changes it with `set` and is told of changes with `watch`.

/**
 * A network that this visit trained or loaded. `rows` is its history; `trained` says that the explorer trained it, else only its file
 * says so; `hue` is its norm; `content` is its file, named `file`, and `weights` is what the device needs of it.
 * @typedef {{
 *   name: string, words: string, accuracy: string, family: string, hue: string, rows: Record<string, number | null>[],
 *   trained: boolean, file: string, content: Uint8Array, weights: Uint8Array
 * }} OwnNetwork
 */
/**
 * The digit in Draw: what is asked about it, and what a link to it holds. Null where the paper is blank.
 * @typedef {{ asked: import("./pad.js").Asked, link: Record<string, unknown> } | null} Drawing
 */
/** @typedef {"ours" | "own" | "bet"} Compared what "Compare" compares: configurations, a visitor's own numbers, or two runs to bet on */
/**
 * @typedef {object} State
 * @property {OwnNetwork[]} own networks of this visit
 * @property {boolean} unkept whether a reload loses them
 * @property {{ tab: string, name: string } | null} look a network of this visit that the tab of that slug is to show
 * @property {Drawing} drawing
 * @property {{} | null} lookInside a request to look inside the drawing, until it is met
 * @property {{ index: number, from: string } | null} testImage a test image that Draw is to show, from a tab
 * @property {{ index: number } | null} lookImage a test image that Mistakes is to show
 * @property {Compared} compared
 * @property {{} | null} trainingFailed a request to train that came to no end, a new object each time
 */

/** Prefix of the names of this visit's networks; they mean nothing elsewhere. */
export const OWN = "own-";

/** @type {State} */
const state = {
  own: [],
  unkept: false,
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

/**
 * Calls `act` with what other pages send under `key`, once. What was sent before the page is there waits for it.
 * @template {"lookInside" | "testImage" | "lookImage"} K
 * @param {K} key
 * @param {(sent: NonNullable<State[K]>) => void} act
 * @param {AbortSignal} signal of the page
 */
export const receive = (key, act, signal) => {
  const take = () => {
    const sent = get(key);
    if (!sent) return;
    set(key, /** @type {State[K]} */ (null));
    act(sent);
  };
  watch(key, take, signal);
  take();
};
