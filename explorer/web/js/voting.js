// Gain of several networks that vote: the gain over one network, over the number of voters, with its two intervals.

import { linked } from "./address.js";
import { lineChart } from "./charts.js";
import { countAnswer, find } from "./nodes.js";
import { scrollWhenSeen } from "./scroll.js";

/** @typedef {{ low: number, high: number }} Interval */
/** @typedef {{ voters: number, gain: number, new_images: Interval } & Interval} Vote */

const HUE = "var(--purple)";
const WIDE = 3; // the last tick has the words of the axis and takes the room of so many
const STEP = 0.1; // points: the axis ends at a multiple

/**
 * @param {HTMLElement} element
 * @param {{ value?: string }} props the votes as JSON
 * @param {unknown} _server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, _server, { events, signal }) => {
  const part = document.getElementById(`trust-${linked("trust").get("part")}`);
  if (part) scrollWhenSeen(part, signal);
  if (part?.id === "trust-votes") part.nextElementSibling?.querySelector("button")?.click(); // on a phone it is folded
  const show = () => {
    if (!props.value) return;
    /** @type {Vote[]} */
    const votes = JSON.parse(props.value);
    const most = votes[votes.length - 1].voters;
    const line = {
      xs: votes.map(({ voters }) => voters),
      ys: votes.map(({ gain }) => gain),
      hue: HUE,
    };
    /** @param {Interval[]} intervals */
    const band = (intervals) => ({
      lows: intervals.map(({ low }) => low),
      highs: intervals.map(({ high }) => high),
    });
    find(element, ".chart").replaceChildren(
      lineChart({
        label: "Gain of a vote over one network, by the number of voters",
        y: "gain over one network, points",
        ticks: votes.flatMap(({ voters: at }) => {
          if (at === most) return [{ at, words: `${at} networks` }];
          return at <= most - WIDE ? [{ at, words: `${at}` }] : [];
        }),
        lines: [
          { ...line, ...band(votes.map((vote) => vote.new_images)) },
          { ...line, ...band(votes), symbol: "circle" },
        ],
        low: 0,
        high: Math.ceil(Math.max(...votes.map((vote) => vote.new_images.high)) / STEP) * STEP,
      }),
    );
    countAnswer(element);
  };
  events.watch("value", show);
  show();
};
