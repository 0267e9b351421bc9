import assert from "node:assert/strict";
import { test } from "node:test";

import { signed } from "../../explorer/web/js/forest.js";

test("a number has its sign, unless it rounds to 0, and a minus as wide as the plus", () => {
  assert.equal(signed(0.0394, 3), "+0.039");
  assert.equal(signed(-0.5, 2), "\u22120.50");
  assert.equal(signed(-0.0004, 3), "\u00a00.000");
});
