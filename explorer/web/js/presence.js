// Whether the server is there: the heartbeat of this visit, and questions that wait while the server is away.

import { notice } from "./notice.js";
import { get } from "./store.js";
import { visit } from "./visit.js";

/**
 * Answer to a heartbeat.
 * @typedef {object} Beat
 * @property {string} server a name that a restart changes
 * @property {string} build the code that the server runs
 * @property {string[]} networks of this visit that the server has
 * @property {string[]} missing those that this page has and the server lacks
 * @property {number} most networks that a visit may have
 */

const PAUSE = 15_000; // ms between two heartbeats
const AWAY_PAUSE = 2_000; // the same while the server is away
const PATIENCE = 20_000; // ms for the answer to one
// What waits while the server is away: questions of pages, and events.
const WAITS = /\/(visit|gradio_api\/(component_server|run\/[^/]+|queue\/join))\/?(\?|$)/;

const AWAY = "The explorer does not answer. Draw goes on; all else waits, and goes on by itself.";
const BACK = "The explorer answers again.";
const RESTARTED =
  "The explorer was restarted and goes on. This page kept your drawing and your networks.";
const UPDATED =
  "The explorer was updated. Reload this page to go on: your drawing and your networks are kept.";
const UPDATED_UNKEPT =
  "The explorer was updated. Reload this page to go on. This browser keeps nothing: save your networks before.";

const send = globalThis.fetch;
/** @type {Pick<Beat, "server" | "build"> | null} of the last answer */
let known = null;
let isAway = false;
let misses = 0; // heartbeats in a row
/** @type {(() => void)[]} */
let waiting = [];
/** @type {Set<(beat: Beat) => void>} */
const watchers = new Set();
let wake = () => {};

/** Name of the server that answered last; a restart changes it. */
export const serverName = () => known?.server ?? "";

/**
 * Calls `act` after each answered heartbeat.
 * @param {(beat: Beat) => void} act
 */
export const watchBeats = (act) => watchers.add(act);

/** @param {object} question */
const requestOf = (question) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ ...question, visit }),
});

const address = () => new URL("visit", document.baseURI);

/** Resolves once the server is there. */
export const back = () =>
  isAway ? new Promise((resolve) => waiting.push(() => resolve(undefined))) : Promise.resolve();

const missed = () => {
  misses += 1;
  isAway = true;
  if (misses > 1) notice(AWAY); // the first may be the end of this page
  wake();
  return null;
};

/** @param {Beat} answer */
const answered = (answer) => {
  if (known && known.build !== answer.build) {
    // Its pages have other parts than this one: to ask it from here would go wrong.
    isAway = true;
    const words = get("unkept") ? UPDATED_UNKEPT : UPDATED;
    notice(words, { button: ["Reload", () => location.reload()] });
    return null;
  }
  const isRestarted = known !== null && known.server !== answer.server;
  known = answer;
  if (isRestarted) notice(RESTARTED, { button: ["Close", () => notice("")] });
  else if (misses > 1) notice(BACK, { isBrief: true });
  [isAway, misses] = [false, 0];
  const all = waiting;
  waiting = [];
  for (const go of all) go();
  for (const act of watchers) act(answer);
  return answer;
};

/**
 * Tells the server that this page is there. Resolves to null where the server is not.
 * @returns {Promise<Beat | null>}
 */
export const beat = async () => {
  const own = get("own").map(({ name }) => name);
  /** @type {Beat} */
  let answer;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const response = await send(address(), { ...requestOf({ view: "beat", own }), signal });
    answer = await response.json();
  } catch {
    return missed();
  }
  return answer.server ? answered(answer) : missed();
};

/**
 * Asks about this visit. While the server is away the question waits; rejects where it fails otherwise.
 * @param {object} question
 * @returns {Promise<any>}
 */
export const askVisit = async (question) => (await fetch(address(), requestOf(question))).json();

/**
 * `fetch`, but a question of this page waits while the server is away and is asked again then; a proxy may answer in its place meanwhile.
 * Gradio would call it an error, and load the page anew when the server is back.
 * @type {typeof fetch}
 */
const patient = async (input, init) => {
  const isOurs =
    init?.method === "POST" && WAITS.test(String(input)) && !(input instanceof Request);
  if (!isOurs) return send(input, init);
  for (;;) {
    const outcome = await send(input, init).catch((error) => ({ error }));
    if (outcome instanceof Response && outcome.ok) return outcome;
    if (init.signal?.aborted || (await beat())) {
      if (outcome instanceof Response) return outcome;
      throw outcome.error;
    }
    await back();
  }
};

/** Begins the heartbeat, for as long as the page lives. */
export const startPresence = async () => {
  globalThis.fetch = patient;
  for (;;) {
    const isThere = await beat();
    await new Promise((resolve) => {
      wake = () => resolve(undefined);
      setTimeout(resolve, isThere ? PAUSE : AWAY_PAUSE);
    });
  }
};
