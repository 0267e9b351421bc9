// A test of the visitor's hand: the digits that it asks for, in which order, and what was drawn for each.

import { DIGITS } from "./tally.js";

/** @typedef {"10" | "20" | "free"} Kind how many digits are asked for; in a free test the visitor says which digit is meant */
/** @typedef {import("./strokes.js").Stroke} Stroke */
/** @typedef {import("./votes_source.js").Poll} Poll */
/** @typedef {import("./votes_source.js").Picture} Picture */
/** @typedef {{ label: number, strokes: Stroke[], picture: Picture, poll: Poll }} Drawn a digit that is confirmed; its poll is of all networks that were there */

/** @type {Kind[]} */
export const KINDS = ["10", "20", "free"];
export const MOST = 100; // digits of a free test

/**
 * @param {string | null} text
 * @returns {Kind | null} the kind of that name
 */
export const kindOf = (text) => KINDS.find((kind) => kind === text) ?? null;

/**
 * Every digit equally often in random order, none twice in a row; empty for a free test.
 * @param {Kind} kind
 * @param {() => number} random from 0 to 1, without 1
 * @returns {number[]}
 */
export const order = (kind, random = Math.random) => {
  /** @type {number[]} */
  const asked = [];
  while (asked.length < (Number(kind) || 0)) {
    const ten = shuffled(random);
    if (ten[0] !== asked.at(-1)) asked.push(...ten);
  }
  return asked;
};

/** @param {() => number} random */
const shuffled = (random) => {
  const ten = [...Array(DIGITS).keys()];
  for (let last = DIGITS - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [ten[last], ten[other]] = [ten[other], ten[last]];
  }
  return ten;
};

export class HandTest {
  /** @type {(Drawn | undefined)[]} by place */
  #drawn = [];
  /** @type {Stroke[][]} what is on the paper, or was, by place */
  #strokes = [];
  #at = 0;
  #isFinished = false;

  /**
   * @param {Kind} kind
   * @param {() => number} [random]
   */
  constructor(kind, random) {
    this.kind = kind;
    this.asked = order(kind, random);
  }

  get isFree() {
    return this.kind === "free";
  }

  /** The place of the digit that is being drawn, from 0. */
  get at() {
    return this.#at;
  }

  /** The digit that is asked for; null in a free test. */
  get digit() {
    return this.asked[this.#at] ?? null;
  }

  /** Drawing that was here before. */
  get strokes() {
    return this.#strokes[this.#at] ?? [];
  }

  /** Confirmed digits, as they were asked for. */
  get drawn() {
    return this.#drawn.flatMap((drawn) => drawn ?? []);
  }

  get isFinished() {
    return this.#isFinished;
  }

  get canGoBack() {
    return this.#at > 0 && !this.#isFinished;
  }

  /** Keeps what is on the paper, for who comes back to it. @param {Stroke[]} strokes */
  keep(strokes) {
    this.#strokes[this.#at] = strokes;
  }

  /** Confirms the digit and goes on. @param {Drawn} drawn */
  confirm(drawn) {
    this.keep(drawn.strokes);
    this.#drawn[this.#at++] = drawn;
    this.#isFinished = this.#at === (this.isFree ? MOST : this.asked.length);
  }

  back() {
    if (this.canGoBack) this.#at--;
  }

  /** Ends a free test with what is confirmed. */
  finish() {
    if (this.isFree && this.drawn.length) this.#isFinished = true;
  }

  /**
   * Takes a poll of more networks for a confirmed digit.
   * @param {number} place among the confirmed ones
   * @param {Poll} poll
   */
  renew(place, poll) {
    const drawn = this.#drawn[place];
    if (drawn) this.#drawn[place] = { ...drawn, poll };
  }
}
