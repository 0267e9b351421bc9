// The visit: the secret under which the server keeps what this page trained or loaded. It outlives a reload.

import { keep, kept } from "./kept.js";

const made = [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");

export const visit = kept("visit") || made;
keep("visit", visit);
