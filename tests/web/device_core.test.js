// The worker's core where files are late, missing or damaged; what it computes is compared with the server in test_device.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Core, digitsOf, shareBelow } from "../../explorer/web/js/device_core.js";

const module = new Uint8Array(readFileSync("explorer/web/device/device.wasm"));
const reference = (() => {
  const names = { noise: 784, mean: 784, components: 20 * 784, usual: 10, quantiles: 20 }; // numbers of float32
  let end = 0;
  const offsets = Object.entries(names).map(([name, length]) => [
    name,
    { data_offsets: [end, (end += 4 * length)] },
  ]);
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(offsets)));
  const file = new Uint8Array(8 + header.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  return file;
})();
const picture = { pixels: new Uint8Array(784).fill(200, 300, 500), isDigit: true, lab: null };
const ask = { kind: "ask", id: 4, first: true, ...picture };
const files = { module: "module", reference: "reference", steps: [] };

/** Core with these files by address, and the messages that it posts. */
const coreWith = (contents) => {
  const posted = [];
  const load = async (address) => {
    if (!(address in contents)) throw new Error(`${address}: 404`);
    return contents[address];
  };
  return { core: new Core(load, (message) => posted.push(message)), posted };
};

test("a question before the module is there fails by its number", async () => {
  const { core, posted } = coreWith({});
  await core.take(ask);
  assert.equal(posted[0].kind, "failed");
  assert.equal(posted[0].id, 4);
});

test("a missing or damaged module fails as a whole", async () => {
  for (const contents of [{}, { module: new Uint8Array(100) }]) {
    const { core, posted } = coreWith(contents);
    await core.take({ kind: "open", ...files });
    assert.deepEqual(
      [posted[0].kind, posted[0].id, posted[0].name],
      ["failed", undefined, undefined],
    );
  }
});

test("a missing or damaged reference fails as a whole", async () => {
  for (const contents of [{ module }, { module, reference: new Uint8Array(100) }]) {
    const { core, posted } = coreWith(contents);
    await core.take({ kind: "open", ...files });
    assert.deepEqual(
      [posted[0].kind, posted[0].id, posted[0].name],
      ["failed", undefined, undefined],
    );
  }
});

test("weights that the module does not read are a network that is missing", async () => {
  const { core, posted } = coreWith({ module, reference });
  await core.take({ kind: "open", ...files });
  for (const size of [0, 28, 5000]) {
    await core.take({ kind: "add", name: "own-1", weights: new Uint8Array(size) });
    const { kind, name } = posted.pop();
    assert.deepEqual([kind, name], ["failed", "own-1"]);
  }
});

test("sliders that only the server has, and pictures of another size, fail by the question's number", async () => {
  const { core, posted } = coreWith({ module, reference });
  await core.take({ kind: "open", ...files });
  for (const change of [{ lab: { off: [], sliders: { rotate: 3 } } }, { isDigit: false }]) {
    await core.take({ ...ask, ...change });
    const { kind, id } = posted.pop();
    assert.deepEqual([kind, id], ["failed", 4]);
  }
});

test("digits are the most probable, and shares lie between quantiles", () => {
  const probs = Float32Array.from({ length: 20 }, (_, at) => Number(at === 3 || at === 17));
  assert.deepEqual(digitsOf(probs), [3, 7]);
  const quantiles = Float32Array.of(0, 0, 1, 2, 4);
  const shares = [-1, 0, 0.5, 2, 3, 4, 9].map((value) => shareBelow(value, quantiles));
  assert.deepEqual(shares, [0, 0, 0.375, 0.75, 0.875, 1, 1]);
});
