// Views that are settings of Gradio's components: the server sets them for Back, Forward and links.

import { claim, restoring } from "./views.js";

/**
 * @param {HTMLElement} _element
 * @param {{ tabs: Record<string, string[]> }} props names of the settings, by the slug of their tab
 * @param {unknown} _server
 * @param {import("./start.js").Page} page
 */
export const mount = (_element, { tabs }, _server, { events, signal }) => {
  for (const [tab, names] of Object.entries(tabs)) {
    claim(tab, names);
    restoring(tab, () => events.trigger("restore", location.search.slice(1)), signal);
  }
};
