// Definitions of terms, on hover and focus: a `<dfn tabindex="0">` shows what docs/glossary.md says of it.

import { make } from "./nodes.js";

const GLOSSARY = "docs/glossary.md"; // served as a page
const GAP = 6; // pixels between a term and its definition

/** @type {Promise<Map<string, string>> | undefined} */
let asked;

/** Definitions by term. */
const definitions = async () => {
  const answer = await fetch(GLOSSARY);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const items = [...page.querySelectorAll("li")].map((item) => {
    const term = item.querySelector("strong")?.textContent ?? "";
    return /** @type {[string, string]} */ ([term, item.textContent?.slice(term.length + 2) ?? ""]);
  });
  return new Map(items);
};

/**
 * The definition of a word; of a plural, that of its singular.
 * @param {Map<string, string>} terms
 * @param {string} word
 */
export const definitionOf = (terms, word) => {
  const term = word.trim().toLowerCase();
  const singulars = [
    term,
    term.replace(/s$/, ""),
    term.replace(/es$/, ""),
    term.replace(/ies$/, "y"),
  ];
  return singulars.map((one) => terms.get(one)).find(Boolean);
};

const tip = make("div", "definition");
tip.id = "definition";
tip.setAttribute("role", "tooltip");
tip.hidden = true;

const hide = () => (tip.hidden = true);

/** @param {Element} term */
const show = async (term) => {
  asked ??= definitions();
  const definition = definitionOf(await asked.catch(() => new Map()), term.textContent ?? "");
  if (!definition || !term.matches(":hover, :focus")) return;
  document.body.append(tip);
  tip.textContent = definition;
  tip.hidden = false;
  term.setAttribute("aria-describedby", tip.id);
  const { left, bottom, top } = term.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const isBelow = bottom + GAP + height < innerHeight;
  tip.style.left = `${Math.max(GAP, Math.min(left, document.documentElement.clientWidth - width - GAP))}px`;
  tip.style.top = `${isBelow ? bottom + GAP : top - GAP - height}px`;
};

/** Shows definitions from now on. */
export const startGlossary = () => {
  /** @param {Event} event */
  const termOf = ({ target }) => (target instanceof Element ? target.closest("dfn") : null);
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, (event) => {
      const term = termOf(event);
      if (term) show(term);
    });
  for (const kind of ["pointerout", "focusout"])
    document.addEventListener(kind, (event) => {
      if (termOf(event)) hide();
    });
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
};
