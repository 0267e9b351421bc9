// Links: the view that this page's address names, and addresses of other views.

import { OWN } from "./store.js";

const DIGIT = "digit"; // of a picture
const PRIVATE = ["drawing", DIGIT]; // stand in the fragment, which browsers send to no server

/** Parameters of the address, with those that its fragment holds. */
const parameters = () => {
  const query = new URLSearchParams(location.search);
  query.delete(DIGIT);
  for (const [key, value] of new URLSearchParams(location.hash.slice(1)))
    if (PRIVATE.includes(key)) query.set(key, value);
  return query;
};

/** Slug of the tab that the address names; without one it names Draw. */
export const linkedTab = () => new URLSearchParams(location.search).get("tab") ?? "draw";

/**
 * Parameters of the address where it names one of these tabs, else none.
 * @param {string[]} tabs slugs
 */
export const linked = (...tabs) => {
  return tabs.includes(linkedTab()) ? parameters() : new URLSearchParams();
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
 * Chooses the option that a link names, where there is one, else another; but a network of this visit, which no link names, stays.
 * @param {HTMLSelectElement} select
 * @param {string | null} value
 * @param {string} [other] the first by default
 */
export const chooseLinked = (select, value, other = select.options[0]?.value) => {
  if ([...select.options].some((option) => option.value === value)) select.value = value ?? "";
  else if (other !== undefined && !select.value.startsWith(OWN)) select.value = other;
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
 * A query without what stands in the fragment, and the fragment, with its "#" where it holds anything.
 * @param {URLSearchParams} all
 */
export const inFragment = (all) => {
  const query = new URLSearchParams(all);
  const parts = PRIVATE.flatMap((key) => {
    const value = query.get(key);
    query.delete(key);
    return value ? [`${key}=${value}`] : []; // of letters that an address takes as they are
  });
  return { query, fragment: parts.length ? `#${parts.join("&")}` : "" };
};

/** Rewrites the address of an old link, which holds its drawing in the query. */
export const rewriteOldLink = () => {
  if (!PRIVATE.some((key) => new URLSearchParams(location.search).has(key))) return;
  const { query, fragment } = inFragment(parameters());
  history.replaceState(history.state, "", `?${query}${fragment}`);
};
