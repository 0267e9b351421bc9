// Files that a visitor drops or chooses, as texts.

/** @typedef {import("./own_link.js").File} TextFile */

/**
 * The texts of files. Throws an error with a sentence where they are too large, or no texts.
 * @param {Iterable<File>} files
 * @param {number} most bytes of all together
 * @returns {Promise<TextFile[]>}
 */
export const readFiles = async (files, most) => {
  const chosen = [...files];
  const size = chosen.reduce((sum, file) => sum + file.size, 0);
  if (size > most) throw new Error(tooLarge(most));
  const texts = await Promise.all(chosen.map((file) => file.text()));
  return chosen.map(({ name }, index) => {
    if (/[\0\ufffd]/.test(texts[index]))
      throw new Error(`${name} is no text: save the table as CSV.`);
    return { name, text: texts[index] };
  });
};

/** @param {number} most bytes */
export const tooLarge = (most) =>
  `At most ${most / 1000} KB are read: leave out columns, or lines between the first and the last.`;

/**
 * Calls `take` with the files that are dropped on a node; while files are over it, it has the class "over".
 * @param {HTMLElement} node
 * @param {(files: FileList) => void} take
 */
export const onDrop = (node, take) => {
  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  node.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return; // a text that is dropped goes into the field by itself
    event.preventDefault();
    node.classList.add("over");
  });
  node.addEventListener("dragleave", () => node.classList.remove("over"));
  node.addEventListener("drop", (event) => {
    node.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
};
