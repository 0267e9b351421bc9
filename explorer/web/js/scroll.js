// Scrolling to the part of a page that a link names.

/**
 * Scrolls to an element once it is seen, so once its tab is open and it has something to show.
 * @param {Element} target
 * @param {AbortSignal} signal
 */
export const scrollWhenSeen = (target, signal) => {
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.target.clientHeight) return;
    seen.disconnect();
    target.scrollIntoView();
  });
  seen.observe(target);
  signal.addEventListener("abort", () => seen.disconnect());
};
