// Drawing without a pointer: on the focused pad the arrow keys move over a grid of 14 x 14 cells, and Space inks one; Ctrl+Z undoes.

import { find } from "./nodes.js";
import { SIDE } from "./strokes.js";

/** @typedef {import("./strokes.js").Point} Point */

const CELLS = 14;
const CELL = SIDE / CELLS; // pixels
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLElement} element
 * @param {HTMLElement} pad
 * @param {{ begin: (point: Point) => void, extend: (point: Point) => void, end: () => void, undo: () => void, redo: () => void }} pen
 */
export const mountKeyboard = (element, pad, pen) => {
  const cursor = find(element, ".cursor");
  const spoken = find(element, ".spoken");
  const centre = { x: CELLS / 2, y: CELLS / 2 };
  /** @type {{ x: number, y: number } | null} */
  let cell = null;
  let isInking = false; // while Space is held

  const paint = () => {
    cursor.hidden = !cell || document.activeElement !== pad;
    if (!cell) return;
    cursor.style.left = `${(100 * cell.x) / CELLS}%`;
    cursor.style.top = `${(100 * cell.y) / CELLS}%`;
  };
  /** @param {{ x: number, y: number }} at */
  const ink = ({ x, y }) => {
    /** @type {Point} */
    const point = [(x + 0.5) * CELL, (y + 0.5) * CELL];
    if (isInking) pen.extend(point);
    else pen.begin(point);
    isInking = true;
  };

  pad.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) pen.redo();
      else pen.undo();
      return;
    }
    const move = MOVES[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    let now = cell ?? centre;
    if (move) {
      /** @param {number} value */
      const clip = (value) => Math.max(0, Math.min(CELLS - 1, value));
      now = { x: clip(now.x + move[0]), y: clip(now.y + move[1]) };
      if (isInking) ink(now);
    } else if (!event.repeat) ink(now);
    cell = now;
    paint();
    const inked = isInking ? ", inked" : "";
    spoken.textContent = `row ${now.y + 1}, column ${now.x + 1}${inked}`;
  });
  pad.addEventListener("keyup", ({ key }) => {
    if (key !== " " || !isInking) return;
    isInking = false;
    pen.end();
  });
  pad.addEventListener("focus", () => {
    if (pad.matches(":focus-visible")) cell ??= centre; // not where the pen comes
    paint();
  });
  pad.addEventListener("blur", () => {
    isInking = false;
    paint();
  });
  pad.addEventListener("pointerdown", () => {
    cell = null;
    paint();
  });
};
