// Parts of Gradio's page that it does not document as stable, each used here and nowhere else.

/** @typedef {HTMLElement & { data: unknown, layout: Record<string, any> }} Plot what Plotly makes of an element */

/** @param {string} slug */
const tabOf = (slug) => document.querySelector(`[role=tab][data-tab-id="${CSS.escape(slug)}"]`);

/** @param {string} slug */
export const isTab = (slug) => tabOf(slug) !== null;

/**
 * Opens a tab, as a click on it does: Gradio offers no other way.
 * @param {string} slug
 */
export const openTab = (slug) => {
  const tab = tabOf(slug);
  if (tab instanceof HTMLElement && slug !== shownTab()) tab.click();
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
export const titleOf = (slug) => tabOf(slug)?.textContent?.trim() ?? "";

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
  };
  const options = { childList: true, subtree: true };
  const attributes = { attributes: true, attributeFilter: ["aria-selected"] };
  new MutationObserver(look).observe(document.documentElement, { ...options, ...attributes });
};

/**
 * The plots of a component.
 * @param {string} id
 * @returns {Plot[]}
 */
export const plotsOf = (id) => [...document.querySelectorAll(`#${id} .js-plotly-plot`)].map(asPlot);

/**
 * A plot as it stands, in the page's colours, as the text of an SVG file. Gradio loads Plotly as a global.
 * @param {Plot} plot
 * @param {{ width: number, height: number }} size
 * @returns {Promise<string>}
 */
export const plotToSvg = ({ data, layout }, size) => {
  const { Plotly } = /** @type {any} */ (globalThis);
  const { color } = getComputedStyle(document.body);
  const options = { format: "svg", imageDataOnly: true, ...size };
  return Plotly.toImage({ data, layout: { ...layout, font: { ...layout.font, color } } }, options);
};

/** Names plots that a screen reader would else read as a run of ticks. */
export const namePlots = () => {
  for (const node of document.querySelectorAll(".js-plotly-plot:not([role])")) {
    const { title, xaxis, yaxis } = asPlot(node).layout;
    const texts = [title, yaxis?.title, xaxis?.title].map((part) => part?.text);
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", texts.filter(Boolean).join(", "));
  }
};

/** @param {Element} node */
const asPlot = (node) => /** @type {Plot} */ (node);
