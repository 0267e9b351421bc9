// Choices of networks: trials, and this visit's own after them.

import { fill, findAll } from "./nodes.js";
import { get, set, watch } from "./store.js";

/** @typedef {{ name: string, words: string, accuracy: string, family: string }} NetworkChoice */

/**
 * @param {NetworkChoice[]} networks
 * @returns {[string, string, string][]}
 */
export const networkOptions = (networks) =>
  networks.map(({ name, words, accuracy, family }) => [name, `${words} (${accuracy})`, family]);

/**
 * Keeps this visit's networks last in the choices of a tab, and shows the one that another tab asks for.
 * @param {string} tab slug
 * @param {HTMLSelectElement[]} selects the first of them shows what is asked for
 * @param {{ changed: () => void, looked?: () => void }} acts `changed` where a chosen network is gone
 * @param {AbortSignal} signal
 */
export const offerOwn = (tab, selects, { changed, looked = changed }, signal) => {
  const offer = () => {
    let gone = false;
    for (const select of selects) {
      const before = select.value;
      for (const group of findAll(select, "optgroup[label=yours]", HTMLOptGroupElement))
        group.remove();
      fill(select, networkOptions(get("own")));
      select.value = before;
      if (select.selectedIndex >= 0) continue;
      select.selectedIndex = 0;
      gone = true;
    }
    if (gone) changed();
  };
  const look = () => {
    const wanted = get("look");
    if (wanted?.tab !== tab) return;
    selects[0].value = wanted.name;
    set("look", null);
    looked();
  };
  watch("own", offer, signal);
  watch("look", look, signal);
  offer();
  look();
};
