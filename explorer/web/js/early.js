// Draw before Gradio: on a slow line Gradio's page takes seconds longer than the pad and its first votes need.

import { linkedTab } from "./address.js";
import { chooseTheme, hideGradio, isTab, servedPart, servedStyles, servedTabs } from "./gradio.js";
import { make } from "./nodes.js";
import { mount } from "./pad.js";
import { endOf } from "./page_end.js";

/** @typedef {Parameters<typeof mount>[2]} Server */
/** @typedef {{ shell: HTMLElement, pad: HTMLElement, isPressed: boolean, serve: (server: Server) => void }} Early */

const WIDTHS = [640, 768, 1024, 1280, 1536, 1920]; // of Gradio's page, in a window at least as wide

/** @type {Early | null} until the pad is in Gradio's page */
let early = null;

/**
 * A style element of the page's head.
 * @param {string} text
 */
const addStyle = (text) => {
  const style = make("style", "", text);
  document.head.append(style);
  return style;
};

/** Links that look like the tabs; the one that was pressed is opened as soon as there are tabs. */
const makeTabs = () => {
  const row = make("nav", "early-tabs");
  row.setAttribute("aria-label", "Tabs");
  const links = servedTabs().map(({ slug, label }) => {
    const link = make("a", "", label);
    link.href = `?tab=${slug}`;
    link.addEventListener("click", () => mark(link)); // shell.js follows it
    return link;
  });
  /** @param {HTMLElement} chosen */
  const mark = (chosen) => {
    for (const link of links) link.ariaCurrent = String(link === chosen);
  };
  mark(links[0]);
  row.append(...links);
  return row;
};

/** Shows the opening and the pad where the address names Draw and Gradio's page is not there yet. */
export const startEarly = () => {
  const [title, tour, opening, parts] = ["title", "tour", "opening", "pad"].map(servedPart);
  if (!title || !tour || !opening || !parts || linkedTab() !== "draw" || isTab("draw")) return;
  const pad = make("div");
  pad.id = "early-pad"; // an id, as in Gradio's rules for what an element holds: none of its others comes before these
  pad.innerHTML = parts.html_template;
  const head = make("div", "prose");
  head.innerHTML = title.value;
  const steps = make("div", "prose tour");
  steps.innerHTML = tour.value;
  const top = make("div", "prose opening");
  top.innerHTML = opening.value;
  const prose = make("div", "prose page");
  prose.dataset.ready = "";
  prose.append(pad);
  const shell = make("div", "early gradio-container");
  shell.style.maxWidth = `${WIDTHS.findLast((width) => width <= innerWidth) ?? innerWidth}px`;
  shell.append(head, steps, top, make("div", "early-finding"), makeTabs(), prose);
  chooseTheme();
  addStyle(`#early-pad { ${parts.css_template} }`); // stays, as the pad does
  parts.html_template = parts.css_template = ""; // Gradio's element waits for the pad: there is never a second one
  shell.append(addStyle(servedStyles())); // Gradio's page has it under another name
  document.body.prepend(shell);
  hideGradio(true);
  const server = new Promise((/** @type {(server: Server) => void} */ serve) => {
    early = { shell, pad, isPressed: false, serve };
  });
  for (const [name, isPressed] of /** @type {const} */ ([
    ["pointerdown", true],
    ["pointerup", false],
    ["pointercancel", false],
  ]))
    document.addEventListener(name, () => early && (early.isPressed = isPressed), true);
  const ask = async (/** @type {any} */ question) => (await server).ask(question);
  mount(pad, parts.props, { ask }, { events: { trigger() {}, watch() {} }, signal: endOf(pad) });
};

const frame = () => new Promise(requestAnimationFrame);

/**
 * Moves the early pad, with all that was drawn and voted, into Gradio's element, once that can be seen and the pen is up.
 * Returns whether there is one.
 * @param {string} name of the page
 * @param {HTMLElement} element
 * @param {any} server
 */
export const takeOver = async (name, element, server) => {
  if (name !== "pad" || !early) return false;
  early.serve(server);
  const isAwaited = () =>
    document.querySelector("link[media=print]") ||
    getComputedStyle(element).visibility === "hidden";
  while (early?.isPressed || isAwaited()) await frame();
  if (!early) return false;
  const { shell, pad } = early;
  early = null;
  const focused = pad.contains(document.activeElement) ? document.activeElement : null;
  element.style.display = "contents"; // the early pad has the styles itself
  [element.inert, element.dataset.ready] = [false, ""]; // shown at once, else the focus would be lost
  hideGradio(false);
  const target = /** @type {any} */ (element);
  if (target.moveBefore) target.moveBefore(pad, null);
  else target.append(pad);
  shell.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return true;
};
