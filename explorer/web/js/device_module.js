// The WebAssembly module of the device (explorer/web/device/device.c): its memory, and one picture and one network at a time.

/** @typedef {import("./device_messages.js").Picture} Picture */
/** @typedef {import("./device_messages.js").Placement} Placement */
/**
 * Exports of device.c, which says what they do; numbers are addresses where they are no quantities.
 * @typedef {{ memory: WebAssembly.Memory, __heap_base: WebAssembly.Global } & Record<string, (...values: number[]) => number>} Exports
 */

const FIELD = 28; // pixels a side of a digit
const SENT = 112; // of a drawing
const OUTCOMES = /** @type {const} */ ([null, "blank", "full", "thin"]);
const CLASSES = 10;
const MEASURES = 5;
const PAGE = 65536; // bytes of memory that WebAssembly adds at once

export class Module {
  #c;
  #top;
  /** @type {Map<number, number>} bytes of the networks, by address */
  #sizes = new Map();
  /** @type {number[]} addresses that were given back */
  #free = [];
  /** Mean and standard deviation that the networks' input is normalised by. */
  input = { mean: 0, deviation: 1 };

  /** @param {WebAssembly.Instance} instance */
  constructor({ exports }) {
    this.#c = /** @type {Exports} */ (exports);
    this.#top = Math.ceil(this.#c.__heap_base.value / 16) * 16;
  }

  /**
   * Rejects where WebAssembly or its 128-bit SIMD is missing.
   * @param {BufferSource} bytes
   */
  static async of(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes);
    return new Module(instance);
  }

  get memoryBytes() {
    return this.#c.memory.buffer.byteLength;
  }

  /** @param {number} address @param {number} length */
  #bytes(address, length) {
    return new Uint8Array(this.#c.memory.buffer, address, length);
  }

  /** @param {number} address @param {number} length */
  #floats(address, length) {
    return new Float32Array(this.#c.memory.buffer, address, length);
  }

  /**
   * Frames a picture as the digit; a digit of MNIST's stays as it is while every step is on.
   * @param {Picture} picture
   * @param {string[]} off steps that are off
   * @param {boolean} always frame it anyway
   * @returns {"blank" | "full" | "thin" | null} why there is no digit
   */
  frame({ pixels, isDigit }, off, always = false) {
    const side = isDigit ? FIELD : SENT;
    if (pixels.length !== side * side) throw new RangeError(`a picture of ${pixels.length} pixels`);
    this.#bytes(this.#c.picture(), pixels.length).set(pixels);
    const [box, smooth, centre] = ["box", "smooth", "centre"].map((step) => !off.includes(step));
    if (isDigit && box && smooth && centre && !always) {
      this.#bytes(this.#c.digit(), pixels.length).set(pixels);
      return null;
    }
    return OUTCOMES[this.#c.frame(side, Number(box), Number(smooth), Number(centre))];
  }

  /** @returns {Placement} of the last drawing that was framed */
  get placement() {
    const [top, left, height, width, ...rest] = new Int32Array(
      this.#c.memory.buffer,
      this.#c.placement(),
      8,
    );
    const [high, wide, y, x] = rest;
    return { crop: [top, left, height, width], size: [high, wide], corner: [y, x] };
  }

  /** @returns {Uint8Array} a copy of the digit before the sliders */
  get digit() {
    return this.#bytes(this.#c.digit(), FIELD * FIELD).slice();
  }

  /**
   * Stages of the last drawing that was framed: ink, crop and resized crop.
   * @param {number} side of the picture
   */
  stages(side) {
    const { crop, size } = this.placement;
    const [top, left, height, width] = crop;
    const ink = Uint8Array.from(this.#floats(this.#c.ink(), side * side), roundToEven);
    const cropped = new Uint8Array(height * width);
    for (let y = 0; y < height; y++) {
      const start = (top + y) * side + left;
      cropped.set(ink.subarray(start, start + width), y * width);
    }
    const [high, wide] = size;
    const fitted = this.#bytes(this.#c.fitted(), high * wide).slice();
    return [
      { height: side, width: side, pixels: ink },
      { height, width, pixels: cropped },
      { height: high, width: wide, pixels: fitted },
    ];
  }

  /**
   * Applies the sliders to the digit.
   * @param {Record<string, number>} sliders those that differ from neutral
   * @returns {Uint8Array} a copy of the digit that is seen
   */
  slide({ right = 0, down = 0, contrast = 1, noise = 0 }) {
    this.#c.slide(right, down, contrast, noise);
    return this.#bytes(this.#c.seen(), FIELD * FIELD).slice();
  }

  /** @param {Float32Array} noise of deviation 1 */
  learnNoise(noise) {
    this.#floats(this.#c.normals(), noise.length).set(noise);
  }

  /**
   * @param {Float32Array} mean
   * @param {Uint8Array} components float16
   */
  learnDigits(mean, components) {
    this.#floats(this.#c.mean_digit(), mean.length).set(mean);
    this.#bytes(this.#c.file(), components.length).set(components);
    this.#c.take_components();
  }

  /** @returns {number[]} ink, stroke, offset, reconstruction error and loose ink of the digit that is seen */
  measure() {
    this.#c.measure();
    return [...this.#floats(this.#c.measures(), MEASURES)];
  }

  /**
   * Keeps the networks of a file of weights. Throws where the file is not one that the module reads.
   * @param {Uint8Array} file
   * @returns {number[]} their addresses
   */
  keep(file) {
    const head = this.#c.header_size();
    this.#bytes(this.#c.file(), head).set(file.subarray(0, head));
    const [mean, deviation] = this.#floats(this.#c.file() + 8, 2);
    const record = this.#c.record_size();
    const count = record && (file.length - head) / record;
    if (!count || !Number.isInteger(count) || head + record > this.#c.file_size())
      throw new RangeError("no file of weights that this module reads");
    this.input = { mean, deviation };
    return Array.from({ length: count }, (_, index) => {
      const start = head + index * record;
      const address = this.#allocate(this.#c.network_size());
      this.#bytes(this.#c.file() + head, record).set(file.subarray(start, start + record));
      this.#c.decode(address);
      return address;
    });
  }

  /** @param {number} size */
  #allocate(size) {
    const place = this.#free.findIndex((address) => this.#sizes.get(address) === size);
    if (place >= 0) return this.#free.splice(place, 1)[0];
    const address = this.#top;
    this.#top += Math.ceil(size / 16) * 16;
    const missing = this.#top - this.memoryBytes;
    if (missing > 0) this.#c.memory.grow(Math.ceil(missing / PAGE));
    this.#sizes.set(address, size);
    return address;
  }

  /**
   * Gives back the memory of a network.
   * @param {number} address
   */
  release(address) {
    this.#free.push(address);
  }

  /**
   * Probabilities of the digit that is seen.
   * @param {number} network its address
   * @param {boolean} isRaw without the normalisation of the input
   * @param {Float32Array} probs is filled with ten numbers
   */
  read(network, isRaw, probs) {
    this.#c.read(network, Number(isRaw));
    const logits = this.#floats(this.#c.logits(), CLASSES);
    const largest = Math.max(...logits);
    let sum = 0;
    for (let digit = 0; digit < CLASSES; digit++)
      sum += probs[digit] = Math.exp(logits[digit] - largest);
    for (let digit = 0; digit < CLASSES; digit++) probs[digit] /= sum;
  }
}

/**
 * Grey level of ink from 0 to 1, rounded as NumPy rounds.
 * @param {number} ink
 */
const roundToEven = (ink) => {
  const level = Math.fround(255 * ink);
  const whole = Math.floor(level);
  return level - whole === 0.5 ? whole + (whole % 2) : Math.round(level);
};
