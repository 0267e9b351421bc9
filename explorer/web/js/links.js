// Views that are settings of Gradio's components: the server sets them for Back, Forward and links.

import { restoring } from "./views.js";

/**
 * @param {HTMLElement} _element
 * @param {{ tabs: string[] }} props slugs of the tabs that have such views
 * @param {unknown} _server
 * @param {import("./start.js").Page} page
 */
export const mount = (_element, { tabs }, _server, { events, signal }) => {
  for (const tab of tabs)
    restoring(tab, () => events.trigger("restore", location.search.slice(1)), signal);
};
