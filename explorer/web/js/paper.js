// The paper: what is on it, painted on the pad, and as a question.

import { toDigitText } from "./files.js";
import { SIDE, toText } from "./strokes.js";

/** @typedef {import("./strokes.js").Point} Point */
/** @typedef {import("./strokes.js").Stroke} Stroke */
/**
 * A digit that was not drawn here: an image of MNIST's test set by its number, or one out of a picture or a link. `contrast` is the fade under which it is shown at first.
 * @typedef {{ index: number | null, pixels: Uint8Array, words: string, contrast: number | null, from: string, found?: import("./pictures.js").Found }} Sample `from`: a tab, or ""
 */
/** @typedef {{ sample: Sample | null, strokes: Stroke[] }} Content */

const SENT = 112; // pixels a side of what is sent
const DIGIT = 28; // pixels a side of a digit of MNIST's
const KEPT = 200; // contents that can be undone

/**
 * Paints a digit of MNIST's.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels 784 grey levels
 */
export const paintDigit = (canvas, pixels) => {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(DIGIT, DIGIT);
  for (let i = 0; i < DIGIT * DIGIT; i++)
    image.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
  context.putImageData(image, 0, 0);
};

/** @param {number} side */
const makeCanvas = (side) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  return canvas;
};

/**
 * A canvas with a digit of MNIST's size.
 * @param {ArrayLike<number>} pixels 784 grey levels
 */
export const makeDigit = (pixels) => {
  const canvas = makeCanvas(DIGIT);
  paintDigit(canvas, pixels);
  return canvas;
};

/**
 * A data URI of grey levels, padded with paper to a square.
 * @param {{ height: number, width: number, pixels: Uint8Array }} levels
 */
export const pictureOf = ({ height, width, pixels }) => {
  const canvas = makeCanvas(Math.max(height, width));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillRect(0, 0, canvas.width, canvas.height);
  const image = context.createImageData(width, height);
  pixels.forEach((level, at) => image.data.set([level, level, level, 255], 4 * at));
  const [left, top] = [width, height].map((length) => Math.floor((canvas.width - length) / 2));
  context.putImageData(image, left, top);
  return canvas.toDataURL();
};

export class Paper {
  /** @type {Content} */
  content = { sample: null, strokes: [] };
  /** @type {Content[]} */
  #past = [];
  /** @type {Content[]} */
  #future = [];
  #pad;
  #pen;
  #shrunk;

  /** @param {HTMLCanvasElement} pad */
  constructor(pad) {
    this.#pad = pad;
    this.#pen = /** @type {CanvasRenderingContext2D} */ (pad.getContext("2d"));
    const context = makeCanvas(SENT).getContext("2d", { willReadFrequently: true });
    this.#shrunk = /** @type {CanvasRenderingContext2D} */ (context);
    this.#shrunk.imageSmoothingQuality = "high";
  }

  get isBlank() {
    return !this.content.sample && this.content.strokes.every(({ erases }) => erases);
  }

  /** @param {Content} content */
  change(content) {
    this.#past.push(this.content);
    if (this.#past.length > KEPT) this.#past.shift();
    this.#future.length = 0;
    this.content = content;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    const content = this.#past.pop();
    if (!content) return;
    this.#future.push(this.content);
    this.content = content;
  }

  redo() {
    const content = this.#future.pop();
    if (!content) return;
    this.#past.push(this.content);
    this.content = content;
  }

  /** Forgets earlier contents, so that undo stops here. */
  forget() {
    this.#past.length = 0;
  }

  /** @param {Stroke} stroke */
  add(stroke) {
    this.change({ sample: null, strokes: [...this.content.strokes, stroke] });
    this.paint();
  }

  paint() {
    this.#pen.fillStyle = "#000";
    this.#pen.fillRect(0, 0, SIDE, SIDE);
    const { sample } = this.content;
    if (sample) {
      this.#pen.drawImage(makeDigit(sample.pixels), 0, 0, SIDE, SIDE);
    }
    for (const stroke of this.content.strokes) this.paintStroke(stroke, 0);
  }

  /**
   * @param {Stroke} stroke
   * @param {number} from index of a point
   */
  paintStroke({ width, points, erases }, from) {
    const pen = this.#pen;
    pen.strokeStyle = erases ? "#000" : "#fff";
    pen.lineWidth = width;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...points[from]);
    for (const [x, y] of points.slice(from)) pen.lineTo(x + 0.01, y);
    pen.stroke();
  }

  /**
   * Content of the paper, as networks are asked about it.
   * @returns {import("./votes_source.js").Picture}
   */
  picture() {
    const { sample } = this.content;
    if (sample) return { pixels: sample.pixels, image: sample.index };
    this.#shrunk.drawImage(this.#pad, 0, 0, SENT, SENT);
    const { data } = this.#shrunk.getImageData(0, 0, SENT, SENT);
    return {
      pixels: Uint8Array.from({ length: SENT * SENT }, (_, at) => data[4 * at]),
      image: null,
    };
  }

  /** Content that a link holds. */
  link() {
    const { sample, strokes } = this.content;
    if (!sample) return { drawing: toText(strokes) };
    return sample.index === null ? { digit: toDigitText(sample.pixels) } : { image: sample.index };
  }
}
