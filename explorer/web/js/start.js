// Starts a page of Gradio's `gr.HTML`: loads its module and mounts it; says on the page where that fails.

import { make } from "./nodes.js";

/**
 * What Gradio gives a page beside its element, props and server: `trigger` sends an event, `watch` tells of changed props.
 * @typedef {object} Events
 * @property {(name: string, data: unknown) => void} trigger
 * @property {(prop: string, act: () => void) => void} watch
 */
/**
 * @typedef {object} Page
 * @property {Events} events
 * @property {AbortSignal} signal aborted when the page leaves the document: listeners, observers and timers end with it
 */

class PageEnd extends HTMLElement {
  controller = new AbortController();

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.controller.abort()); // the element may only have been moved
  }
}
customElements.define("page-end", PageEnd);

/**
 * @param {string} name of the page's module
 * @param {HTMLElement} element
 * @param {Record<string, any>} props
 * @param {Record<string, any>} server
 * @param {Events} events
 */
export const start = async (name, element, props, server, events) => {
  const end = new PageEnd();
  element.append(end);
  try {
    const { mount } = await import(`./${name}.js`);
    mount(element, props, server, { events, signal: end.controller.signal });
    element.inert = false;
  } catch (error) {
    console.error(error);
    const text =
      error instanceof TypeError && /import|module/i.test(error.message)
        ? "The explorer does not answer: this tab could not be loaded. Reload the page later."
        : "This tab could not start. Reload the page; the other tabs go on.";
    const note = make("p", "error", text);
    note.setAttribute("role", "alert");
    element.prepend(note);
    element.inert = false;
  }
};
