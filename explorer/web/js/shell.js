// What the whole page does, outside of any tab: links to views, and files of what is shown. Events of Gradio's components call its exports.

import { notePressed } from "./buttons.js";
import { startWords } from "./data_set.js";
import { startDrawers } from "./drawers.js";
import { startEarly } from "./early.js";
import { saveCsv } from "./files.js";
import { startGlossary } from "./glossary.js";
import { focusShown, moveByKey } from "./gradio.js";
import { find, makeButton } from "./nodes.js";
import { handBackAll, startOwn } from "./own_copies.js";
import { saveCharts } from "./picture.js";
import { startPresence } from "./presence.js";
import { set } from "./store.js";
import { startTour } from "./tour.js";
import { copyLink, follow, forget, noteView, startViews } from "./views.js";
import { visit } from "./visit.js";

export { copyLink, saveCsv };

/**
 * Notes a view whose settings are the values of Gradio's components.
 * @param {string} tab slug
 * @param {string[]} names
 * @param {unknown[]} values
 */
export const noteValues = (tab, names, ...values) =>
  noteView(tab, Object.fromEntries(names.map((name, index) => [name, values[index]])));

/**
 * The inputs of an event, with the secret of this visit in the place of the last. The server has all networks of the visit then.
 * @param {unknown[]} values
 */
export const withVisit = async (...values) => {
  await handBackAll();
  return [...values.slice(0, -1), visit];
};

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
    if (target?.closest(".lead a")) {
      event.preventDefault(); // what stands after # in the address is a drawing
      find(document, ".opening").scrollIntoView();
      return;
    }
    const link = target?.closest('a[href^="?"]'); // a view of the explorer: here, not in a new tab
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link.getAttribute("href") ?? "");
  },
  true,
);

const skip = makeButton("Skip to the content", focusShown);
skip.className = "skip";
skip.style.position = "fixed"; // before its styles come: it moves nothing
document.body.prepend(skip);
document.addEventListener("keydown", moveByKey);
startWords();
startPresence();
startOwn();
startViews();
startTour(forget);
startGlossary();
startDrawers();
startEarly();
