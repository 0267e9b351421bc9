// The worker that computes the networks' votes on the visitor's device, so that the pen never waits for them.

import { Core } from "./device_core.js";
import "./device_module.js"; // named here, so that they load at the same time as the core, which imports them
import "./safetensors.js";

/** @typedef {import("./device_messages.js").ToWorker} ToWorker */
/** @typedef {import("./device_messages.js").FromWorker} FromWorker */

/** @param {string} address */
const load = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

const core = new Core(load, (message) => postMessage(message));
addEventListener("message", ({ data }) => core.take(/** @type {ToWorker} */ (data)));
