// Parts that a button of the class "opener" opens: the element after it. Menus always fold, `.fold` and `.sheet` on a narrow page only.

import { makeButton } from "./nodes.js";

/**
 * The part that an opener opens; Gradio puts each of its components into a block.
 * @param {Element} opener
 */
const drawerOf = (opener) =>
  opener.nextElementSibling ?? opener.closest(".block")?.nextElementSibling ?? null;

/** The menu or sheet that lies above the page, with its opener. */
let above = /** @type {{ opener: HTMLElement, drawer: Element } | null} */ (null);

/**
 * @param {HTMLElement} opener
 * @param {Element} drawer
 * @param {boolean} isOpen
 */
const turn = (opener, drawer, isOpen) => {
  opener.setAttribute("aria-expanded", String(isOpen));
  drawer.classList.toggle("opened", isOpen);
  if (drawer.classList.contains("fold")) return;
  above = isOpen ? { opener, drawer } : null;
};

const close = () => above && turn(above.opener, above.drawer, false);

/**
 * Opens what a click asks to open, and closes a menu that was chosen from and what else lies above the page.
 * @param {Event} event
 */
const clicked = ({ target }) => {
  if (!(target instanceof Element)) return;
  const opener = target.closest(".opener");
  const isInside = above?.drawer.contains(target) ?? false;
  const isChosen = isInside && target.closest(".menu button") !== null;
  if (above && above.opener !== opener && (!isInside || isChosen)) close();
  if (!(opener instanceof HTMLElement)) return;
  const drawer = drawerOf(opener);
  if (!drawer) return;
  if (drawer.classList.contains("sheet") && !drawer.querySelector(":scope > .done")) {
    const done = makeButton("Done", close);
    done.className = "done";
    drawer.prepend(done);
  }
  turn(opener, drawer, !drawer.classList.contains("opened"));
};

/** @param {KeyboardEvent} event */
const pressed = ({ key }) => {
  if (key !== "Escape" || !above) return;
  const { opener } = above;
  close();
  opener.focus();
};

/** Follows clicks and keys on the whole page from now on. */
export const startDrawers = () => {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
};
