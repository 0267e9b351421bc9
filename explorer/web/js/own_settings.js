// Controls of how a visitor's numbers are judged.

import { find, findAll } from "./nodes.js";

/** @typedef {import("./own_link.js").Settings} Settings */
/** @typedef {import("./own_choices.js").Found} Found */

export const WIDE = "(min-width: 701px)"; // of windows that are no phone's
const NAMED = ["", "percent", "fraction"]; // units that the page has a name for

/**
 * The number in a field, with a point or a comma; any other text as it is, which the server refuses.
 * @param {HTMLInputElement} input
 */
const numberOf = ({ value }) => {
  const text = value.trim().replace(",", ".");
  return text === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text;
};

/**
 * Shows a value in a field, unless somebody writes there.
 * @param {HTMLInputElement} input
 * @param {string | number | null} value
 */
const show = (input, value) => {
  if (input !== document.activeElement) input.value = String(value ?? "");
};

/**
 * Controls of direction, unit, pairing, margin and deviation.
 * @param {HTMLElement} root
 * @param {Settings} settings changed in place
 * @param {() => void} changed
 */
export const mountSettings = (root, settings, changed) => {
  const better = find(root, ".better", HTMLSelectElement);
  const unit = find(root, ".unit", HTMLSelectElement);
  const unitName = find(root, ".unit-name", HTMLInputElement);
  const paired = find(root, ".paired", HTMLInputElement);
  const margin = find(root, ".margin", HTMLInputElement);
  const deviation = find(root, ".deviation", HTMLInputElement);
  const ours = find(root, ".ours", HTMLInputElement);
  // A phone shows the verdict first.
  find(root, ".options", HTMLDetailsElement).open = matchMedia(WIDE).matches;
  const read = () => {
    settings.paired = paired.checked || null;
    settings.margin = numberOf(margin);
    settings.deviation = ours.checked ? "ours" : numberOf(deviation);
    deviation.disabled = ours.checked;
    changed();
  };
  const readUnit = () => {
    find(root, ".other").hidden = unit.value !== "other";
    settings.unit = unit.value === "other" ? unitName.value.trim() : unit.value;
    changed();
  };
  better.addEventListener("change", () => {
    settings.higher_is_better = better.value === "higher";
    changed();
  });
  for (const input of [paired, margin, deviation, ours]) input.addEventListener("change", read);
  for (const input of [unit, unitName]) input.addEventListener("change", readUnit);

  /** @param {Found | undefined} found */
  const paint = (found) => {
    const shown = settings.unit ?? (found?.percent ? "percent" : "");
    const isNamed = NAMED.includes(shown);
    // The field for a name stays while it is still empty.
    const isNaming = unit.value === "other" && settings.unit === "";
    if (!isNaming) unit.value = isNamed ? shown : "other";
    if (!isNamed) show(unitName, shown);
    find(root, ".other").hidden = unit.value !== "other";
    const words = ["percent", "fraction"].includes(shown) ? "points" : shown;
    for (const node of findAll(root, ".of", HTMLElement)) node.textContent = words;
    const isHigher = settings.higher_is_better ?? !found?.lower_by_name;
    better.value = isHigher ? "higher" : "lower";
    paired.checked = settings.paired === true;
    show(margin, settings.margin);
    ours.checked = settings.deviation === "ours";
    deviation.disabled = ours.checked;
    show(deviation, ours.checked ? "" : settings.deviation);
    const isSingle = found?.columns.some(({ runs }) => runs === 1) ?? false;
    find(root, ".single").hidden = !isSingle;
  };
  return { paint };
};
