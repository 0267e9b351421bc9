// Pictures that a visitor chooses, photographs, pastes or drops: what was found in them, and the digit among them for the pad.

import { toBytes } from "./files.js";
import { find, makeButton } from "./nodes.js";
import { toUri } from "./picture_files.js";

/** @typedef {import("./paper.js").Sample} Sample */
/** @typedef {{ view: "picture", file: string }} Question */
/** @typedef {{ left: number, top: number, width: number, height: number }} Box pixels of the picture */
/** @typedef {{ size: [width: number, height: number], digits: { box: Box, image: string }[], largest: number, words: string }} Answer */
/** @typedef {{ file: string, answer: Answer, chosen: number }} Found a picture, what was found in it, and which digit is on the pad */

/**
 * @param {HTMLElement} element
 * @param {object} page
 * @param {import("./picture_files.js").Limits} page.limits
 * @param {(question: Question) => Promise<import("./server.js").Answer<Answer>>} page.ask
 * @param {() => void} page.wanted a picture is under way
 * @param {(sample: Sample) => void} page.show puts a digit on the paper
 * @param {() => Sample | null} page.shown
 * @param {AbortSignal} signal
 */
export const mountPictures = (element, { limits, ask, wanted, show, shown }, signal) => {
  const panel = find(element, ".found");
  const words = find(panel, ".words");
  const sheet = find(panel, ".sheet");
  const image = find(sheet, "img", HTMLImageElement);
  const boxes = find(sheet, ".boxes");
  const input = find(element, ".file", HTMLInputElement);
  let lastWanted = 0;

  /**
   * @param {string} text
   * @param {boolean} [isError]
   */
  const say = (text, isError = false) => {
    panel.hidden = false;
    panel.classList.toggle("error", isError);
    words.textContent = text;
  };
  /** @param {string} error */
  const refuse = (error) => {
    say(error, true);
    sheet.hidden = !shown()?.found; // the picture before stays
  };
  /** @param {Found} found */
  const choose = ({ file, answer, chosen }) => {
    const pixels = toBytes(answer.digits[chosen].image);
    const found = { file, answer, chosen };
    const about = "Found in your picture.";
    show({ index: null, pixels, words: about, contrast: null, from: "", found });
  };
  /** @param {FileList} files */
  const read = async (files) => {
    const mine = ++lastWanted;
    wanted();
    sheet.hidden = true;
    say("Looking for digits ...");
    // On a phone the button lies below what is read.
    const isNarrow = matchMedia("(max-width: 720px)").matches;
    panel.scrollIntoView({ block: isNarrow ? "start" : "nearest" });
    const { uri: file, error } = await toUri([...files], limits);
    if (mine !== lastWanted) return;
    if (file === undefined) return refuse(error);
    const answer = await ask({ view: "picture", file });
    if (mine !== lastWanted) return;
    if (!answer.digits) return refuse(answer.error ?? "");
    const { largest } = /** @type {Answer} */ (answer);
    choose({ file, answer: /** @type {Answer} */ (answer), chosen: largest });
  };

  /** Shows the picture in which the digit on the paper was found, with a box around each digit. */
  const describe = () => {
    const found = shown()?.found;
    panel.hidden = sheet.hidden = !found;
    if (!found) return image.removeAttribute("src");
    const { file, answer, chosen } = found;
    if (image.src !== file) image.src = file;
    const [width, height] = answer.size;
    image.style.aspectRatio = `${width} / ${height}`;
    const count = answer.digits.length;
    say(count > 1 ? `${answer.words} Digit ${chosen + 1} is on the pad.` : answer.words);
    const hadFocus = boxes.contains(document.activeElement);
    boxes.replaceChildren(
      ...answer.digits.map(({ box }, at) => {
        const label = count > 1 ? `Digit ${at + 1} of ${count}` : "The digit";
        const button = makeButton("", () => choose({ ...found, chosen: at }), label);
        button.setAttribute("aria-pressed", String(at === chosen));
        Object.assign(button.style, {
          left: `${(100 * box.left) / width}%`,
          top: `${(100 * box.top) / height}%`,
          width: `${(100 * box.width) / width}%`,
          height: `${(100 * box.height) / height}%`,
        });
        return button;
      }),
    );
    if (hadFocus) find(boxes, "[aria-pressed=true]").focus();
  };

  find(element, ".choose").addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    if (input.files?.length) await read(input.files);
    input.value = ""; // the same file may be chosen again
  });
  document.addEventListener(
    "paste",
    (event) => {
      const files = event.clipboardData?.files;
      if (!files?.length || !element.checkVisibility()) return;
      event.preventDefault();
      read(files);
    },
    { signal },
  );
  const frame = find(element, ".frame");
  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));
  element.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    frame.classList.add("over");
  });
  element.addEventListener("dragleave", () => frame.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    frame.classList.remove("over");
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault(); // the browser would leave the page for the file
    read(event.dataTransfer.files);
  });

  return {
    describe,
    /** Keeps a picture that is under way off the paper. */
    cancel: () => lastWanted++,
  };
};
