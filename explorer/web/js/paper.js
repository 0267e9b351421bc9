// The paper: what is on it, painted on the pad, and as a question.

import { toBase64, toBytes } from "./files.js";
import { SIDE, toText } from "./strokes.js";

/** @typedef {import("./strokes.js").Point} Point */
/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {{ digit: number, turn: number } | { image: number }} Sample a test digit of a kind, or an image of the test set */
/** @typedef {{ index?: number, pixels?: Uint8Array }} Answered what the server says of a sample */
/** @typedef {{ sample: (Sample & Answered) | null, strokes: Stroke[] }} Content */

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

export class Paper {
  /** @type {Content} */
  content = { sample: null, strokes: [] };
  /** @type {Content[]} */
  #past = [];
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
    return !this.content.sample && !this.content.strokes.length;
  }

  /** @param {Content} content */
  change(content) {
    this.#past.push(this.content);
    if (this.#past.length > KEPT) this.#past.shift();
    this.content = content;
  }

  undo() {
    this.content = this.#past.pop() ?? this.content;
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
    const pixels = this.content.sample?.pixels;
    if (pixels) {
      const digit = makeCanvas(DIGIT);
      paintDigit(digit, pixels);
      this.#pen.drawImage(digit, 0, 0, SIDE, SIDE);
    }
    for (const stroke of this.content.strokes) this.paintStroke(stroke, 0);
  }

  /**
   * @param {Stroke} stroke
   * @param {number} from index of a point
   */
  paintStroke({ width, points }, from) {
    const pen = this.#pen;
    pen.strokeStyle = "#fff";
    pen.lineWidth = width;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...points[from]);
    for (const [x, y] of points.slice(from)) pen.lineTo(x + 0.01, y);
    pen.stroke();
  }

  /**
   * What is on the paper, as the server takes it.
   * @returns {Sample | { pixels: string }}
   */
  question() {
    const { sample } = this.content;
    if (sample && "image" in sample) return { image: sample.image };
    if (sample) return { digit: sample.digit, turn: sample.turn };
    this.#shrunk.drawImage(this.#pad, 0, 0, SENT, SENT);
    const { data } = this.#shrunk.getImageData(0, 0, SENT, SENT);
    return { pixels: toBase64(data.filter((_, index) => index % 4 === 0)) };
  }

  /** What a link holds. */
  link() {
    const { sample, strokes } = this.content;
    return sample ? { image: sample.index } : { drawing: toText(strokes) };
  }

  /**
   * Keeps what the server said of a sample.
   * @param {Content} content of which it was asked
   * @param {{ sample?: string | null, index?: number | null }} answer
   */
  answered(content, { sample, index }) {
    if (!content.sample || !sample) return;
    content.sample.pixels = toBytes(sample);
    content.sample.index = index ?? undefined;
    if (content === this.content) this.paint();
  }
}
