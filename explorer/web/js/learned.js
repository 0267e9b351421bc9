// Networks that were kept while they learned: a slider over the epochs of a network that reads the drawing.

import { findAll, make } from "./nodes.js";

/** @typedef {{ words: string, steps: [number, string][] }} Learned `steps`: epochs with the names of their networks, the last included */

/**
 * The trial and the step of a network.
 * @param {Learned[]} learned
 * @param {string} name
 */
export const stepOf = (learned, name) => {
  for (const trial of learned) {
    const at = trial.steps.findIndex(([, one]) => one === name);
    if (at >= 0) return { trial, at };
  }
  return null;
};

/**
 * @param {HTMLElement} list has the sliders
 * @param {Learned[]} learned
 */
export const makeLearned = (list, learned) => ({
  /** Options of a menu: every trial as it was after its first epoch. @type {[string, string, string][]} */
  options: learned.map(({ words, steps }) => [steps[0][1], words, "as they learned"]),
  /** @param {string} name */
  has: (name) => stepOf(learned, name) !== null,
  /**
   * Slider of a network; null for one whose epochs were not kept.
   * @param {string} name
   * @param {(name: string) => void} choose
   */
  slider: (name, choose) => {
    const found = stepOf(learned, name);
    if (!found) return null;
    const { steps, words } = found.trial;
    const slider = make("input");
    slider.type = "range";
    slider.max = String(steps.length - 1);
    slider.value = String(found.at);
    slider.dataset.learned = words;
    slider.setAttribute("aria-label", `Training of ${words}`);
    slider.setAttribute("aria-valuetext", `epoch ${steps[found.at][0]}`);
    slider.addEventListener("change", () => choose(steps[Number(slider.value)][1]));
    return slider;
  },
  /** Paints the sliders anew; the one that has the focus has it afterwards, too. @param {() => void} paint */
  keepFocus: (paint) => {
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement ? activeElement.dataset.learned : null;
    paint();
    if (!focused) return;
    const sliders = findAll(list, "input", HTMLInputElement);
    sliders.find(({ dataset }) => dataset.learned === focused)?.focus();
  },
});
