// Test images for the pad: one of each digit, the gallery of digits that divide the networks, and what another tab sends.

import { nameOf } from "./data_set.js";
import { toBytes } from "./files.js";
import { openTab, titleOf } from "./gradio.js";
import { find, makeButton } from "./nodes.js";
import { set } from "./store.js";

/** @typedef {import("./paper.js").Sample} Sample */
/** @typedef {{ divided: number } | { digit: number, turn: number } | { image: number }} Wanted a test image: by its turn in the gallery, by kind, or by number */
/** @typedef {Wanted & { view: "sample" }} Question */
/** @typedef {{ index: number, pixels: string, contrast: number | null, words: string }} Known */

/**
 * @param {HTMLElement} element
 * @param {object} page
 * @param {string} page.greeting address of the first digit of the gallery
 * @param {(question: Question) => Promise<import("./server.js").Answer<Known>>} page.ask
 * @param {(sample: Sample) => void} page.show puts a test image on the paper
 * @param {(error?: string) => void} page.refuse
 * @param {() => Sample | null} page.shown
 */
export const mountSamples = (element, { greeting, ask, show, refuse, shown }) => {
  /**
   * @param {Wanted} wanted
   * @returns {Promise<import("./server.js").Answer<Known>>}
   */
  const askFor = async (wanted) => {
    if ("divided" in wanted && wanted.divided === 0) {
      const file = await fetch(greeting).catch(() => null);
      if (file?.ok) return file.json();
    }
    return ask({ ...wanted, view: "sample" });
  };
  let lastWanted = 0;
  /**
   * Puts a test image on the paper, unless another has been wanted since.
   * @param {Wanted} wanted
   * @param {string} [from] slug of the tab that it comes from
   * @returns {Promise<boolean>} whether it is there
   */
  const showSample = async (wanted, from = "") => {
    const mine = ++lastWanted;
    const { error, pixels, ...known } = await askFor(wanted);
    if (mine !== lastWanted) return false;
    if (!pixels) {
      refuse(error);
      return false;
    }
    const { index, words, contrast } = /** @type {Known} */ (known);
    show({ index, words, contrast, from, pixels: toBytes(pixels) });
    return true;
  };

  const turns = Array(10).fill(0);
  /** @param {number} digit */
  const showDigit = (digit) => showSample({ digit, turn: turns[digit]++ });
  for (let digit = 0; digit < 10; digit++)
    find(element, ".samples").append(
      makeButton(nameOf(digit), () => showDigit(digit), `Show a test digit ${nameOf(digit)}`),
    );
  let turn = 0; // of the gallery
  const showDivided = () => showSample({ divided: turn++ });
  find(element, ".divided").addEventListener("click", showDivided);
  const origin = find(element, ".origin", HTMLButtonElement);
  origin.addEventListener("click", () => {
    const sample = shown();
    if (sample?.index == null) return;
    set("lookImage", { index: sample.index });
    openTab("mistakes");
  });
  return {
    showSample,
    showDigit,
    showDivided,
    /** Keeps a test image that is under way off the paper. */
    cancel: () => lastWanted++,
    /** Says what the digit on the paper is, and where it comes from. */
    describe: () => {
      const sample = shown();
      find(element, ".about").hidden = !sample;
      find(element, ".label").textContent = sample?.words ?? "";
      origin.hidden = sample?.index == null;
      origin.textContent = sample?.from
        ? `Back to ${titleOf(sample.from)}`
        : `See it in ${titleOf("mistakes")}`;
    },
  };
};
