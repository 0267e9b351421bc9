// The codec of drawings in links.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LONGEST, toStrokes, toText } from "../../explorer/web/js/strokes.js";

const SHORT = [
  {
    width: 20,
    points: [
      [140, 40],
      [140, 41],
      [139, 240],
    ],
  },
  { width: 8, points: [[0, 280]] },
];

test("strokes come back as they were", () => {
  assert.deepEqual(toStrokes(toText(SHORT)), SHORT);
});

test("strokes of the eraser come back as such", () => {
  const strokes = [
    SHORT[0],
    { ...SHORT[1], erases: true },
    { ...SHORT[0], width: 36, erases: true },
  ];
  assert.deepEqual(toStrokes(toText(strokes)), strokes);
});

test("a point outside the pad is moved to its edge", () => {
  const text = toText([{ width: 20, points: [[-5, 300]] }]);
  assert.deepEqual(toStrokes(text), [{ width: 20, points: [[0, 280]] }]);
});

test("a long drawing is thinned until it fits, and keeps the end of every stroke", () => {
  const points = Array.from(Array(4000).keys(), (n) => [n % 280, Math.floor(n / 280)]);
  const text = toText([{ width: 20, points }]);
  assert.ok(text.length <= LONGEST);
  assert.deepEqual(toStrokes(text)[0].points.at(-1), points.at(-1));
});

test("of what is no drawing there are no strokes", () => {
  for (const text of ["", "k", "kk", "kk00", "kk00!!", "kk0000~", "0".repeat(LONGEST + 2)])
    assert.equal(toStrokes(text), null, text.slice(0, 10));
});
