import assert from "node:assert/strict";
import { test } from "node:test";

import { endsOfLines, signed } from "../../explorer/web/js/forest.js";

test("a number has its sign, unless it rounds to 0, and a minus as wide as the plus", () => {
  assert.equal(signed(0.0394, 3), "+0.039");
  assert.equal(signed(-0.5, 2), "\u22120.50");
  assert.equal(signed(-0.0004, 3), "\u00a00.000");
});

test("an axis has room for the intervals, corrected or not, and for the margin", () => {
  const corrected = { low: -0.3, high: 0.02 };
  const line = { low: -0.2, high: 0.01, margin: 0.05 };
  assert.deepEqual(endsOfLines([line]), [-0.2, 0.05]);
  assert.deepEqual(endsOfLines([line, { ...line, corrected }]), [-0.3, 0.05]);
});
