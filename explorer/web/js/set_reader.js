// Reading a set of digits by the voters on the visitor's device, a few digits at a time.

/** @typedef {import("./digit_sets.js").DigitSet} DigitSet */
/** @typedef {{ networks: number[], correct: Uint32Array }} Counted indices of the voters, and the digits that each of them reads */
/** @typedef {(digits: Uint8Array, first: boolean) => Promise<{ networks: number[], answers: Uint8Array }>} Read */

const PIXELS = 784;
const TURN = 200; // ms that a message to the device is to take: so often progress is shown, and so soon Cancel acts
const MOST = 200; // digits of a message

/**
 * Number of digits of a set that each voter reads; null where `signal` is aborted first. Rejects where the device cannot read.
 * @param {DigitSet} set
 * @param {boolean} first only one seed of each configuration reads
 * @param {Read} read
 * @param {(done: number) => void} progress is called with the digits that were read
 * @param {AbortSignal} signal
 * @returns {Promise<Counted | null>}
 */
export const countRead = async ({ images, labels }, first, read, progress, signal) => {
  /** @type {Counted | null} */
  let counted = null;
  let size = 1;
  for (let start = 0; start < labels.length;) {
    const end = Math.min(start + size, labels.length);
    const begun = performance.now();
    const { networks, answers } = await read(images.slice(PIXELS * start, PIXELS * end), first);
    if (signal.aborted) return null;
    counted ??= { networks, correct: new Uint32Array(networks.length) };
    for (let place = 0; place < networks.length; place++)
      for (let at = start; at < end; at++)
        counted.correct[place] += Number(
          answers[(end - start) * place + at - start] === labels[at],
        );
    const took = Math.max(1, performance.now() - begun);
    size = Math.max(
      1,
      Math.min(MOST, 2 * (end - start), Math.round(((end - start) * TURN) / took)),
    );
    start = end;
    progress(end);
  }
  return counted;
};
