// Views of the tabs in the address bar: opening a tab adds to the history, a changed setting replaces, Back and Forward restore.

import { inFragment, linkedTab, queryOf } from "./address.js";
import { say } from "./buttons.js";
import { isTab, openTab, servedTab, shownTab, watchTabs } from "./gradio.js";
import { showStep } from "./tour.js";

/** @typedef {{ query: URLSearchParams, keys: string[], fragment: string }} View `keys` of all its settings; `query` has those that are set */

const HUB = "https://huggingface.co"; // the page around the frame of a Space
const TOKEN = "__sign"; // of a private Space: whoever has it may see the Space
const PART = "part"; // of any view: where a link scrolls to

/** @type {Map<string, View>} */
const views = new Map();
/** @type {Map<string, Set<() => void>>} */
const restorers = new Map();
/** @type {Map<string, Set<() => void>>} */
const leavers = new Map();
const isFramed = window.parent !== window;

/**
 * An address of this page: a view's query, and what is in the bar and belongs to no view, such as the theme.
 * @param {URLSearchParams} query
 * @param {string} fragment
 */
const addressOf = (query, fragment) => {
  const others = new URLSearchParams(location.search);
  const keys = views.get(linkedTab())?.keys ?? [];
  for (const key of ["tab", ...keys, ...query.keys()]) others.delete(key);
  if (query.get("tab") !== linkedTab()) others.delete(PART);
  if (!isFramed) others.delete(TOKEN);
  return `${location.pathname}?${new URLSearchParams([...query, ...others])}${fragment}`;
};

const withoutToken = () => {
  const url = new URL(location.href);
  url.searchParams.delete(TOKEN);
  return url;
};

/**
 * @param {"pushState" | "replaceState"} write
 * @param {string} address
 */
const put = (write, address) => {
  if (address === location.pathname + location.search + location.hash) return;
  history[write](history.state, "", address);
  showStep();
  const { search, hash } = withoutToken();
  if (isFramed) window.parent.postMessage({ queryString: search.slice(1), hash }, HUB);
};

/**
 * Notes what a tab shows, and puts it into the address bar while the tab is open.
 * @param {string} tab slug
 * @param {Record<string, unknown>} settings what is empty is left out
 * @param {object} [more]
 * @param {string} [more.fragment] what no server is to see, beside the drawing; with its "#"
 * @param {boolean} [more.isNew] for Back to lead to the view before
 */
export const noteView = (tab, settings, { fragment, isNew = false } = {}) => {
  const { query, fragment: drawing } = inFragment(queryOf(tab, settings));
  const keys = new Set([...(views.get(tab)?.keys ?? []), ...Object.keys(settings)]);
  const view = { query, keys: [...keys], fragment: fragment ?? drawing };
  views.set(tab, view);
  hasNoted = hasNoted || !shownTab();
  if (!isRestoring) write(tab, isNew ? "pushState" : "replaceState");
};

/**
 * Puts the noted view of a tab into the address bar, where the tab is open.
 * @param {string} tab slug
 * @param {"pushState" | "replaceState"} how
 */
const write = (tab, how) => {
  const view = views.get(tab);
  if (!view || tab !== shownTab() || tab !== linkedTab()) return;
  // What no server is to see enters the bar where its link is copied, and stays as long as it is what is shown.
  const kept = location.hash === view.fragment ? view.fragment : "";
  put(how, addressOf(view.query, kept));
};

/**
 * Keeps what is to be done for a tab until its page ends.
 * @param {Map<string, Set<() => void>>} all
 */
const keeper =
  (all) =>
  /**
   * @param {string} tab slug
   * @param {() => void} act
   * @param {AbortSignal} signal of the page
   */
  (tab, act, signal) => {
    const acts = all.get(tab) ?? new Set();
    all.set(tab, acts.add(act));
    signal.addEventListener("abort", () => acts.delete(act));
  };

/** Calls `act` when Back, Forward or a link leads to a view of that tab, which the address then names. */
export const restoring = keeper(restorers);

/** Calls `act` when another tab than that one is opened. */
export const leaving = keeper(leavers);

/**
 * Says which parameters belong to views of a tab before it has noted one.
 * @param {string} tab slug
 * @param {string[]} keys
 */
export const claim = (tab, keys) => {
  if (!views.has(tab)) views.set(tab, { query: queryOf(tab, {}), keys, fragment: "" });
};

/** Takes a parameter that belongs to no view out of the address. @param {string} key */
export const forget = (key) => {
  const { pathname, searchParams, hash } = new URL(location.href);
  searchParams.delete(key);
  put("pushState", `${pathname}?${searchParams}${hash}`);
};

let hasNoted = false; // a view, before there were tabs
let isRestoring = false; // pages read the address then, and do not write it
const restore = () => {
  isRestoring = true;
  showStep();
  openTab(linkedTab());
  for (const act of restorers.get(linkedTab()) ?? []) act();
  isRestoring = false;
};

/**
 * Opens a view of the explorer without loading the page anew.
 * @param {string} link a query, perhaps with a fragment
 */
export const follow = (link) => {
  const { searchParams, hash } = new URL(link, location.href);
  const address = addressOf(searchParams, hash);
  const isOpen = searchParams.get("tab") === shownTab() && [...searchParams].length === 1;
  if (!isOpen) put("pushState", address);
  if (!searchParams.has(PART)) scrollTo(0, 0);
  if (!isOpen) restore();
};

/** Copies the link to the view that is open, and says so on the button that was pressed. */
export const copyLink = async () => {
  const fragment = views.get(shownTab())?.fragment;
  if (fragment) put("replaceState", `${location.pathname}${location.search}${fragment}`);
  const { href } = withoutToken();
  try {
    await navigator.clipboard.writeText(href);
    say("Link copied");
  } catch {
    window.prompt("The link to this view", href); // the browser refused the clipboard
  }
};

/**
 * Copies the link to a part of the view that is open.
 * @param {string} part
 */
export const copyLinkTo = (part) => {
  const query = new URLSearchParams(location.search);
  query.set(PART, part);
  put("replaceState", `${location.pathname}?${query}${location.hash}`);
  return copyLink();
};

/** Follows the history and the tabs from now on, and opens the tab that the address names. */
export const startViews = () => {
  window.addEventListener("popstate", restore);
  let isOpened = false;
  watchTabs(() => {
    for (const [tab, acts] of leavers) if (tab !== shownTab()) for (const act of acts) act();
    const isFirst = !isOpened;
    isOpened = true;
    if (!isTab(linkedTab())) put("replaceState", addressOf(queryOf(shownTab(), {}), ""));
    else if (isFirst && linkedTab() !== servedTab()) openTab(linkedTab());
    else if (shownTab() !== linkedTab()) {
      const { query } = views.get(shownTab()) ?? { query: queryOf(shownTab(), {}) };
      put("pushState", addressOf(query, ""));
    }
    if (isFirst && hasNoted) write(shownTab(), "replaceState"); // a page that came before the tabs
  });
};
