// The laboratory: switches for the steps to a digit of MNIST's, sliders that make it harder, and what that changes.

import { linkedDigit } from "./address.js";
import { saveCsv } from "./files.js";
import { badge } from "./sentences.js";
import { asImage, countAnswer, find, findAll, make, makePicture, makeRow } from "./nodes.js";
import { saveView } from "./picture.js";

/** @typedef {{ name: string, words: string, low: number, high: number, step: number, neutral: number }} Slider */
/** @typedef {{ off: string[], sliders: Record<string, number> }} Settings what differs from the usual */
/** @typedef {{ name: string, unit: string, value: number, below: number }} Measure */
/** @typedef {import("./sentences.js").Templates} Templates */
/**
 * @typedef {object} Stages
 * @property {{ words: string, picture: string }[]} stages
 * @property {Record<string, number | null>} changes
 * @property {number} networks
 * @property {Measure[]} measures
 * @property {string[]} unlike
 */

const FADE = "contrast"; // the slider that also stands under the pad

/**
 * @param {HTMLElement} element
 * @param {{ steps: Record<string, string>, sliders: Slider[], rates: string, sentences: Templates }} props
 * @param {object} paper
 * @param {() => Promise<import("./server.js").Answer<Stages> | null>} paper.askStages null where the paper is blank
 * @param {(isMoving: boolean) => void} paper.changed
 */
export const mountLaboratory = (element, props, { askStages, changed }) => {
  const box = find(element, ".laboratory", HTMLDetailsElement);
  const steps = Object.keys(props.steps);

  // The picture as it comes, then one for every step with its switch.
  const stages = [null, ...steps].map((step) => {
    const stage = make("figure", "stage");
    const shown = make("div", "shown");
    const words = make("figcaption");
    stage.append(shown, words);
    if (step) {
      const label = make("label", "switch");
      const input = make("input");
      Object.assign(input, { type: "checkbox", checked: true, value: step, name: "step" });
      label.append(input, props.steps[step]);
      stage.append(label);
    }
    find(element, ".stages").append(stage);
    return { shown, words, step };
  });
  const switches = findAll(box, "[name=step]", HTMLInputElement);

  const sliders = props.sliders.map(({ name, words, low, high, step, neutral }) => {
    const label = make("label");
    const input = make("input");
    const value = make("output", "", neutral);
    Object.assign(input, { type: "range", min: low, max: high, step, name });
    input.value = String(neutral);
    input.setAttribute("aria-label", words);
    label.append(make("span", "", words), input, value);
    find(element, ".sliders").append(label);
    return { name, input, value, neutral };
  });
  const fade = find(element, ".fade", HTMLInputElement);
  const { min, max, step } = sliders.find(({ name }) => name === FADE)?.input ?? fade;
  Object.assign(fade, { min, max, step });
  /** @param {string | number} value of the slider `FADE` */
  const setFade = (value) => {
    for (const { name, input } of sliders) if (name === FADE) input.value = String(value);
    showValues();
  };
  const showValues = () => {
    for (const { name, input, value } of sliders) {
      value.textContent = input.value;
      if (name === FADE) fade.value = input.value;
    }
    fade.setAttribute("aria-valuetext", `contrast ${fade.value}`);
    find(element, ".veil").style.opacity = String(1 - Number(fade.value));
  };

  /** @returns {Settings | null} null where nothing differs from the usual */
  const settings = () => {
    const off = switches.filter(({ checked }) => !checked).map(({ value }) => value);
    const moved = sliders.filter(({ input, neutral }) => Number(input.value) !== neutral);
    if (!off.length && !moved.length) return null;
    const values = moved.map(({ name, input }) => [name, Number(input.value)]);
    return { off, sliders: Object.fromEntries(values) };
  };

  /** @type {import("./files.js").Table | null} */
  let table = null;
  /** @param {import("./server.js").Answer<Stages>} answer */
  const paint = ({
    error,
    stages: pictures = [],
    changes = {},
    networks,
    measures = [],
    unlike,
  }) => {
    find(box, ".error").textContent = error ?? "";
    stages.forEach(({ shown, words, step }, index) => {
      const stage = pictures[index];
      shown.replaceChildren();
      words.textContent = stage?.words ?? "";
      if (!stage) return;
      const image = makePicture(stage.picture, 0, 84);
      asImage(image, step ? `The digit ${props.steps[step]}` : `The digit, ${stage.words}`);
      shown.append(image);
      if (!step) return;
      const count = changes[step];
      const effect = count === null ? "nothing is left" : `${count} of ${networks} answers change`;
      words.textContent += `\noff: ${effect}`;
    });
    const said = unlike ? badge(props.sentences, unlike) : "";
    const rows = measures.map(({ name, unit, value, below }) => [
      name,
      `${value.toFixed(1)} ${unit}`,
      `${below.toFixed(1)} %`,
    ]);
    find(box, ".measures tbody").replaceChildren(...rows.map((cells) => makeRow("td", cells)));
    table = unlike
      ? {
          headers: ["what", "value", "note"],
          data: [
            ...rows.map(([name, value, below]) => [
              name,
              value,
              `${below} of MNIST's training digits have less`,
            ]),
            ...switches.map(({ value, checked }) => [
              props.steps[value],
              checked ? "on" : "off",
              `${changes[value]} of ${networks} answers change without`,
            ]),
            ...sliders.map(({ name, input }) => [name, input.value, ""]),
            ["verdict", find(element, ".verdict").textContent, said],
          ],
        }
      : null;
    countAnswer(box);
  };

  // One question at a time, the latest wins; none while the laboratory is folded.
  let isAsking = false;
  let isStale = false;
  const refresh = async () => {
    if (!box.open) return;
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    while (isStale) {
      isStale = false;
      paint((await askStages()) ?? {});
    }
    isAsking = false;
  };

  box.addEventListener("toggle", refresh);
  fade.addEventListener("input", () => setFade(fade.value));
  for (const part of [box, fade]) {
    part.addEventListener("input", () => {
      showValues();
      changed(true);
    });
    part.addEventListener("change", () => changed(false));
  }
  find(box, ".reset").addEventListener("click", () => {
    for (const input of switches) input.checked = true;
    for (const { input, neutral } of sliders) input.value = String(neutral);
    showValues();
    changed(false);
  });
  find(box, ".csv").addEventListener("click", () => table && saveCsv("laboratory", table));
  find(box, ".save").addEventListener("click", () =>
    saveView(
      "laboratory",
      [".stages", ".measures"].map((name) => find(box, name)),
    ),
  );

  find(element, ".trusted").textContent = props.rates;
  find(box, ".measures thead").append(
    makeRow("th", ["this digit's", "is", "of MNIST's have less"]),
  );
  /** Switches and sliders as the address names them. */
  const restore = () => {
    const query = linkedDigit();
    const off = (query.get("off") ?? "").split("|");
    for (const input of switches) input.checked = !off.includes(input.value);
    for (const { name, input, neutral } of sliders) {
      const value = query.get(name);
      const isNumber = value && Number.isFinite(Number(value));
      input.value = isNumber ? value : String(neutral); // out of range: the nearest
    }
    showValues();
    const linkedSettings = settings();
    box.open ||=
      Object.keys(linkedSettings?.sliders ?? {}).some((name) => name !== FADE) ||
      Boolean(linkedSettings?.off.length);
  };
  restore();

  return {
    refresh,
    restore,
    settings,
    setFade,
    /** Settings that a link holds; null where a slider is not moved. */
    link: () => {
      const { off: switched = [], sliders: moved = {} } = settings() ?? {};
      const still = Object.fromEntries(sliders.map(({ name }) => [name, null]));
      return { off: switched.join("|"), ...still, ...moved };
    },
  };
};
