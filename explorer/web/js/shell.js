// What the whole page does, outside of any tab: links to views, and names of plots. Events of Gradio's components call its exports.

import { notePressed } from "./buttons.js";
import { saveCsv } from "./files.js";
import { namePlots } from "./gradio.js";
import { find } from "./nodes.js";
import { saveCharts, savePlots } from "./picture.js";
import { set } from "./store.js";
import { copyLink, follow, noteView, startViews } from "./views.js";
import { visit } from "./visit.js";

export { copyLink, saveCsv, savePlots };

/**
 * Notes a view whose settings are the values of Gradio's components.
 * @param {string} tab slug
 * @param {string[]} names
 * @param {unknown[]} values
 */
export const noteValues = (tab, names, ...values) =>
  noteView(tab, Object.fromEntries(names.map((name, index) => [name, values[index]])));

/**
 * The inputs of an event, with the secret of this visit in the place of the last.
 * @param {unknown[]} values
 */
export const withVisit = (...values) => [...values.slice(0, -1), visit];

/**
 * Saves charts of a page as one picture.
 * @param {string} name of the page and the file
 * @param {import("./picture.js").Format} format
 * @param {string[]} selectors
 */
export const saveParts = (name, format, selectors) => {
  const page = find(document, `#${name}`);
  return saveCharts(
    name,
    format,
    selectors.map((selector) => find(page, selector)),
  );
};

export const trainingFailed = () => set("trainingFailed", {});

document.addEventListener(
  "click",
  (event) => {
    notePressed(event);
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest('a[href^="?"]'); // a view of the explorer: here, not in a new tab
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link.getAttribute("href") ?? "");
  },
  true,
);

startViews();
new MutationObserver(namePlots).observe(document.documentElement, {
  childList: true,
  subtree: true,
});
