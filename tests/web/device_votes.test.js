// The device as a source of votes: its answers as a poll, and the server where it cannot answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceVotes, networksBeside } from "../../explorer/web/js/device_votes.js";

const words = {
  reasons: [
    ["too little ink", "too much ink"],
    ["", "too far off"],
  ],
  measures: [
    { name: "ink", unit: "%" },
    { name: "offset", unit: "pixels" },
  ],
  refusals: { blank: "Blank.", full: "Full.", thin: "Thin." },
};
const usual = { value: 1, below: 50 };
const probs = Float32Array.from({ length: 20 }, (_, at) => Number(at === 3 || at === 17));
const answer = {
  kind: "answer",
  networks: [0, 2],
  probs,
  seen: new Uint8Array(784),
  measures: [
    { ...usual, unusual: -1 },
    { ...usual, unusual: 1 },
  ],
  added: [{ name: "own-1", probs: probs.slice(10) }],
};
const picture = { pixels: new Uint8Array(112 * 112), image: null };
const server = { name: "server", ask: async (...asked) => ({ by: "server", voters: [7], asked }) };
const readings = (added) => added.map(({ name }) => ({ words: `network ${name}` }));
const source = (ask) => deviceVotes({ ask }, words, readings, server);

test("an answer becomes a poll with the measures, the reasons of the badge and the networks beside the voters", async () => {
  const { ask } = source(async () => answer);
  const poll = await ask(picture, null, { first: false, further: [] });
  assert.deepEqual(poll, {
    by: "device",
    voters: [0, 2],
    probs,
    seen: answer.seen,
    unlike: ["too little ink", "too far off"],
    measures: [
      { name: "ink", unit: "%", value: 1, below: 50 },
      { name: "offset", unit: "pixels", value: 1, below: 50 },
    ],
    others: [{ words: "network own-1" }],
  });
});

test("framed digits go to the device as digits, drawings as drawings", async () => {
  const asked = [];
  const { ask } = source(
    async (question, first) => asked.push([question.isDigit, first]) && answer,
  );
  const framed = new Uint8Array(784);
  for (const one of [picture, { pixels: framed, image: null }, { pixels: framed, image: 5 }])
    await ask(one, null, { first: true, further: [] });
  assert.deepEqual(asked, [
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test("a picture without a digit is refused in a sentence", async () => {
  const { ask } = source(async () => ({ kind: "refused", reason: "full" }));
  assert.deepEqual(await ask(picture, null, { first: true, further: [] }), {
    by: "device",
    error: "Full.",
  });
});

test("the server is asked the same question where the device fails", async () => {
  const { ask } = source(async () => {
    throw new Error("out of order");
  });
  const question = [picture, { off: [], sliders: { rotate: 9 } }, { first: true, further: ["a"] }];
  assert.deepEqual(await ask(...question), { by: "server", voters: [7], asked: question });
});

test("networks beside the voters are added once, removed when they go, and described; some are missing", () => {
  const told = [];
  const device = {
    add: (...network) => told.push(["add", ...network]),
    remove: (key) => told.push(["remove", key]),
  };
  const beside = networksBeside(device);
  const own = { key: "own-1", words: "yours 1", hue: "blue", weights: Uint8Array.of(1, 2) };
  const other = { key: "GN", name: "GN", words: "GN, seed 7", hue: "red", address: "files/0" };
  beside.set([own]);
  beside.set([own, other]);
  beside.set([other]);
  assert.deepEqual(told, [
    ["add", "own-1", Uint8Array.of(1, 2)],
    ["add", "GN", "files/0"],
    ["remove", "own-1"],
  ]);
  const described = { name: "GN", words: "GN, seed 7", hue: "red" };
  const [reading] = beside.readings([{ name: "GN", probs: probs.slice(10) }]);
  assert.deepEqual(reading, { ...described, digit: 7, percent: 100 });
  assert.deepEqual([beside.miss("files/1"), beside.miss("GN")], [false, true]);
  const error = "its weights could not be loaded";
  assert.deepEqual(beside.readings([]), [{ ...described, error }]);
  beside.set([]);
  beside.set([other]);
  assert.deepEqual(beside.readings([]), []);
});
