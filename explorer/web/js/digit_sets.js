// Sets of digits with labels as files: NumPy's .npz, and a zip with MNIST/raw/ in it. explorer/digits/sets.py reads the same ones.

import { Damaged, entriesOf, TooLarge, unpack, zipOf } from "./zip.js";

/** @typedef {{ images: Uint8Array, labels: Uint8Array }} DigitSet n digits: 784 n grey levels, ink bright, and n labels */
/** @typedef {import("./zip.js").Packed} Packed */
/** @typedef {{ kind: string, sizes: number[], bytes: Uint8Array<ArrayBuffer>, isFortran: boolean, isBig: boolean }} Numbers an array; its kind as NumPy names it: "uint8" */

export const MOST_BYTES = 100_000_000; // of a file, and of each of its arrays
const SIDE = 28;
const CLASSES = 10;
const MAGIC = 0x93; // of a file of NumPy; "NUMPY" follows
const IMAGES = "images-idx3-ubyte";
const LABELS = "labels-idx1-ubyte";
const SPLITS = ["t10k", "train"]; // the first that a set has is read

/** A sentence for the visitor. */
class SetError extends Error {}

/** @param {number} size */
const count = (size) => size.toLocaleString("en");
const SENTENCES = {
  notSet:
    "This is no set of digits: expected is an .npz file with images and labels, or a zip with MNIST/raw/ in it.",
  large: "At most 100 MB are read, packed and unpacked: take fewer digits.",
  damaged: "The file is damaged or cut off: it cannot be unpacked.",
  empty: "The set has no digits.",
  noImages: "The set has labels but no images.",
  noLabels: "The set has images but no labels.",
  /** @param {string} name */
  cut: (name) => `${name} is damaged or cut off.`,
  /** @param {string} name */
  pickled: (name) => `${name} holds Python objects, which are not read: save plain numbers.`,
  /** @param {Numbers} images */
  shape: ({ kind, sizes }) =>
    `Images must be n x 28 x 28 of kind uint8; these are ${sizes.join(" x ")} of kind ${kind}.`,
  /** @param {Numbers} labels */
  labels: ({ kind, sizes }) =>
    `Labels must be one whole number per image; these are ${sizes.join(" x ")} of kind ${kind}.`,
  /** @param {number} images @param {number} labels */
  unequal: (images, labels) => `There are ${count(images)} images, but ${count(labels)} labels.`,
  /** @param {bigint | number} label */
  range: (label) => `Labels must be from 0 to 9; one is ${label}.`,
};

/**
 * A set as .npz without pickled objects: images (n, 28, 28) and labels (n), uint8.
 * @param {DigitSet} set
 */
export const toNpz = ({ images, labels }) =>
  zipOf([
    { name: "images.npy", bytes: npy(images, `${labels.length}, ${SIDE}, ${SIDE}`) },
    { name: "labels.npy", bytes: npy(labels, `${labels.length},`) },
  ]);

/**
 * Array of NumPy, format 1.0.
 * @param {Uint8Array} numbers
 * @param {string} shape
 */
const npy = (numbers, shape) => {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = 64 * Math.ceil((10 + text.length + 1) / 64) - 10; // the numbers begin at a multiple of 64
  const header = new TextEncoder().encode(`${text.padEnd(length - 1)}\n`);
  return joined([
    [MAGIC, ...new TextEncoder().encode("NUMPY"), 1, 0, length & 255, length >> 8],
    header,
    numbers,
  ]);
};

/**
 * A set as a folder of torchvision's MNIST, in a zip; its training digits are the same ones.
 * @param {DigitSet} set
 * @returns {Promise<Blob>}
 */
export const toZip = async ({ images, labels }) => {
  const pairs = SPLITS.flatMap((split) => [
    { name: `MNIST/raw/${split}-${IMAGES}`, bytes: idx(images, [labels.length, SIDE, SIDE]) },
    { name: `MNIST/raw/${split}-${LABELS}`, bytes: idx(labels, [labels.length]) },
  ]);
  const readme = new TextEncoder().encode(readMe(labels.length));
  return zipOf([{ name: "README.md", bytes: readme }, ...pairs]);
};

/**
 * Array in MNIST's format: a zero, a zero, 8 for bytes, the number of dimensions, their sizes, the bytes.
 * @param {Uint8Array} numbers
 * @param {number[]} sizes
 */
const idx = (numbers, sizes) =>
  joined([
    [0, 0, 8, sizes.length],
    sizes.flatMap((size) => [size >>> 24, size >>> 16, size >>> 8, size]), // big-endian
    numbers,
  ]);

/** @param {(number[] | Uint8Array)[]} parts */
const joined = (parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** @param {number} digits */
const readMe = (digits) => `# A test set of ${digits} digits

In the format of MNIST: 28 x 28 grey levels, ink bright, and a label each. \`torchvision.datasets.MNIST\` wants a training set, too:
here it is the same digits as the test set, so it is not for training.

In the folder of the explorer's project, with this archive unpacked as the folder \`digits\`, these lines print the share that one of its
networks reads:

\`\`\`python
from train import checkpoint, data, evaluate
digits = data.load_split("digits", train=False)
network = checkpoint.load("checkpoints/GN_l1=0_l2=0_batch=128_seed=1.safetensors").network()
print(evaluate.evaluate(network, digits).acc)
\`\`\`

All networks: \`python -m explorer.network.evaluate digits\`.
`;

/**
 * The set of a file. Throws an error whose message is a sentence for the visitor.
 * @param {Blob} file
 * @returns {Promise<DigitSet>}
 */
export const readSet = async (file) => {
  if (file.size > MOST_BYTES) throw new SetError(SENTENCES.large);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw new SetError(SENTENCES.notSet); // "PK"
  const entries = sentenced(() => entriesOf(bytes), SENTENCES.damaged);
  return checked(await arraysOf(await entries));
};

/**
 * Result of `act`; damage and size become sentences.
 * @template T
 * @param {() => T | Promise<T>} act
 * @param {string} damaged the sentence
 */
const sentenced = async (act, damaged) => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Damaged) throw new SetError(damaged);
    throw error instanceof TooLarge ? new SetError(SENTENCES.large) : error;
  }
};

/**
 * Images and labels of an archive, not yet checked.
 * @param {Packed[]} entries
 */
const arraysOf = async (entries) => {
  const named = new Map(
    entries
      .filter(({ name }) => !name.startsWith("__MACOSX/"))
      .map((entry) => [entry.name.replace(/^.*\//, ""), entry]),
  );
  const pairs = [
    ["images.npy", "labels.npy"],
    ...SPLITS.flatMap((split) => [
      [`${split}-${IMAGES}`, `${split}-${LABELS}`],
      [`${split}-${IMAGES}.gz`, `${split}-${LABELS}.gz`],
    ]),
  ];
  const whole = pairs.find((pair) => pair.every((name) => named.has(name)));
  if (!whole) {
    const some = pairs.find((pair) => pair.some((name) => named.has(name)));
    if (!some) throw new SetError(SENTENCES.notSet);
    throw new SetError(named.has(some[0]) ? SENTENCES.noLabels : SENTENCES.noImages);
  }
  /** @param {string} name */
  const arrayOf = (name) => read(name, /** @type {Packed} */ (named.get(name)));
  return { images: await arrayOf(whole[0]), labels: await arrayOf(whole[1]) };
};

/**
 * @param {string} name
 * @param {Packed} entry
 */
const read = (name, entry) =>
  sentenced(async () => {
    const bytes = await entry.read(MOST_BYTES);
    if (name.endsWith(".npy")) return readNpy(bytes, name);
    return readIdx(name.endsWith(".gz") ? await unpack(bytes, "gzip", MOST_BYTES) : bytes);
  }, SENTENCES.cut(name));

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of a file of NumPy
 * @param {string} name
 * @returns {Numbers}
 */
const readNpy = (bytes, name) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes.length < 12 || bytes[0] !== MAGIC || magic !== "NUMPY") throw new Damaged();
  const isFirst = bytes[6] === 1; // later versions have longer headers
  const start = isFirst ? 10 : 12;
  const end = start + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr': *'([<>|=])([a-zA-Z])(\d*)[^']*'/.exec(header);
  const shape = /'shape': *\(([\d, ]*)\)/.exec(header);
  if (!shape || (!descr && !/'descr': *\[/.test(header))) throw new Damaged();
  if (descr?.[2] === "O") throw new SetError(SENTENCES.pickled(name));
  const sizes = (shape[1].match(/\d+/g) ?? []).map(Number);
  const width = Number(descr?.[3] || 1) * (descr?.[2] === "U" ? 4 : 1); // bytes of a number or letter
  const kind = descr ? kindOf(descr[2], width) : "records";
  const expected = width * sizes.reduce((product, size) => product * size, 1);
  if (descr && bytes.length - end < expected) throw new Damaged();
  return {
    kind,
    sizes,
    bytes: bytes.subarray(end, end + expected),
    isFortran: /'fortran_order': *True/.test(header),
    isBig: descr?.[1] === ">",
  };
};

/**
 * Name that NumPy has for a kind of numbers.
 * @param {string} letter
 * @param {number} width bytes
 */
const kindOf = (letter, width) => {
  /** @type {Record<string, string>} */
  const kinds = { b: "bool", i: "int", u: "uint", f: "float", c: "complex" };
  if (letter === "b") return "bool";
  return kinds[letter] ? `${kinds[letter]}${8 * width}` : "text";
};

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of a file of MNIST's
 * @returns {Numbers}
 */
const readIdx = (bytes) => {
  const [first, second, kind, dimensions] = bytes;
  const start = 4 + 4 * dimensions;
  if (first || second || kind !== 8 || !(bytes.length >= start)) throw new Damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = Array.from({ length: dimensions }, (_, at) => view.getUint32(4 + 4 * at));
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length - start < expected) throw new Damaged();
  const plain = bytes.subarray(start, start + expected);
  return { kind: "uint8", sizes, bytes: plain, isFortran: false, isBig: true };
};

/**
 * The set, if it is one.
 * @param {{ images: Numbers, labels: Numbers }} arrays
 * @returns {DigitSet}
 */
const checked = ({ images, labels }) => {
  const [n, high, wide] = images.sizes;
  const is28 = images.sizes.length === 3 && high === SIDE && wide === SIDE;
  if (images.kind !== "uint8" || !is28) throw new SetError(SENTENCES.shape(images));
  const isWhole = /^u?int(8|16|32|64)$/.test(labels.kind);
  if (!isWhole || labels.sizes.length !== 1) throw new SetError(SENTENCES.labels(labels));
  if (n !== labels.sizes[0]) throw new SetError(SENTENCES.unequal(n, labels.sizes[0]));
  if (!n) throw new SetError(SENTENCES.empty);
  const pixels = images.isFortran ? turned(images.bytes, n) : images.bytes;
  return { images: pixels, labels: wholeNumbers(labels) };
};

/**
 * Digits of an array whose first index varies fastest.
 * @param {Uint8Array} bytes
 * @param {number} n
 */
const turned = (bytes, n) =>
  Uint8Array.from({ length: bytes.length }, (_, at) => {
    const [index, pixel] = [Math.floor(at / SIDE ** 2), at % SIDE ** 2];
    return bytes[index + n * (Math.floor(pixel / SIDE) + SIDE * (pixel % SIDE))];
  });

/** @param {Numbers} labels of any whole kind */
const wholeNumbers = ({ kind, sizes, bytes, isBig }) => {
  const [, unsigned, width] = /** @type {RegExpExecArray} */ (/^(u?)int(\d+)$/.exec(kind));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Number(width) / 8;
  /** @param {number} at @returns {number | bigint} */
  const valueAt = (at) => {
    if (size === 8) return unsigned ? view.getBigUint64(at, !isBig) : view.getBigInt64(at, !isBig);
    if (size === 4) return unsigned ? view.getUint32(at, !isBig) : view.getInt32(at, !isBig);
    if (size === 2) return unsigned ? view.getUint16(at, !isBig) : view.getInt16(at, !isBig);
    return unsigned ? view.getUint8(at) : view.getInt8(at);
  };
  return Uint8Array.from({ length: sizes[0] }, (_, index) => {
    const label = valueAt(size * index);
    if (label < 0 || label >= CLASSES) throw new SetError(SENTENCES.range(label));
    return Number(label);
  });
};
