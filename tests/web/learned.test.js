// Networks that were kept while they learned: the step of a name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { stepOf } from "../../explorer/web/js/learned.js";

/** @type {import("../../explorer/web/js/learned.js").Learned[]} */
const learned = [
  {
    words: "BN",
    steps: [
      [1, "BN_epoch=1"],
      [25, "BN"],
    ],
  },
  {
    words: "GN",
    steps: [
      [5, "GN_epoch=5"],
      [25, "GN"],
    ],
  },
];

test("a name leads to its trial and its step", () => {
  assert.deepEqual(stepOf(learned, "GN_epoch=5"), { trial: learned[1], at: 0 });
  assert.deepEqual(stepOf(learned, "BN"), { trial: learned[0], at: 1 });
  assert.equal(stepOf(learned, "GN_epoch=1"), null);
  assert.equal(stepOf(learned, ""), null);
});
