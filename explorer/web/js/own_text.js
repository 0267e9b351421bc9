// The field for a visitor's text, and files that are dropped or chosen in its stead.

import { find, make } from "./nodes.js";
import { onDrop, readFiles } from "./own_files.js";

/** @typedef {import("./own_link.js").File} TextFile */

const PAUSE = 250; // ms without a key, after which a typed text is read

/**
 * Event of the text: it is replaced, or edited, or a file cannot be read.
 * @typedef {{ replaced: () => void, edited: () => void, failed: (sentence: string) => void }} Changes
 */

/**
 * The text that is judged: of the field, or of several files.
 * @param {HTMLElement} root
 * @param {Changes} changes
 * @param {number} most bytes
 */
export const mountText = (root, changes, most) => {
  const field = find(root, "textarea", HTMLTextAreaElement);
  const dropped = find(root, ".dropped");
  const chooser = find(root, "input[type=file]", HTMLInputElement);
  /** @type {TextFile[]} */
  let several = [];
  let name = "";
  let example = "";
  let timer = 0; // of a text that is being typed
  let isReplaced = false; // by what is being typed
  /** @param {TextFile[]} files */
  const show = (files) => {
    clearTimeout(timer);
    isReplaced = false;
    several = files.length > 1 ? files : [];
    name = files.length === 1 ? files[0].name : "";
    field.value = files.length === 1 ? files[0].text : "";
    field.hidden = several.length > 0;
    dropped.hidden = !several.length;
    const list = make("ul");
    list.append(...several.map((file) => make("li", "", file.name)));
    dropped.replaceChildren(list);
  };
  const isAllSelected = () => field.selectionEnd - field.selectionStart === field.value.length;
  const isExample = () => !several.length && Boolean(example) && field.value === example;
  /** @param {TextFile[]} files */
  const replace = (files) => {
    show(files);
    changes.replaced();
  };
  /** @param {FileList} files */
  const take = async (files) => {
    try {
      replace(await readFiles(files, most));
    } catch (error) {
      changes.failed(error instanceof Error ? error.message : String(error));
    }
  };
  onDrop(find(root, ".source"), take);
  find(root, ".clear").addEventListener("click", () => {
    replace([]);
    field.focus();
  });
  find(root, ".choose").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    if (chooser.files?.length) take(chooser.files);
    chooser.value = "";
  });
  field.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain");
    if (!text || !(isAllSelected() || isExample())) return;
    event.preventDefault(); // an example is replaced, wherever the caret stands in it
    replace([{ name: "", text }]);
  });
  field.addEventListener("beforeinput", () => {
    isReplaced ||= isAllSelected();
  });
  const changed = () => {
    if (!field.value) name = "";
    if (isReplaced || !field.value) changes.replaced();
    else changes.edited();
    isReplaced = false;
  };
  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    const isKey = event instanceof InputEvent && /^(insertText|delete)/.test(event.inputType);
    if (isKey) timer = window.setTimeout(changed, PAUSE);
    else changed();
  });
  /** @returns {TextFile[]} */
  const files = () => (several.length ? several : [{ name, text: field.value }]);
  /** @param {string} text of an example, which a visitor's own replaces */
  const showExample = (text) => {
    example = text.replaceAll("\r\n", "\n"); // as the field keeps it
    show([{ name: "", text }]);
  };
  return { show, showExample, files };
};
