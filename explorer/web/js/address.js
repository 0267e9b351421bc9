// Links: the view that this page's address names, other tabs, and the button that copies a link.

import { say } from "./buttons.js";
import { OWN } from "./store.js";

/**
 * Parameters of the address where it names one of these tabs, else none. Without a tab it names Draw.
 * @param {string[]} tabs slugs
 */
export const linked = (...tabs) => {
  const query = new URLSearchParams(location.search);
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
 * Copies a link to a view and says so on the button that was pressed.
 * @param {string} tab slug
 * @param {Record<string, unknown>} settings
 * @param {string} [fragment] what no server is to see
 */
export const copyLink = async (tab, settings, fragment) => {
  const view = `${location.origin}${location.pathname}?${queryOf(tab, settings)}`;
  const link = fragment ? `${view}#${fragment}` : view;
  try {
    await navigator.clipboard.writeText(link);
    say("Link copied");
  } catch {
    window.prompt("The link to this view", link); // the browser refused the clipboard
  }
};
