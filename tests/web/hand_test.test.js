// The test of the visitor's hand: its order, going on and back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HandTest, kindOf, MOST, order } from "../../explorer/web/js/hand_test.js";

const poll = { voters: [], probs: new Float32Array(), seen: new Uint8Array(784) };
const picture = { pixels: new Uint8Array(), image: null };
/** @param {number} label */
const drawn = (label, strokes = [{ width: 20, points: [[label, label]] }]) => ({
  label,
  strokes,
  picture,
  poll,
});

/** A repeatable generator of numbers from 0 to 1 (Park & Miller 1988). */
const seeded = (seed) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

test("ten digits are each digit once, twenty each twice, in another order every time", () => {
  const orders = Array.from({ length: 200 }, (_, seed) => order("20", seeded(seed + 1)));
  for (const asked of orders) {
    assert.deepEqual(
      [asked.slice(0, 10), asked.slice(10)].map((ten) => ten.toSorted((a, b) => a - b)),
      [0, 1].map(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    );
    assert.notEqual(asked[9], asked[10]);
  }
  assert.equal(new Set(orders.map(String)).size, 200);
  assert.equal(order("10").length, 10);
});

test("every digit comes first equally often", () => {
  const random = seeded(7);
  const counts = Array(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) counts[order("10", random)[0]]++;
  const chi2 = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chi2 < 27.9, String(chi2)); // 9 degrees of freedom, p = 0.001
});

test("a test goes on with each digit, back by one, and ends after the last", () => {
  const hand = new HandTest("10");
  assert.ok(!hand.canGoBack);
  hand.asked.forEach((digit, at) => {
    assert.deepEqual([hand.at, hand.digit, hand.isFinished], [at, digit, false]);
    hand.confirm(drawn(digit));
  });
  assert.ok(hand.isFinished && !hand.canGoBack);
  assert.deepEqual(
    hand.drawn.map(({ label }) => label),
    hand.asked,
  );
});

test("going back keeps what was begun, and a digit that is drawn again takes the place of the first", () => {
  const hand = new HandTest("10");
  const [first, second] = hand.asked;
  hand.confirm(drawn(first));
  const begun = [{ width: 8, points: [[1, 2]] }];
  hand.keep(begun);
  hand.back();
  assert.deepEqual(hand.strokes, drawn(first).strokes);
  const again = [{ width: 30, points: [[9, 9]] }];
  hand.confirm(drawn(first, again));
  assert.deepEqual([hand.digit, hand.strokes], [second, begun]);
  assert.deepEqual(
    hand.drawn.map(({ strokes }) => strokes),
    [again],
  );
});

test("a free test ends when the visitor says so, with one digit at least, or at its limit", () => {
  const hand = new HandTest("free");
  hand.finish();
  assert.ok(!hand.isFinished && hand.digit === null);
  hand.confirm(drawn(4));
  hand.finish();
  assert.ok(hand.isFinished);
  const long = new HandTest("free");
  for (let digit = 0; digit < MOST; digit++) long.confirm(drawn(digit % 10));
  assert.ok(long.isFinished);
});

test("a poll of more networks takes the place of an earlier one", () => {
  const hand = new HandTest("10");
  hand.confirm(drawn(3));
  hand.renew(0, { ...poll, voters: [1, 2] });
  assert.deepEqual(hand.drawn[0].poll.voters, [1, 2]);
});

test("only the three kinds are kinds", () => {
  assert.deepEqual(["10", "20", "free", "11", "", null].map(kindOf), [
    "10",
    "20",
    "free",
    null,
    null,
    null,
  ]);
});
