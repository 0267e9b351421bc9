// Drawing with mouse, finger or stylus.

import { SIDE } from "./strokes.js";

/** @typedef {import("./strokes.js").Point} Point */

/**
 * @param {HTMLElement} pad
 * @param {{ begin: (point: Point) => void, extend: (...points: Point[]) => void, end: () => void }} pen
 */
export const mountPointer = (pad, pen) => {
  /**
   * @param {PointerEvent} event
   * @returns {Point} whole pixels, as links keep them
   */
  const pointOf = ({ clientX, clientY }) => {
    const box = pad.getBoundingClientRect();
    const [across, down] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    return [Math.round(SIDE * across), Math.round(SIDE * down)];
  };
  let isDrawing = false;
  pad.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    event.preventDefault();
    const focused = document.activeElement; // keys now mean the drawing, not the button that was pressed last
    if (focused instanceof HTMLElement && focused !== pad) focused.blur();
    pad.setPointerCapture(event.pointerId);
    isDrawing = true;
    pen.begin(pointOf(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!isDrawing || !event.isPrimary) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    pen.extend(...(moves.length ? moves : [event]).map(pointOf));
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
    pad.addEventListener(name, (event) => {
      if (!isDrawing || !event.isPrimary) return;
      isDrawing = false;
      pen.end();
    });
};
