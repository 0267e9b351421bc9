// Parts of Gradio's page that it does not document as stable, each used here and nowhere else.

/** @param {string} slug */
const tabOf = (slug) => document.querySelector(`[role=tab][data-tab-id="${CSS.escape(slug)}"]`);

/** @param {string} slug */
export const isTab = (slug) => tabOf(slug) !== null;

let wished = ""; // the tab that was to be opened before there were tabs

/**
 * Opens a tab, as a click on it does: Gradio offers no other way. Before there are tabs, it is opened when they come.
 * @param {string} slug
 */
export const openTab = (slug) => {
  const tab = tabOf(slug);
  if (!shownTab()) wished = slug;
  else if (tab instanceof HTMLElement && slug !== shownTab()) tab.click();
};

/** Slug of the open tab; empty before there are tabs. */
export const shownTab = () => {
  const tab = document.querySelector("[role=tab][aria-selected=true]");
  return tab instanceof HTMLElement ? (tab.dataset.tabId ?? "") : "";
};

/**
 * Title of a tab.
 * @param {string} slug
 */
export const titleOf = (slug) => servedTabs().find((tab) => tab.slug === slug)?.label ?? "";

/**
 * Calls `changed` when the tabs are there, and whenever another is opened.
 * @param {() => void} changed
 */
export const watchTabs = (changed) => {
  let last = "";
  const look = () => {
    const slug = shownTab();
    if (!slug || slug === last) return;
    last = slug;
    changed();
    if (wished) openTab(wished);
    wished = "";
  };
  const options = { childList: true, subtree: true };
  const attributes = { attributes: true, attributeFilter: ["aria-selected"] };
  new MutationObserver(look).observe(document.documentElement, { ...options, ...attributes });
};

/** Moves the focus to what the open tab shows, for who does not want to go through the tabs. */
export const focusShown = () => {
  const panels = document.querySelectorAll("[role=tabpanel]");
  const panel = [...panels].find((node) => node instanceof HTMLElement && node.offsetParent);
  if (!(panel instanceof HTMLElement)) return;
  panel.tabIndex = -1;
  panel.focus();
};

/** Steps of a key from one tab to another. @type {Record<string, (at: number, count: number) => number>} */
const STEPS = {
  ArrowLeft: (at, count) => (at + count - 1) % count,
  ArrowRight: (at, count) => (at + 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * Opens another tab where an arrow, Home or End is pressed on one: Gradio's tabs know only Tab and Enter.
 * @param {KeyboardEvent} event
 */
export const moveByKey = (event) => {
  const { target, key } = event;
  const step = STEPS[key];
  if (!step || !(target instanceof HTMLElement) || target.getAttribute("role") !== "tab") return;
  const all = target.closest("[role=tablist]")?.querySelectorAll("[role=tab]") ?? [];
  const tabs = [...all].filter((tab) => tab instanceof HTMLElement && tab.offsetParent);
  const next = tabs[step(tabs.indexOf(target), tabs.length)];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.click();
  next.focus();
};

/**
 * Settings that Gradio's page was served with.
 * @returns {{ components: { type: string, props: Record<string, any> }[], css: string }}
 */
const config = () => /** @type {any} */ (globalThis).gradio_config ?? { components: [], css: "" };

export const servedStyles = () => config().css;

/** The tabs in their order. */
export const servedTabs = () =>
  config()
    .components.filter(({ type }) => type === "tabitem")
    .map(({ props }) => ({ slug: String(props.id), label: String(props.label) }));

/** Slug of the tab that Gradio opens by itself. */
export const servedTab = () =>
  config().components.find(({ type }) => type === "tabs")?.props.selected ?? servedTabs()[0]?.slug;

/**
 * The properties of a component, where there is one with that id.
 * @param {string} id
 */
export const servedPart = (id) =>
  config().components.find(({ props }) => props.elem_id === id)?.props;

/** Chooses light or dark as Gradio does when it comes. */
export const chooseTheme = () => {
  const asked = new URLSearchParams(location.search).get("__theme");
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", asked === "dark" || (isDark && asked !== "light"));
};

/**
 * Whether nothing of Gradio's page can be pressed or gets the focus.
 * @param {boolean} isHidden
 */
export const hideGradio = (isHidden) => {
  const app = document.querySelector("gradio-app");
  if (app instanceof HTMLElement) app.inert = isHidden;
};
