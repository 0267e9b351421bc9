// The end of a page: an element that tells when the page leaves the document.

class PageEnd extends HTMLElement {
  controller = new AbortController();

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.controller.abort()); // the element may only have been moved
  }
}
globalThis.customElements?.define("page-end", PageEnd);

/**
 * The signal of a page, which is aborted when `element` leaves the document.
 * @param {HTMLElement} element
 */
export const endOf = (element) => {
  const end = new PageEnd();
  element.append(end);
  return end.controller.signal;
};
