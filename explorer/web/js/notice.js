// A line at the foot of the page on the server: away, restarted, updated.

import { make, makeButton } from "./nodes.js";

const BRIEF = 6000; // ms

/** @type {HTMLElement | null} */
let line = null;
let timer = 0;

/**
 * Shows a line in the place of the one before; an empty one hides it.
 * @param {string} words
 * @param {{ isBrief?: boolean, button?: [string, () => void] }} [options] with a button, or gone soon
 */
export const notice = (words, { isBrief = false, button } = {}) => {
  if (line && !line.hidden && line.firstChild?.textContent === words) return; // said already
  clearTimeout(timer);
  if (!line) {
    line = make("div", "notice");
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  line.replaceChildren(make("span", "", words));
  if (button) line.append(makeButton(...button));
  line.hidden = !words;
  if (isBrief) timer = window.setTimeout(() => notice(""), BRIEF);
};
