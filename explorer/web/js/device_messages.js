// Messages between a page and the worker that computes the networks' votes on the visitor's device. Types only: nothing imports it at run time.

/** @typedef {import("./laboratory.js").Settings} Settings */

/**
 * Files of the device, as the server names them in the page's props; addresses are relative to the page, and their contents never change.
 * @typedef {object} Files
 * @property {string} module the WebAssembly module
 * @property {string} reference noise of the laboratory, and statistics of MNIST's training digits for the badge
 * @property {Step[]} steps weights of the voters, to be loaded in this order
 */
/**
 * Weights of some voters: the first steps have one seed of every configuration, the later ones the other seeds.
 * @typedef {object} Step
 * @property {string} address
 * @property {number[]} networks their indices in the page's list of voters
 * @property {boolean} first whether they vote while the pen moves
 */

/**
 * The first message: loads the module, the reference and the weights of the first step, then the other steps. `Arrived` follows each step, or `Failed`.
 * @typedef {{ kind: "open" } & Files} Open addresses are absolute here
 */
/**
 * Adds a network that does not vote, by the address of its weights or by the file's bytes. `Added` follows, or `Failed`.
 * @typedef {{ kind: "add", name: string, weights: string | Uint8Array }} Add
 */
/** @typedef {{ kind: "remove", name: string }} Remove */
/**
 * A picture: a drawing of 112 x 112 grey levels, paper 0 and full ink 255, or an image of MNIST's test set, 28 x 28.
 * @typedef {{ pixels: Uint8Array, isDigit: boolean, lab: Settings | null }} Picture
 */
/**
 * Asks the networks about a picture. With `first`, one seed of each configuration; else all voters that have arrived, and the added networks.
 * @typedef {{ kind: "ask", id: number, first: boolean } & Picture} Ask
 */
/**
 * Asks for the laboratory's view of a picture: the stages of its preparation, and how many voters each step changes.
 * @typedef {{ kind: "examine", id: number } & Picture} Examine
 */
/**
 * Asks what voters read in several digits as they are, 784 grey levels each. With `first`, one seed of each configuration.
 * @typedef {{ kind: "read", id: number, first: boolean, digits: Uint8Array }} Read
 */
/** @typedef {Open | Add | Remove | Ask | Examine | Read} ToWorker */

/**
 * Placement of a drawing in the digit, in whole pixels.
 * @typedef {object} Placement
 * @property {[top: number, left: number, height: number, width: number]} crop in the picture
 * @property {[height: number, width: number]} size the crop is resized to
 * @property {[top: number, left: number]} corner of the resized crop, without its empty edges, in the digit
 */
/**
 * A measure of a digit, in the order of `typicality.MEASURES`.
 * @typedef {object} Measured
 * @property {number} value
 * @property {number} below percent of MNIST's training digits with a smaller value
 * @property {-1 | 0 | 1} unusual -1 for an unusually small value, 1 for a large one
 */
/**
 * Milliseconds in the worker.
 * @typedef {{ framing: number, badge: number, networks: number }} Times
 */
/**
 * @typedef {object} Answered
 * @property {"answer"} kind
 * @property {number} id
 * @property {Uint8Array} seen the 784 grey levels of the digit that the networks read, after the sliders
 * @property {Placement | null} placement null for a digit of MNIST that needed no framing
 * @property {Measured[]} measures of the digit that is seen
 * @property {number[]} networks indices of the voters that answered, ascending
 * @property {Float32Array} probs ten probabilities for each of them
 * @property {{ name: string, probs: Float32Array }[]} added what the added networks read; empty with `first`
 * @property {Times} times
 */
/**
 * @typedef {object} Examined
 * @property {"examined"} kind
 * @property {number} id
 * @property {{ height: number, width: number, pixels: Uint8Array }[]} stages ink, crop, resized crop, digit before the sliders, the networks' input as grey levels
 * @property {[low: number, high: number]} range of the networks' input
 * @property {Record<string, number | null>} changes voters whose answer changes without a step, by step; null where nothing is left
 * @property {Measured[]} measures
 * @property {number} networks voters that have arrived
 */
/**
 * A picture without a readable digit, for a sentence to the visitor: `blank`, nearly all ink (`full`), or strokes that vanish (`thin`).
 * @typedef {{ kind: "refused", id: number, reason: "blank" | "full" | "thin" }} Refused
 */
/**
 * Readings of the voters of n digits.
 * @typedef {object} ReadMany
 * @property {"read"} kind
 * @property {number} id
 * @property {number[]} networks indices of the voters that read, ascending
 * @property {Uint8Array} answers n digits of each of them
 */
/** @typedef {{ kind: "arrived", networks: number[], total: number }} Arrived all voters that are there, and how many have files */
/** @typedef {{ kind: "added", name: string }} Added */
/**
 * With an `id`, that question is not answered. With a `name`, that network, or the file of that address, did not come, and the
 * others go on. Else the device cannot start, and the page asks the server from now on.
 * @typedef {{ kind: "failed", id?: number, name?: string, reason: string }} Failed
 */
/** @typedef {Answered | Examined | ReadMany | Refused | Arrived | Added | Failed} FromWorker */

export {};
