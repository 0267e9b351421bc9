// Painting again what is as wide as its node.

/**
 * Paints whenever the width of a node changes, and once it first has one.
 * @param {Element} node
 * @param {() => void} paint
 * @param {AbortSignal} signal
 */
export const repaintByWidth = (node, paint, signal) => {
  let width = 0;
  const resized = new ResizeObserver(() => {
    if (node.clientWidth === width) return;
    width = node.clientWidth;
    paint();
  });
  resized.observe(node);
  signal.addEventListener("abort", () => resized.disconnect());
};
