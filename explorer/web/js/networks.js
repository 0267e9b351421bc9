// Choices of networks: trials, and this visit's own after them.

import { fill, findAll, make } from "./nodes.js";
import { get, set, watch } from "./store.js";

/** @typedef {{ name: string, words: string, accuracy: string, family: string }} NetworkChoice */
/** @typedef {{ config: string, words: string, family: string, seeds: [number, number][] }} FurtherSeeds `seeds`: ranges, both ends included */
/** @typedef {NetworkChoice | FurtherSeeds} Choice */

const FURTHER = "further:"; // before the configuration in the value of an option that stands for its further seeds

/**
 * @param {Choice} choice
 * @returns {[string, string, string]}
 */
const optionOf = (choice) => {
  if (!("seeds" in choice))
    return [choice.name, `${choice.words} (${choice.accuracy})`, choice.family];
  const count = choice.seeds.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const words = `${choice.words}: ${count} further seed${count === 1 ? "" : "s"}`;
  return [FURTHER + choice.config, words, choice.family];
};

/**
 * Options of a menu, of which some stand for the further seeds of a configuration.
 * @param {Choice[]} networks
 * @returns {[string, string, string][]}
 */
export const networkOptions = (networks) => networks.map(optionOf);

/**
 * Names and descriptions of further seeds.
 * @param {FurtherSeeds} further
 * @returns {[string, string][]}
 */
export const namesOf = ({ config, words, seeds }) =>
  seeds.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => {
      const seed = first + index;
      return /** @type {[string, string]} */ ([`${config}_seed=${seed}`, `${words}, seed ${seed}`]);
    }),
  );

/**
 * The entry of further seeds that has a network.
 * @param {Choice[]} networks
 * @param {string} name
 */
export const furtherWith = (networks, name) => {
  const [config, seed] = name.split("_seed=");
  return networks.find(
    /** @returns {choice is FurtherSeeds} */
    (choice) =>
      "seeds" in choice &&
      choice.config === config &&
      /^\d+$/.test(seed ?? "") &&
      choice.seeds.some(([first, last]) => first <= Number(seed) && Number(seed) <= last),
  );
};

/**
 * Puts the options of further seeds in the place of the one that stands for them.
 * @param {HTMLSelectElement} select
 * @param {FurtherSeeds} further
 */
const unfold = (select, further) => {
  const folded = [...select.options].find(({ value }) => value === FURTHER + further.config);
  const options = namesOf(further).map(([name, words]) => {
    const option = make("option", "", words);
    option.value = name;
    return option;
  });
  folded?.replaceWith(...options);
};

/**
 * Fills a menu with networks. Who chooses further seeds gets the first of them, and all in the menu.
 * @param {HTMLSelectElement} select
 * @param {Choice[]} networks
 */
export const fillNetworks = (select, networks) => {
  fill(select, networkOptions(networks));
  select.addEventListener("change", () => {
    const { value } = select;
    const further = networks.find(
      /** @returns {choice is FurtherSeeds} */
      (choice) => "seeds" in choice && FURTHER + choice.config === value,
    );
    if (!further) return;
    unfold(select, further);
    [[select.value]] = namesOf(further);
  });
};

/**
 * Puts a network into a menu that has it among the further seeds of a configuration.
 * @param {HTMLSelectElement} select
 * @param {Choice[]} networks
 * @param {string | null} name
 */
export const reveal = (select, networks, name) => {
  const further = name ? furtherWith(networks, name) : undefined;
  if (further) unfold(select, further);
};

/**
 * Keeps this visit's networks last in the choices of a tab, and shows the one that another tab asks for.
 * @param {string} tab slug
 * @param {HTMLSelectElement[]} selects the first of them shows what is asked for
 * @param {Choice[]} networks of the menus
 * @param {{ changed: () => void, looked?: () => void }} acts `changed` where a chosen network is gone
 * @param {AbortSignal} signal
 */
export const offerOwn = (tab, selects, networks, { changed, looked = changed }, signal) => {
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
    reveal(selects[0], networks, wanted.name);
    selects[0].value = wanted.name;
    set("look", null);
    looked();
  };
  watch("own", offer, signal);
  watch("look", look, signal);
  offer();
  look();
};
