// Starts a page of Gradio's `gr.HTML`: loads its module and mounts it; says on the page where that fails.

import { takeOver } from "./early.js";
import { make } from "./nodes.js";
import { endOf } from "./page_end.js";
import { back, beat } from "./presence.js";

/**
 * Tools that Gradio gives a page beside its element, props and server: `trigger` sends an event, `watch` tells of changed props.
 * @typedef {object} Events
 * @property {(name: string, data: unknown) => void} trigger
 * @property {(prop: string, act: () => void) => void} watch
 */
/**
 * @typedef {object} Page
 * @property {Events} events
 * @property {AbortSignal} signal aborted when the page leaves the document: listeners, observers and timers end with it
 */

/**
 * The module of a page. While the server is away this waits, and the page says so.
 * @param {string} name
 * @param {HTMLElement} element
 */
const load = async (name, element) => {
  const note = make("p", "waits", "The explorer does not answer: this tab waits for it.");
  note.setAttribute("role", "status");
  for (let tries = 0; ; tries++) {
    try {
      // Browsers may remember that a module did not come.
      return await import(`./${name}.js${tries ? `?${tries}` : ""}`);
    } catch (error) {
      if (await beat()) throw error;
      element.prepend(note);
      await back();
      note.remove();
    }
  }
};

/**
 * @param {string} name of the page's module
 * @param {HTMLElement} element
 * @param {Record<string, any>} props
 * @param {Record<string, any>} server
 * @param {Events} events
 */
export const start = async (name, element, props, server, events) => {
  try {
    if (!(await takeOver(name, element, server))) {
      const signal = endOf(element);
      const { mount } = await load(name, element);
      mount(element, props, server, { events, signal });
    }
  } catch (error) {
    console.error(error);
    const text =
      error instanceof TypeError && /import|module/i.test(error.message)
        ? "The explorer does not answer: this tab could not be loaded. Reload the page later."
        : "This tab could not start. Reload the page; the other tabs go on.";
    const note = make("p", "error", text);
    note.setAttribute("role", "alert");
    element.prepend(note);
  }
  element.inert = false;
  element.dataset.ready = ""; // shown from now on, see page.css
};
