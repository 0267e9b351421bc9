// Choices of networks: one option for the further seeds of a configuration, and a network among them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { furtherWith, namesOf, networkOptions } from "../../explorer/web/js/networks.js";

const one = { name: "GN_seed=1", words: "GN, seed 1", accuracy: "99.1%", family: "GN" };
/** @type {import("../../explorer/web/js/networks.js").FurtherSeeds} */
const more = {
  config: "GN",
  words: "GN",
  family: "GN",
  seeds: [
    [11, 13],
    [20, 20],
  ],
};

test("further seeds are one option, whatever their number", () => {
  assert.deepEqual(networkOptions([one, more]), [
    ["GN_seed=1", "GN, seed 1 (99.1%)", "GN"],
    ["further:GN", "GN: 4 further seeds", "GN"],
  ]);
  assert.deepEqual(namesOf(more), [
    ["GN_seed=11", "GN, seed 11"],
    ["GN_seed=12", "GN, seed 12"],
    ["GN_seed=13", "GN, seed 13"],
    ["GN_seed=20", "GN, seed 20"],
  ]);
});

test("a network among further seeds is found by its name, and no other is", () => {
  const choices = [one, more];
  for (const seed of [11, 13, 20]) assert.equal(furtherWith(choices, `GN_seed=${seed}`), more);
  for (const name of ["GN_seed=1", "GN_seed=14", "BN_seed=11", "GN", "GN_seed=", "GN_seed=x", ""])
    assert.equal(furtherWith(choices, name), undefined);
});
