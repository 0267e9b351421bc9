// The button that was pressed last; in some browsers a pressed button has no focus.

/** @type {HTMLElement | null} */
let pressed = null;

/** @param {Event} event a click */
export const notePressed = ({ target }) => {
  const button = target instanceof Element ? target.closest("button") : null;
  const opener = button?.closest(".saves")?.querySelector("button.opener"); // its menu closes
  pressed = opener instanceof HTMLElement ? opener : (button ?? pressed);
};

/**
 * Puts a text on the button that was pressed last, for a moment.
 * @param {string} text
 */
export const say = (text) => {
  const button = pressed;
  if (!button || button.textContent === text) return;
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => (button.textContent = before), 1500);
};
