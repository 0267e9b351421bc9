// Parts of Gradio's page that it does not document as stable, each used here and nowhere else.

/** @typedef {HTMLElement & { data: unknown, layout: Record<string, any> }} Plot what Plotly makes of an element */

/**
 * Opens the tab of that title, as a click on it does: Gradio offers no other way.
 * @param {string} title
 */
export const openTab = (title) => {
  const tabs = document.querySelectorAll("[role=tab]");
  const tab = [...tabs].find((node) => node.textContent?.trim() === title);
  if (tab instanceof HTMLElement) tab.click();
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
