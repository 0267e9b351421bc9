// The tour: the step that the address names is shown above the tabs, on whichever tab.

const KEY = "tour";
const style = document.createElement("style"); // Gradio draws the steps, all hidden, at some later time
let shown = "";

/** Shows the step that the address names, or none, from the top of the page. */
export const showStep = () => {
  const step = new URLSearchParams(location.search).get(KEY) ?? "";
  if (step === shown) return;
  shown = step;
  const isStep = /^[1-9]$/.test(step);
  style.textContent = isStep
    ? `.tour:has(li:nth-child(${step})), .tour li:nth-child(${step}) { display: block !important }`
    : "";
  if (isStep) scrollTo(0, 0);
};

/**
 * Follows the buttons that end the tour.
 * @param {(key: string) => void} forget takes a parameter out of the address
 */
export const startTour = (forget) => {
  document.head.append(style);
  showStep();
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest(".tour button")) forget(KEY);
  });
};
