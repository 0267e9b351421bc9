// Links: the view that this page's address names, other tabs, and the button that copies a link.

import { say } from "./buttons.js";
import { OWN } from "./store.js";

const DRAWING = "drawing";
const DIGIT = "digit"; // of a picture
const PRIVATE = [DRAWING, DIGIT]; // stand in the fragment, which browsers send to no server

/** Parameters of the address, with the drawing or the digit that its fragment holds. */
const parameters = () => {
  const query = new URLSearchParams(location.search);
  query.delete(DIGIT);
  for (const [key, value] of new URLSearchParams(location.hash.slice(1)))
    if (PRIVATE.includes(key)) query.set(key, value);
  return query;
};

/**
 * Parameters of the address where it names one of these tabs, else none. Without a tab it names Draw.
 * @param {string[]} tabs slugs
 */
export const linked = (...tabs) => {
  const query = parameters();
  return tabs.includes(query.get("tab") ?? "draw") ? query : new URLSearchParams();
};

/** Parameters of a digit: links to Draw and to Inside hold one. */
export const linkedDigit = () => linked("draw", "inside");

/**
 * The number of a test image in a link, or null.
 * @param {URLSearchParams} query
 */
export const imageOf = (query) => {
  const text = query.get("image") ?? "";
  return /^\d{1,4}$/.test(text) ? Number(text) : null;
};

/**
 * Chooses the option that a link names, where there is one.
 * @param {HTMLSelectElement} select
 * @param {string | null} value
 */
export const chooseLinked = (select, value) => {
  if ([...select.options].some((option) => option.value === value)) select.value = value ?? "";
};

/**
 * The query of a link to a view: what is empty is left out, and so is a network of this visit; lists are joined by "|".
 * @param {string} tab slug
 * @param {Record<string, unknown>} settings
 */
export const queryOf = (tab, settings) => {
  const query = new URLSearchParams({ tab });
  for (const [key, value] of Object.entries(settings))
    if (value !== null && value !== undefined && value !== "" && !String(value).startsWith(OWN))
      query.set(key, Array.isArray(value) ? value.join("|") : String(value));
  return query;
};

/**
 * A query as a link relative to the page, with its drawing or digit in the fragment.
 * @param {URLSearchParams} query
 */
export const withFragment = (query) => {
  const hidden = PRIVATE.filter((key) => query.get(key)).map((key) => `${key}=${query.get(key)}`);
  for (const key of PRIVATE) query.delete(key);
  return `?${query}${hidden.length ? `#${hidden.join("&")}` : ""}`;
};

/** Rewrites the address of an old link, which holds its drawing in the query. */
export const rewriteOldLink = () => {
  if (new URLSearchParams(location.search).has(DRAWING))
    history.replaceState(history.state, "", withFragment(parameters()));
};

/**
 * Copies a link to a view, puts it into the address bar, and says so on the button that was pressed.
 * @param {string} tab slug
 * @param {Record<string, unknown>} settings
 * @param {string} [fragment] what no server is to see
 */
export const copyLink = async (tab, settings, fragment) => {
  const view = withFragment(queryOf(tab, settings));
  history.replaceState(history.state, "", fragment ? `${view}#${fragment}` : view);
  try {
    await navigator.clipboard.writeText(location.href);
    say("Link copied");
  } catch {
    window.prompt("The link to this view", location.href); // the browser refused the clipboard
  }
};
