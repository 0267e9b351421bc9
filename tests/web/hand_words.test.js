// Sentences on a test of the visitor's hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HandTest } from "../../explorer/web/js/hand_test.js";
import {
  configurationTable,
  digitTable,
  dividing,
  look,
  normScore,
  normsDiffer,
  task,
  unread,
} from "../../explorer/web/js/hand_words.js";
import { wilson } from "../../explorer/web/js/set_scores.js";

/**
 * @param {number} label
 * @param {number} read of 100 networks
 */
const digit = (label, read, other = null, below = 50) => ({
  label,
  all: { read, networks: 100 },
  norms: new Map([["GN", { read, networks: 100 }]]),
  other,
  strange: below === null ? null : { value: 27.25, unit: "grey levels", below },
});
/** @param {ReturnType<typeof digit>[]} digits */
const score = (digits, pairs = []) => ({
  n: digits.length,
  networks: 100,
  digits,
  pairs,
  settings: 16,
  norms: [{ name: "GN", norm: "GN", networks: 100, share: 0.94, interval: wilson(0.94, 10) }],
  configurations: [
    { name: "GN, batch 16", norm: "GN", networks: 5, share: 0.9, interval: wilson(0.9, 10) },
    { name: "GN, batch 32", norm: "GN", networks: 5, share: 1, interval: wilson(1, 10) },
  ],
});
/** @param {number} differing */
const pair = (differing, p = 1, norms = ["BN", "GN"], shares = [0.9, 0.94]) => ({
  norms,
  shares,
  differing,
  p,
});
const ten = Array.from({ length: 10 }, (_, label) => digit(label, 100));

test("the task names its place and the digit", () => {
  const hand = new HandTest("10");
  hand.asked = [7, 8];
  assert.deepEqual(task(hand), { progress: "1 of 2", wish: "draw a 7" });
  hand.confirm({ label: 7, strokes: [] });
  assert.deepEqual(task(hand), { progress: "2 of 2", wish: "draw an 8" });
  assert.deepEqual(task(new HandTest("free")), { progress: "Digit 1", wish: "draw any digit" });
});

test("a norm's score says how little ten digits tell", () => {
  assert.equal(
    normScore(score(ten).norms[0], 10),
    "Of 10 digits GN read 9.4 on average; with other digits of your hand between 64 % and 99 %.",
  );
});

test("digits that divided the networks are named with what the rest read", () => {
  assert.match(dividing(score(ten)), /^No digit divided/);
  const some = [digit(4, 62, { digit: 9, networks: 30 }), digit(7, 50), digit(1, 91)];
  assert.equal(
    dividing(score(some)),
    "Divided the networks: your 4 (62 % read it, 30 % read 9) and your 7 (50 % read it).",
  );
});

test("a digit that comes twice is named with its place", () => {
  const some = [digit(4, 100), digit(4, 0, { digit: 9, networks: 60 })];
  assert.equal(unread(score(some)), "Nobody read your 4 (digit 2; most read 9).");
  assert.equal(unread(score(ten)), "Each digit was read by some network.");
});

test("the look of digits is their median and the strangest", () => {
  const some = [digit(1, 100, null, 20), digit(2, 100, null, 99.44), digit(3, 100, null, 60)];
  assert.equal(
    look(score(some)),
    "By PCA reconstruction error the median of your digits is stranger than 60 % of MNIST's; the strangest, your 2, than 99.4 %.",
  );
  assert.equal(look(score([digit(1, 1, null, null)])), "");
});

test("whether norms differ is said with what the test can show", () => {
  assert.equal(normsDiffer(score(ten)), "");
  const three = (...differing) =>
    [
      ["BN", "GN"],
      ["BN", "LN"],
      ["GN", "LN"],
    ].map((norms, at) => pair(differing[at], 0.75, norms));
  assert.match(normsDiffer(score(ten, three(0, 0, 0))), /read your 10 digits alike/);
  assert.match(
    normsDiffer(score(ten, three(3, 2, 0))),
    /^The norms are not shown to differ\..* of 10 they differ: BN and GN on 3, BN and LN on 2 and GN and LN on 0 \(exact paired test; with fewer than 7 nothing can be shown\)\.$/,
  );
  assert.match(normsDiffer(score(ten, three(8, 2, 0))), /the smallest p is 0\.75/);
  const [first, ...rest] = three(9, 2, 1);
  assert.equal(
    normsDiffer(score(ten, [{ ...first, p: 0.012 }, ...rest])),
    "The norms differ on your digits: at the 16 settings of penalty and batch size that all norms have, GN read more than BN (9.4 against 9.0; they differ on 9 digits, p = 0.012). Exact paired test, corrected for 3 pairs.",
  );
});

test("tables have a row for each configuration, the best first, and for each digit", () => {
  assert.deepEqual(configurationTable(score(ten)).data[0].slice(0, 3), ["GN, batch 32", 5, "10.0"]);
  const { headers, data } = digitTable(score([digit(4, 62, { digit: 9, networks: 30 })]));
  assert.equal(headers.length, data[0].length);
  assert.deepEqual(data[0], [4, "62 of 100", "62 of 100", "9 (30)", "27.3", "50.0 %"]);
});
