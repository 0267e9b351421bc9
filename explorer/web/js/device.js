// The page's half of the device: starts the worker, and asks it.

/** @typedef {import("./device_messages.js").Files} Files */
/** @typedef {import("./device_messages.js").ToWorker} ToWorker */
/** @typedef {import("./device_messages.js").FromWorker} FromWorker */
/** @typedef {import("./device_messages.js").Picture} Picture */
/** @typedef {import("./device_messages.js").Answered} Answered */
/** @typedef {import("./device_messages.js").Examined} Examined */
/** @typedef {import("./device_messages.js").ReadMany} ReadMany */
/** @typedef {import("./device_messages.js").Refused} Refused */
/**
 * State that the device reports. After `failed` it answers nothing any more.
 * @typedef {object} Listener
 * @property {(networks: number[], total: number) => void} arrived indices of the voters that are there, and how many there will be
 * @property {(name: string) => void} added a network that does not vote is there
 * @property {(reason: string) => void} failed
 * @property {(name: string, reason: string) => void} missing a network that could not be added, or the address of a file that did not come
 */

export class Device {
  #worker;
  #listener;
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  #asked = 0;
  /** @type {string | null} why nothing is answered any more */
  #failure = null;

  /**
   * Starts to load. Where workers, WebAssembly or its SIMD are missing, or a file is, the listener's `failed` says so.
   * @param {Files} files
   * @param {Listener} listener
   * @param {AbortSignal} signal ends the worker
   */
  constructor(files, listener, signal) {
    this.#listener = listener;
    this.#worker = new Worker(new URL("./device_worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#take(data));
    this.#worker.addEventListener("error", ({ message }) => this.#fail(message));
    signal.addEventListener("abort", () => this.#worker.terminate());
    const absolute = (/** @type {string} */ address) => new URL(address, document.baseURI).href;
    // While the worker's code loads; the worker then has them from the cache, and says what is wrong with them.
    const first = files.steps.slice(0, 1).map(({ address }) => address);
    for (const address of [files.module, files.reference, ...first])
      fetch(absolute(address)).catch(() => {});
    this.#tell({
      kind: "open",
      module: absolute(files.module),
      reference: absolute(files.reference),
      steps: files.steps.map((step) => ({ ...step, address: absolute(step.address) })),
    });
  }

  /**
   * Asks the networks about a picture; rejects where the device cannot answer this question.
   * @param {Picture} picture
   * @param {boolean} first one seed of each configuration, for while the pen moves
   * @returns {Promise<Answered | Refused>}
   */
  ask(picture, first) {
    return this.#question((id) => ({ kind: "ask", id, first, ...picture }));
  }

  /**
   * Asks for the laboratory's view of a picture.
   * @param {Picture} picture
   * @returns {Promise<Examined | Refused>}
   */
  examine(picture) {
    return this.#question((id) => ({ kind: "examine", id, ...picture }));
  }

  /**
   * Readings of the voters of digits as they are. While a worker reads it answers nothing else: ask for few at a time.
   * @param {Uint8Array} digits 784 grey levels each
   * @param {boolean} first one seed of each configuration
   * @returns {Promise<ReadMany>}
   */
  read(digits, first) {
    return this.#question((id) => ({ kind: "read", id, first, digits }));
  }

  /**
   * Adds a network that does not vote.
   * @param {string} name
   * @param {string | Uint8Array} weights an address relative to the page, or a file
   */
  add(name, weights) {
    const address = typeof weights === "string" ? new URL(weights, document.baseURI).href : weights;
    this.#tell({ kind: "add", name, weights: address });
  }

  /** @param {string} name */
  remove(name) {
    this.#tell({ kind: "remove", name });
  }

  /** @param {ToWorker} message */
  #tell(message) {
    this.#worker.postMessage(message);
  }

  /** @param {(id: number) => ToWorker} message */
  #question(message) {
    const id = this.#asked++;
    if (this.#failure) return Promise.reject(new Error(this.#failure));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#tell(message(id));
    });
  }

  /** @param {FromWorker} message */
  #take(message) {
    if (message.kind === "arrived") this.#listener.arrived(message.networks, message.total);
    else if (message.kind === "added") this.#listener.added(message.name);
    else if (message.kind === "failed") this.#failed(message);
    else if ("id" in message) {
      this.#waiting.get(message.id)?.resolve(message);
      this.#waiting.delete(message.id);
    }
  }

  /** @param {import("./device_messages.js").Failed} message */
  #failed({ id, name, reason }) {
    if (name !== undefined) this.#listener.missing(name, reason);
    else if (id === undefined) this.#fail(reason);
    else {
      this.#waiting.get(id)?.reject(new Error(reason));
      this.#waiting.delete(id);
    }
  }

  /** @param {string} reason */
  #fail(reason) {
    this.#failure = reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
    this.#listener.failed(reason);
  }
}
