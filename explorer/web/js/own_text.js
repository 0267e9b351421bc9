// The field for a visitor's text, and files that are dropped or chosen in its stead.

import { find, make, makeButton } from "./nodes.js";
import { onDrop, readFiles } from "./own_files.js";

/** @typedef {import("./own_link.js").File} TextFile */

const PAUSE = 250; // ms without a key, after which a typed text is read

/**
 * The text that is judged: of the field, or of several files.
 * @param {HTMLElement} root
 * @param {{ isNew: () => void, isTyped: () => void, failed: (sentence: string) => void }} changed
 * @param {number} most bytes
 */
export const mountText = (root, changed, most) => {
  const field = find(root, "textarea", HTMLTextAreaElement);
  const dropped = find(root, ".dropped");
  const chooser = find(root, "input[type=file]", HTMLInputElement);
  /** @type {TextFile[]} */
  let several = [];
  let name = "";
  /** @param {TextFile[]} files */
  const show = (files) => {
    several = files.length > 1 ? files : [];
    name = files.length === 1 ? files[0].name : "";
    field.value = files.length === 1 ? files[0].text : "";
    field.hidden = several.length > 0;
    dropped.hidden = !several.length;
    const list = make("ul");
    list.append(...several.map((file) => make("li", "", file.name)));
    const back = makeButton("Remove these files", () => {
      show([]);
      changed.isNew();
      field.focus();
    });
    dropped.replaceChildren(list, back);
  };
  /** @param {FileList} files */
  const take = async (files) => {
    try {
      show(await readFiles(files, most));
      changed.isNew();
    } catch (error) {
      changed.failed(error instanceof Error ? error.message : String(error));
    }
  };
  onDrop(find(root, ".source"), take);
  find(root, ".choose").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    if (chooser.files?.length) take(chooser.files);
    chooser.value = "";
  });
  let timer = 0;
  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    const isPasted = !(event instanceof InputEvent) || event.inputType !== "insertText";
    if (isPasted && event instanceof InputEvent && /Paste|Drop/.test(event.inputType)) {
      name = "";
      changed.isNew();
    } else timer = window.setTimeout(changed.isTyped, PAUSE);
  });
  /** @returns {TextFile[]} */
  const files = () => (several.length ? several : [{ name, text: field.value }]);
  return { show, files };
};
