// Maps of networks, block by block from the digit to the ten bars, and the window that enlarges one of them.

import { mountBars } from "./bars.js";
import { find, findAll, make, makeButton, makePicture } from "./nodes.js";

/** @typedef {"before" | "after"} When the norm */
/**
 * @typedef {object} Block
 * @property {string} title
 * @property {number} size of a map: so many values a side
 * @property {string} before sprite of the maps before the norm
 * @property {string} after
 * @property {Record<When, number>} scale the value that is drawn white
 * @property {Record<When, string>[]} maps moments in words, of each channel
 */
/**
 * @typedef {object} Side
 * @property {string} name of the network
 * @property {string} reads its answer
 * @property {string} words
 * @property {number[]} probs
 * @property {Block[]} blocks
 */

const SMALL = 64; // pixels of a map
const LARGE = 224; // of an enlarged one
const NARROW = "(max-width: 640px)"; // a page that shows the first and the last block, and folds those between
/** @type {When[]} */
const TIMES = ["before", "after"];
/** @type {Record<string, (at: number, count: number) => number>} */
const MOVES = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * @param {HTMLElement} element
 * @returns {(sides: Side[], when: When) => void} paints networks side by side
 */
export const mountMaps = (element) => {
  const enlarge = mountWindow(find(element, "dialog.enlarged", HTMLDialogElement));
  const place = find(element, ".sides");
  /** @type {Set<string>} titles of the blocks that are folded, in all networks */
  const folded = new Set();
  let isFirst = true;
  place.addEventListener(
    "toggle",
    ({ target }) => {
      if (!(target instanceof HTMLDetailsElement)) return;
      const { title } = target.dataset;
      if (target.open) folded.delete(title ?? "");
      else folded.add(title ?? "");
      for (const other of findAll(place, "details", HTMLDetailsElement))
        if (other.dataset.title === title) other.open = target.open;
    },
    true, // it does not bubble
  );
  return (sides, when) => {
    if (isFirst && matchMedia(NARROW).matches)
      for (const { title } of sides[0]?.blocks.slice(1, -1) ?? []) folded.add(title);
    isFirst &&= !sides.length;
    place.replaceChildren(
      ...sides.map((side) => {
        const node = makeSide(side, when, (block, at) => enlarge(side.name, block, at));
        for (const block of findAll(node, "details", HTMLDetailsElement))
          block.open = !folded.has(block.dataset.title ?? "");
        return node;
      }),
    );
  };
};

/**
 * @param {Side} side
 * @param {When} when
 * @param {(block: Block, at: number) => void} enlarge
 */
const makeSide = ({ name, reads, words, probs, blocks }, when, enlarge) => {
  const side = make("section", "side");
  side.append(make("h3", "", name), make("p", "reads", reads));
  for (const block of blocks) side.append(makeBlock(block, when, enlarge));
  const bars = make("div", "bars");
  mountBars(bars, `${name}, probability of each answer`).show(probs);
  side.append(make("h4", "", "Ten answers"), bars, make("p", "words", words));
  return side;
};

/**
 * @param {Block} block
 * @param {When} when
 * @param {(block: Block, at: number) => void} enlarge
 */
const makeBlock = (block, when, enlarge) => {
  const { title, size, maps } = block;
  const measures = `${maps.length} maps, ${size} × ${size}`;
  const aside = make("small", "", measures);
  const heading = make("h4", "", `${title} `);
  heading.append(aside);
  const group = make("div", "maps");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `${title}, ${when} the norm`);
  const buttons = maps.map((moments, at) => {
    const words = `channel ${at + 1}: ${moments[when]}`;
    const button = makeButton("", () => enlarge(block, at), `${title}, ${words}`);
    button.append(makePicture(block[when], at, SMALL));
    button.tabIndex = at ? -1 : 0;
    for (const kind of ["pointerenter", "focus"])
      button.addEventListener(kind, () => (aside.textContent = words));
    for (const kind of ["pointerleave", "blur"])
      button.addEventListener(kind, () => (aside.textContent = measures));
    return button;
  });
  group.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((button) => button === event.target);
    const next = buttons[MOVES[event.key]?.(at, buttons.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  group.append(...buttons);
  const part = make("details", "block");
  part.dataset.title = title;
  const summary = make("summary");
  summary.append(heading);
  part.append(summary, group);
  return part;
};

/**
 * The window of one map: before and after the norm, each with its scale.
 * @param {HTMLDialogElement} dialog
 */
const mountWindow = (dialog) => {
  const [earlier, later] = findAll(dialog, ".step", HTMLButtonElement);
  /** @type {{ name: string, block: Block, at: number } | undefined} */
  let shown;
  const paint = () => {
    if (!shown) return;
    const { name, block, at } = shown;
    find(dialog, "h3").textContent = `${block.title}, channel ${at + 1}`;
    find(dialog, ".whose").textContent = name;
    find(dialog, ".pair").replaceChildren(...TIMES.map((when) => makeFigure(block, at, when)));
    [earlier.disabled, later.disabled] = [at === 0, at === block.maps.length - 1];
  };
  /** @param {number} by */
  const step = (by) => {
    if (!shown?.block.maps[shown.at + by]) return;
    shown.at += by;
    paint();
  };
  earlier.addEventListener("click", () => step(-1));
  later.addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft" || key === "ArrowRight") step(key === "ArrowLeft" ? -1 : 1);
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close(); // a press beside it
  });
  find(dialog, ".close").addEventListener("click", () => dialog.close());
  /** @type {(name: string, block: Block, at: number) => void} */
  return (name, block, at) => {
    shown = { name, block, at };
    paint();
    dialog.showModal();
  };
};

/**
 * @param {Block} block
 * @param {number} at
 * @param {When} when
 */
const makeFigure = (block, at, when) => {
  const figure = make("figure");
  const moments = block.maps[at][when];
  const largest = block.scale[when].toPrecision(3);
  const scale = make("p", "scale");
  scale.append(make("span", "", `-${largest}`), make("span", "", 0), make("span", "", largest));
  figure.append(
    make("figcaption", "", `${when} the norm`),
    makePicture(block[when], at, LARGE, `Map ${when} the norm: ${moments}`),
    scale,
    make("p", "words", moments),
  );
  return figure;
};
