// Parts of a page that unfold; each asks the server only while it is open.

import { find } from "./nodes.js";

/**
 * Shows in a folded part what the server answers, or its error, when it is opened; an answer to an older question is dropped.
 * @template {object} A
 * @param {HTMLDetailsElement} box
 * @param {() => Promise<import("./server.js").Answer<A>>} ask
 * @param {(answer: A) => void} paint
 * @returns {() => Promise<void>} asks again, where the part is open
 */
export const showOpened = (box, ask, paint) => {
  let asked = 0;
  const show = async () => {
    if (!box.open) return;
    const mine = ++asked;
    const answer = await ask();
    if (mine !== asked) return;
    find(box, ".error").textContent = answer.error ?? "";
    if (!answer.error) paint(/** @type {A} */ (answer));
  };
  box.addEventListener("toggle", show);
  return show;
};
