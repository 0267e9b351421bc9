// The state that pages share.

import assert from "node:assert/strict";
import { test } from "node:test";

import { get, set, watch } from "../../explorer/web/js/store.js";

test("who watches is told of a change until the page ends", () => {
  const page = new AbortController();
  const seen = [];
  watch("testImage", () => seen.push(get("testImage")), page.signal);
  set("testImage", { index: 1 });
  set("lookInside", {});
  page.abort();
  set("testImage", { index: 2 });
  assert.deepEqual(seen, [{ index: 1 }]);
  assert.deepEqual(get("testImage"), { index: 2 });
});
