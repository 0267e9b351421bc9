// Votes by factor and by digit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { groupsOf, readings } from "../../explorer/web/js/grouping.js";

const VOTERS = [
  { norm: "layer", batch: 128 },
  { norm: "batch", batch: 16 },
  { norm: "layer", batch: 64 },
];

test("groups come as the voters do, batch sizes ascend", () => {
  assert.deepEqual(groupsOf(VOTERS, [0, 1, 2], "norm"), [
    ["layer", [0, 2]],
    ["batch", [1]],
  ]);
  assert.deepEqual(groupsOf(VOTERS, [0, 1, 2], "batch"), [
    [16, [1]],
    [64, [2]],
    [128, [0]],
  ]);
});

test("some of the voters are grouped alone", () => {
  assert.deepEqual(groupsOf(VOTERS, [1, 2], "norm"), [
    ["batch", [1]],
    ["layer", [2]],
  ]);
});

test("the digit with most votes comes first", () => {
  assert.deepEqual(
    readings([0, 1, 2], (index) => [7, 2, 7][index]),
    [
      [7, [0, 2]],
      [2, [1]],
    ],
  );
  assert.deepEqual(
    readings([1, 0], (index) => [7, 2, 7][index]),
    [
      [2, [1]],
      [7, [0]],
    ],
  );
});
