// The visitor's device, as the pad uses it: who votes, the laboratory's view, and the networks beside the voters.

import { Device } from "./device.js";
import { deviceVotes, named, networksBeside, unlike } from "./device_votes.js";
import { pictureOf } from "./paper.js";
import { isFramed } from "./votes_source.js";

/** @typedef {import("./device_messages.js").Files & import("./device_votes.js").Words} DeviceProps */
/** @typedef {import("./device_votes.js").Beside} Beside */
/** @typedef {import("./votes_source.js").VotesSource} VotesSource */
/** @typedef {import("./device_messages.js").Examined} Examined */

/** Sentence on where a drawing goes, by who computes. */
const SENT = {
  server: "The server computes this: what is on the pad is sent to it while you draw.",
  device: "Your device computes this: what you draw is not sent.",
  instead:
    "Your device cannot compute this, so the server does: what is on the pad is sent to it while you draw.",
};

/**
 * Starts the device where the page is seen for the first time: its files are large.
 * @param {HTMLElement} element
 * @param {DeviceProps} props
 * @param {VotesSource} server
 * @param {object} page
 * @param {() => Promise<Beside[] | undefined>} page.askBeside networks that are wanted beside the voters; undefined without an answer
 * @param {() => void} page.changed more networks are there, or are missing, or none are there any more
 * @param {AbortSignal} signal
 */
export const mountDevice = (element, props, server, { askBeside, changed }, signal) => {
  /** @type {Device | null} */
  let device = null;
  /** @type {() => void} */
  let come = () => {};
  const there = new Promise((resolve) => (come = () => resolve(undefined)));
  /** @type {VotesSource} */
  let source = {
    ...server,
    // The server may answer late on a slow line: then the device answers as soon as it is there.
    ask: (...asked) => Promise.race([server.ask(...asked), there.then(() => source.ask(...asked))]),
  };
  let beside = networksBeside({ add() {}, remove() {} });
  let [arrived, total] = [0, 0]; // voters
  let isMissing = false; // some of them could not be loaded

  const underWay = () =>
    arrived < total
      ? ` ${arrived} of ${total} networks have arrived${isMissing ? "; some could not be loaded" : ""}.`
      : "";
  const stop = () => {
    [device, source] = [null, server];
    changed();
  };
  /** Returns whether the wanted networks are known. */
  const followBeside = async () => {
    const mine = device;
    const networks = mine ? await askBeside() : [];
    if (networks && mine === device) beside.set(networks);
    return Boolean(networks);
  };
  const start = () => {
    // Workers know no more than the page does, but only the page can be told in a sentence.
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") return;
    const starting = new Device(
      props,
      {
        arrived: (networks, all) => {
          [arrived, total] = [networks.length, all];
          if (!device) {
            device = starting;
            beside = networksBeside(starting);
            source = deviceVotes(starting, props, beside.readings, server);
            come();
            followBeside();
          }
          changed();
        },
        added: changed,
        failed: stop,
        missing: (name) => {
          if (!beside.miss(name)) isMissing = true;
          changed();
        },
      },
      signal,
    );
  };
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    try {
      start();
    } catch {
      // A browser that forbids workers: the server votes.
    }
  });
  seen.observe(element);
  signal.addEventListener("abort", () => seen.disconnect());

  return {
    /** @returns {VotesSource} who answers now */
    get source() {
      return source;
    },
    followBeside,
    /** @param {import("./votes_source.js").Computer} by */
    sent: (by) => {
      if (by === "device") return SENT.device + underWay();
      return device ? SENT.instead : SENT.server;
    },
    /**
     * The laboratory's view. Rejects where the device cannot answer.
     * @param {import("./votes_source.js").Picture} picture
     * @param {import("./votes_source.js").Lab} lab
     * @returns {Promise<import("./server.js").Answer<import("./laboratory.js").Stages>>}
     */
    examine: async (picture, lab) => {
      if (!device) throw new Error("no device");
      const answer = await device.examine({
        pixels: picture.pixels,
        isDigit: isFramed(picture),
        lab,
      });
      if (answer.kind === "refused") return { error: props.refusals[answer.reason] };
      return stagesOf(props, answer, isFramed(picture) ? "as framed" : "as drawn");
    },
  };
};

/**
 * @param {DeviceProps} props
 * @param {Examined} answer
 * @param {string} source of the picture
 * @returns {import("./laboratory.js").Stages}
 */
const stagesOf = (props, { stages, range, changes, networks, measures }, source) => {
  const sizes = stages.slice(1, 4).map(({ width, height }) => `${width} x ${height} pixels`);
  const captions = [source, ...sizes, range.map((value) => value.toFixed(2)).join(" to ")];
  return {
    stages: stages.map((stage, place) => ({ words: captions[place], picture: pictureOf(stage) })),
    changes,
    networks,
    measures: named(props, measures),
    unlike: unlike(props, measures),
  };
};
