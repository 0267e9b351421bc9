// What the worker of the device does, without the worker: answers the messages of a page. Runs in Node too.

import { Module } from "./device_module.js";
import { readSafetensors } from "./safetensors.js";

/** @typedef {import("./device_messages.js").ToWorker} ToWorker */
/** @typedef {import("./device_messages.js").FromWorker} FromWorker */
/** @typedef {import("./device_messages.js").Open} Open */
/** @typedef {import("./device_messages.js").Add} Add */
/** @typedef {import("./device_messages.js").Ask} Ask */
/** @typedef {import("./device_messages.js").Examine} Examine */
/** @typedef {import("./device_messages.js").Read} Read */
/** @typedef {import("./device_messages.js").Picture} Picture */
/** @typedef {import("./device_messages.js").Measured} Measured */
/** @typedef {{ address: number, index: number, first: boolean }} Voter a network in memory, its index in the page's list */
/** @typedef {{ usual: Float32Array, quantiles: Float32Array }} Ranges of the measures: lowest and highest, and evenly spaced quantiles */

const CLASSES = 10;
const SENT = 112;
const FIELD = 28;
const STEPS = ["box", "smooth", "centre", "normalise"];
const SLIDERS = ["right", "down", "contrast", "noise"]; // the server has more

export class Core {
  /** @type {Module | null} */
  #module = null;
  /** @type {Voter[]} by index */
  #voters = [];
  #total = 0; // voters that have files
  /** @type {Map<string, number>} addresses by name */
  #added = new Map();
  /** @type {Set<string>} names of networks that are there or on their way */
  #wanted = new Set();
  /** @type {Ranges} */
  #ranges = { usual: new Float32Array(), quantiles: new Float32Array() };
  #load;
  #post;

  /**
   * @param {(address: string) => Promise<Uint8Array<ArrayBuffer>>} load gets a file
   * @param {(message: FromWorker) => void} post
   */
  constructor(load, post) {
    this.#load = load;
    this.#post = post;
  }

  get memoryBytes() {
    return this.#module?.memoryBytes ?? 0;
  }

  /**
   * Takes a message of the page; what goes wrong is posted, never thrown.
   * @param {ToWorker} message
   */
  async take(message) {
    try {
      if (message.kind === "open") await this.#open(message);
      else if (message.kind === "add") await this.#add(message);
      else if (message.kind === "remove") {
        this.#wanted.delete(message.name);
        this.#release(message.name);
      } else if (message.kind === "ask") this.#post(this.#answer(message));
      else if (message.kind === "read") this.#post(this.#readMany(message));
      else this.#post(this.#examine(message));
    } catch (error) {
      const { id, name } = /** @type {{ id?: number, name?: string }} */ (message);
      this.#post({ kind: "failed", id, name, reason: String(error) });
    }
  }

  get #loaded() {
    if (!this.#module) throw new Error("the module is not there yet");
    return this.#module;
  }

  /** The module, once there are networks to ask. */
  get #ready() {
    if (this.#total && !this.#voters.length) throw new Error("no weights are there yet");
    return this.#loaded;
  }

  /** @param {Open} files */
  async #open({ module, reference, steps }) {
    this.#total = steps.reduce((sum, { networks }) => sum + networks.length, 0);
    const [first, ...later] = steps;
    const files = [module, reference, ...(first ? [first.address] : [])];
    const [code, numbers, weights] = await Promise.all(files.map((address) => this.#load(address)));
    this.#module = await Module.of(code);
    this.#learn(numbers);
    if (first) this.#vote(weights, first);
    for (const step of later) await this.#follow(step);
  }

  /**
   * Takes a step without which the others go on.
   * @param {import("./device_messages.js").Step} step
   */
  async #follow(step) {
    try {
      this.#vote(await this.#load(step.address), step);
    } catch (error) {
      this.#post({ kind: "failed", name: step.address, reason: String(error) });
    }
  }

  /**
   * @param {Uint8Array} file of weights
   * @param {import("./device_messages.js").Step} step
   */
  #vote(file, { networks, first }) {
    const voters = this.#loaded
      .keep(file)
      .map((address, place) => ({ address, index: networks[place], first }));
    this.#voters = [...this.#voters, ...voters].sort((a, b) => a.index - b.index);
    const arrived = this.#voters.map(({ index }) => index);
    this.#post({ kind: "arrived", networks: arrived, total: this.#total });
  }

  /** @param {Uint8Array} file of safetensors */
  #learn(file) {
    const tensor = readSafetensors(file);
    const floats = (/** @type {string} */ name) => new Float32Array(tensor(name).buffer);
    this.#loaded.learnNoise(floats("noise"));
    this.#loaded.learnDigits(floats("mean"), tensor("components"));
    this.#ranges = { usual: floats("usual"), quantiles: floats("quantiles") };
  }

  /** @param {Add} message */
  async #add({ name, weights }) {
    this.#wanted.add(name);
    const file = typeof weights === "string" ? await this.#load(weights) : weights;
    if (!this.#wanted.has(name)) return; // it was removed meanwhile
    this.#release(name);
    const [address] = this.#loaded.keep(file);
    this.#added.set(name, address);
    this.#post({ kind: "added", name });
  }

  /** @param {string} name */
  #release(name) {
    const address = this.#added.get(name);
    this.#added.delete(name);
    if (address) this.#loaded.release(address);
  }

  /**
   * @param {Ask} message
   * @returns {FromWorker}
   */
  #answer({ id, first, ...picture }) {
    const module = this.#ready;
    const { off, sliders } = settings(picture);
    const begun = performance.now();
    const reason = module.frame(picture, off);
    if (reason) return { kind: "refused", id, reason };
    const seen = module.slide(sliders);
    const placement = picture.isDigit && !isReframed(off) ? null : module.placement;
    const framed = performance.now();
    const measures = this.#measures();
    const measured = performance.now();
    const isRaw = off.includes("normalise");
    const voters = this.#asked(first);
    const probs = this.#probs(
      voters.map(({ address }) => address),
      isRaw,
    );
    const addresses = first ? [] : [...this.#added.values()];
    const others = this.#probs(addresses, isRaw);
    const added = [...this.#added.keys()].slice(0, addresses.length).map((name, place) => ({
      name,
      probs: others.slice(CLASSES * place, CLASSES * (place + 1)),
    }));
    const times = {
      framing: framed - begun,
      badge: measured - framed,
      networks: performance.now() - measured,
    };
    return {
      kind: "answer",
      id,
      seen,
      placement,
      measures,
      networks: voters.map(({ index }) => index),
      probs,
      added,
      times,
    };
  }

  /** @param {boolean} first one seed of each configuration */
  #asked(first) {
    return first ? this.#voters.filter((voter) => voter.first) : this.#voters;
  }

  /**
   * @param {Read} message
   * @returns {FromWorker}
   */
  #readMany({ id, first, digits }) {
    const module = this.#ready;
    const voters = this.#asked(first);
    const addresses = voters.map(({ address }) => address);
    const count = digits.length / FIELD ** 2;
    const answers = new Uint8Array(count * voters.length);
    for (let index = 0; index < count; index++) {
      const pixels = digits.subarray(FIELD ** 2 * index, FIELD ** 2 * (index + 1));
      module.frame({ pixels, isDigit: true, lab: null }, []);
      module.slide({});
      digitsOf(this.#probs(addresses, false)).forEach((digit, place) => {
        answers[count * place + index] = digit;
      });
    }
    return { kind: "read", id, networks: voters.map(({ index }) => index), answers };
  }

  /**
   * @param {number[]} networks addresses
   * @param {boolean} isRaw
   */
  #probs(networks, isRaw) {
    const probs = new Float32Array(CLASSES * networks.length);
    networks.forEach((address, place) =>
      this.#ready.read(address, isRaw, probs.subarray(CLASSES * place, CLASSES * (place + 1))),
    );
    return probs;
  }

  /** @returns {Measured[]} of the digit that is seen */
  #measures() {
    const { usual, quantiles: all } = this.#ranges;
    return this.#ready.measure().map((value, place) => {
      const [low, high] = usual.subarray(2 * place, 2 * place + 2);
      const count = (2 * all.length) / usual.length;
      const quantiles = all.subarray(count * place, count * (place + 1));
      return {
        value,
        below: 100 * shareBelow(value, quantiles),
        unusual: value > high ? 1 : value < low ? -1 : 0,
      };
    });
  }

  /**
   * @param {Examine} message
   * @returns {FromWorker}
   */
  #examine({ id, ...picture }) {
    const module = this.#ready;
    const { off, sliders } = settings(picture);
    const changes = this.#changes(picture);
    const reason = module.frame(picture, off);
    if (reason) return { kind: "refused", id, reason };
    module.slide(sliders);
    const measures = this.#measures();
    module.frame(picture, off, true); // a digit of MNIST's too: its stages are shown
    const { digit, input } = module;
    const side = picture.isDigit ? FIELD : SENT;
    const { mean, deviation } = off.includes("normalise") ? { mean: 0, deviation: 1 } : input;
    const valueOf = (/** @type {number} */ level) => (level / 255 - mean) / deviation;
    const full = (1 - input.mean) / input.deviation; // the value of full ink is white, 0 mid-grey
    const greyOf = (/** @type {number} */ level) => 127.5 + (127.5 * valueOf(level)) / full;
    const shape = { height: FIELD, width: FIELD };
    const stages = [
      ...module.stages(side),
      { ...shape, pixels: digit },
      { ...shape, pixels: Uint8Array.from(Uint8ClampedArray.from(digit, greyOf)) },
    ];
    const [low, high] = [Math.min(...digit), Math.max(...digit)].map(valueOf);
    return {
      kind: "examined",
      id,
      stages,
      range: [low, high],
      changes,
      measures,
      networks: this.#voters.length,
    };
  }

  /**
   * Voters whose answer changes without a step, by step; the sliders stay out of it.
   * @param {Picture} picture
   */
  #changes(picture) {
    const addresses = this.#voters.map(({ address }) => address);
    const read = (/** @type {string[]} */ off) => {
      if (this.#ready.frame(picture, off)) return null;
      this.#ready.slide({});
      return digitsOf(this.#probs(addresses, off.includes("normalise")));
    };
    const usual = read([]);
    /** @type {Record<string, number | null>} */
    const changes = {};
    for (const step of STEPS) {
      const without = usual && read([step]);
      changes[step] = without && without.filter((digit, place) => digit !== usual?.[place]).length;
    }
    return changes;
  }
}

/**
 * @param {Picture} picture
 * @returns {import("./laboratory.js").Settings}
 */
const settings = ({ lab }) => {
  const other = Object.keys(lab?.sliders ?? {}).find((name) => !SLIDERS.includes(name));
  if (other) throw new Error(`only the server has a slider ${other}`);
  return lab ?? { off: [], sliders: {} };
};

/** @param {string[]} off */
const isReframed = (off) => off.some((step) => step !== "normalise");

/**
 * The most probable digit of every network.
 * @param {Float32Array} probs
 */
export const digitsOf = (probs) =>
  Array.from({ length: probs.length / CLASSES }, (_, network) => {
    const row = probs.subarray(CLASSES * network, CLASSES * (network + 1));
    return row.indexOf(Math.max(...row));
  });

/**
 * Share of a distribution below a value, between its evenly spaced quantiles.
 * @param {number} value
 * @param {Float32Array} quantiles ascending
 */
export const shareBelow = (value, quantiles) => {
  const last = quantiles.length - 1;
  if (value <= quantiles[0]) return 0;
  if (value >= quantiles[last]) return 1;
  const above = quantiles.findIndex((quantile) => quantile > value);
  const [low, high] = [quantiles[above - 1], quantiles[above]];
  return (above - 1 + (value - low) / (high - low)) / last;
};
