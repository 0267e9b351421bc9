// Pixels that speak for the digit: one question per network, so that a progress bar can show how many are done; all networks on one colour scale.

import { nameOf } from "./data_set.js";
import { toBytes } from "./files.js";
import { asImage, countAnswer, digitOptions, fill, find, make, makeRow } from "./nodes.js";

/**
 * @typedef {{ view: "saliency", trials: string[], epoch: number | null, method: string, target: number | null }
 *   & (import("./pad.js").Asked | { digit: number, turn: number } | { image: number })} Question
 */
/**
 * @typedef {object} Attribution
 * @property {string} name of the network
 * @property {number} digit that the pixels speak for
 * @property {number} percent how sure the network is of it
 * @property {string} values 784 float32 as base64
 * @property {string} seen the 784 pixels
 * @property {number} sum of the values
 * @property {number | null} difference of the scores, which the values add up to; null where they need not
 */

/**
 * Red, green and blue of a hue of the palette.
 * @param {string} name
 */
const rgbOf = (name) => {
  const hue = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return [1, 3, 5].map((at) => parseInt(hue.slice(at, at + 2), 16));
};
/** Hues of what speaks for a digit, and of what speaks against it. */
const sides = () => ["vermillion", "blue"].map(rgbOf);
const FULL = 0.995; // quantile of the values that gets the full colour: a few pixels shall not pale the others

/** An empty canvas, with functions that set its pixels and show them. */
const paintCanvas = (width = 28, height = 28) => {
  const canvas = make("canvas");
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  return {
    canvas,
    /**
     * @param {number} index of a pixel
     * @param {number[]} rgb
     */
    set: (index, rgb) => image.data.set([...rgb, 255], 4 * index),
    done: () => canvas.getContext("2d")?.putImageData(image, 0, 0),
  };
};

/**
 * The digit in faint grey on white, unlike all other digits: on black the two colours would not be told apart. On it in colour what speaks for and against.
 * @param {Float32Array} values
 * @param {Uint8Array} ink
 * @param {number} most the value that gets the full colour
 */
const paintMap = (values, ink, most) => {
  const { canvas, set, done } = paintCanvas();
  const [agreeing, opposing] = sides();
  values.forEach((value, index) => {
    const share = Math.min(1, Math.abs(value) / most);
    const paper = 255 - 0.3 * ink[index];
    const hue = value > 0 ? agreeing : opposing;
    set(
      index,
      hue.map((part) => paper + share * (part - paper)),
    );
  });
  done();
  return canvas;
};

/**
 * The colour scale, from pixels against the digit to pixels for it; Grad-CAM has only the latter.
 * @param {number} most
 * @param {boolean} both
 */
const paintScale = (most, both) => {
  const { canvas, set, done } = paintCanvas(101, 1);
  const [agreeing, opposing] = sides();
  for (let index = 0; index <= 100; index++) {
    const share = both ? index / 50 - 1 : index / 100;
    const hue = share > 0 ? agreeing : opposing;
    set(
      index,
      hue.map((part) => 255 + Math.abs(share) * (part - 255)),
    );
  }
  done();
  asImage(canvas, "Colour scale");
  const low = both ? `against ${(-most).toPrecision(2)}` : "0";
  return [make("span", "", low), canvas, make("span", "", `for ${most.toPrecision(2)}`)];
};

/**
 * Tables of the sums and of the pixels.
 * @param {Attribution[]} answers
 * @param {Float32Array[]} values of each
 */
const tablesOf = (answers, values) => {
  const headers = ["network", "digit", "sure, %"];
  const addsUp = answers[0].difference !== null;
  return {
    sums: {
      headers: addsUp ? [...headers, "sum", "difference of the scores"] : headers,
      data: answers.map(({ name, digit, percent, sum, difference }) => [
        name,
        nameOf(digit),
        percent.toFixed(2),
        ...(difference === null ? [] : [sum.toFixed(3), difference.toFixed(3)]),
      ]),
    },
    pixels: {
      headers: [
        "row",
        "column",
        ...answers.map(({ name, digit }) => `${name}, for ${nameOf(digit)}`),
      ],
      data: Array.from(Array(784).keys(), (index) => [
        Math.floor(index / 28),
        index % 28,
        ...values.map((some) => some[index]),
      ]),
    },
  };
};

/**
 * @param {HTMLElement} element
 * @param {import("./inside.js").Shared} page
 * @returns {import("./inside.js").Part}
 */
export const mountSaliency = (element, { props, ask, epoch, subject, value }) => {
  const box = find(element, ".saliency", HTMLDetailsElement);
  const progress = find(box, "progress", HTMLProgressElement);
  const methods = Object.keys(props.methods);
  fill(
    find(box, ".method", HTMLSelectElement),
    methods.map((name) => [name, name]),
  );
  fill(find(box, ".target", HTMLSelectElement), [["", "that it reads"], ...digitOptions()]);
  /** @type {ReturnType<typeof tablesOf> | undefined} */
  let tables;

  /** @param {Attribution[]} answers */
  const paint = (answers) => {
    const values = answers.map((answer) => new Float32Array(toBytes(answer.values).buffer));
    const sorted = values.flatMap((some) => [...some].map(Math.abs)).sort((a, b) => a - b);
    const most = sorted[Math.floor(FULL * sorted.length)] || 1;
    const figures = answers.map(({ name, digit, percent, seen }, index) => {
      const reads = `${nameOf(digit)}, ${percent.toFixed(1)} % sure`;
      const canvas = paintMap(values[index], toBytes(seen), most);
      asImage(canvas, `What speaks for ${reads} in ${name}`);
      const figure = make("figure");
      figure.append(canvas, make("figcaption", "", `${name}\nfor ${reads}`));
      return figure;
    });
    find(box, ".salient").replaceChildren(...figures);
    const addsUp = answers[0].difference !== null; // integrated gradients
    find(box, ".bar").replaceChildren(...paintScale(most, addsUp));
    const method = value("method");
    const against = addsUp ? ", blue against it" : "";
    find(box, ".words").textContent =
      `${method}: ${props.methods[method]}. Orange speaks for the digit${against}; one scale for all.`;
    find(box, ".adds").hidden = !addsUp;
    tables = tablesOf(answers, values);
    find(box, "thead").replaceChildren(makeRow("th", tables.sums.headers));
    find(box, "tbody").replaceChildren(...tables.sums.data.map((cells) => makeRow("td", cells)));
    countAnswer(box);
  };

  let asked = 0;
  const show = async () => {
    if (!box.open || !props.trials.length) return;
    const mine = ++asked;
    const names = ["trial", "other", "third", "fourth"].map(value).filter(Boolean);
    const distinct = [...new Set(names)];
    const digit = subject();
    const method = value("method");
    const target = value("target") === "" ? null : Number(value("target"));
    /** @type {Attribution[]} */
    const answers = [];
    progress.max = distinct.length;
    progress.value = 0;
    progress.hidden = false;
    for (const name of distinct) {
      const answer =
        "error" in digit
          ? digit
          : await ask({
              view: "saliency",
              trials: [name],
              epoch: epoch(),
              method,
              target,
              ...digit,
            });
      if (mine !== asked) return;
      find(box, ".error").textContent = answer.error ?? "";
      if (answer.error) break;
      progress.value = answers.push(/** @type {Attribution} */ (answer));
    }
    progress.hidden = true;
    if (answers.length === distinct.length) paint(answers);
  };
  box.addEventListener("toggle", show);
  return { digitChanged: show, networksChanged: () => {}, tables: () => ({ ...tables }) };
};
