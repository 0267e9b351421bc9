// The state that pages share.

import assert from "node:assert/strict";
import { test } from "node:test";

import { get, receive, set, watch } from "../../explorer/web/js/store.js";

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

test("what is sent before a page is there waits for it, and is received once", () => {
  const page = new AbortController();
  const seen = [];
  set("lookImage", { index: 3 });
  receive("lookImage", ({ index }) => seen.push(index), page.signal);
  set("lookImage", { index: 4 });
  assert.deepEqual(seen, [3, 4]);
  assert.equal(get("lookImage"), null);
  receive("lookImage", ({ index }) => seen.push(index), page.signal);
  assert.deepEqual(seen, [3, 4]);
});
