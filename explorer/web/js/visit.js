// The visit: the secret under which server and browser keep what this page trained, loaded and drew. It outlives a reload.

import { keep, kept } from "./kept.js";

const [entry] = performance.getEntriesByType("navigation");
const isReload = /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type === "reload";
// ms, within which the page before gives its secret free: after a reload it does, on a busy device late.
const WAIT = isReload ? 10_000 : 1000;

/**
 * Name of the lock that the page of a visit holds.
 * @param {string} secret
 */
export const lockOf = (secret) => `visit ${secret}`;

/**
 * Takes a secret for as long as this page lives. Resolves to false where another page has it, as after a tab was duplicated.
 * @param {string} secret
 * @returns {Promise<boolean>}
 */
const take = (secret) =>
  new Promise((resolve) => {
    const locks = globalThis.navigator?.locks;
    if (!locks) return resolve(true); // without https: copies of a tab cannot be told apart, and share a session
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    locks
      .request(lockOf(secret), { signal: AbortSignal.timeout(WAIT) }, hold)
      .catch(() => resolve(false));
  });

const draw = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

const before = kept("visit");
const isBefore = before !== "" && (await take(before));

export const visit = isBefore ? before : draw();
if (!isBefore && globalThis.document) take(visit);

/** Secret of the tab of which this one is a copy, else empty. */
export const copied = isBefore ? "" : before;

/** Whether a reload finds this visit again. */
export const isKept = keep("visit", visit);
