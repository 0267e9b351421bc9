// Train: the form, and the progress of the training that the server reports.

import { linked } from "./address.js";
import { mountCurves } from "./learning_curves.js";
import { countAnswer, fill, find, make } from "./nodes.js";
import { mountOwnNetworks } from "./own_networks.js";
import { answerTo } from "./server.js";
import { set, watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";
import { visit } from "./visit.js";

/** @typedef {Record<string, string | number | null>} Settings hyperparameters by name; null where a field is empty */
/** @typedef {{ view: "check", settings: Settings, device: string } | { view: "stop", job: string } | { view: "begin" }} OwnQuestion */
/** @typedef {OwnQuestion | import("./own_networks.js").Question} Question */
/** @typedef {{ settings: Settings, more: boolean, device: string, visit: string, request_id: string }} TrainRequest data of the event `train` */
/** @typedef {{ job: string, seen: number | null, have: number }} Watched */
/**
 * A network that is being trained, or that was.
 * @typedef {import("./learning_curves.js").Trained & {
 *   phase: "waiting" | "training" | "testing" | "done", settings: Settings, done: number, total: number, seconds: number,
 *   allowed: number, slow?: string, ended: string, verdict?: string, own?: import("./store.js").OwnNetwork[]
 * }} Run
 */
/** @typedef {{ seen: number, position: number, waiting: number, run: Run | null, ended: Run[], error: string, over: boolean }} JobState */
/**
 * @typedef {object} Props
 * @property {{ name: string, words: string, first: string | number, low: number, high: number, choices: (string | number)[] }[]} settings
 * @property {string[]} devices
 * @property {Record<string, string>} hues by norm
 * @property {string[]} shades
 * @property {string[]} grouped norms whose groups can be chosen
 * @property {number} more seeds that a button adds
 * @property {number} largest bytes of a file
 * @property {string} [value] answer to the event `train`, as JSON
 */

const FAILED =
  "The training did not come to its end: too many ask, or the explorer was restarted. Press Train again.";
const WAITING = "Waiting for its turn: one network is trained at a time.";
const PATIENCE = 30; // failed questions, a second apart, after which the server counts as gone

/** @param {Run} run */
const progressOf = ({ phase, done, total, seconds, allowed }) => {
  if (phase === "waiting") return "The engine is being prepared, once.";
  if (phase === "testing") return "Testing ...";
  if (phase === "done") return "Done.";
  if (!total) return "Beginning ...";
  /** @param {number} time */
  const whole = (time) => Math.max(1, Math.round(time));
  const batches = `Batch ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  const limit = `; it is stopped in ${whole(allowed)} s, when it has taken as long as one may`;
  return `${batches}, about ${whole(seconds)} s left${seconds > allowed ? limit : ""}`;
};

/**
 * The form: fields of the hyperparameters, and where to train.
 * @param {HTMLElement} element
 * @param {Props} props
 */
const mountForm = (element, { settings, devices, grouped }) => {
  const recipe = find(element, ".recipe");
  /**
   * @param {string} words
   * @param {string} name
   * @param {HTMLInputElement | HTMLSelectElement} input
   */
  const add = (words, name, input) => {
    const field = make("div", "field");
    const label = make("label", "", words);
    input.id = label.htmlFor = `retrain-${name}`;
    field.append(label, input);
    recipe.append(field);
  };
  const fields = settings.map(({ name, words, first, low, high, choices }) => {
    const input = make(choices.length ? "select" : "input");
    const isNumber = typeof first === "number";
    if (input instanceof HTMLSelectElement)
      fill(
        input,
        choices.map((choice) => [choice, choice]),
      );
    else {
      const step = Number.isInteger(first) && high > 1 ? 1 : "any";
      Object.assign(input, { type: "number", min: low, max: high, step });
    }
    input.value = String(first);
    add(words, name, input);
    return { name, input, isNumber, first: String(first) };
  });
  const device = make("select");
  fill(
    device,
    devices.map((kind) => [kind, kind]),
  );
  if (devices.length > 1) add("Train on", "device", device);

  const byName = Object.fromEntries(fields.map(({ name, input }) => [name, input]));
  const follow = () => (byName.groups.disabled = !grouped.includes(byName.norm.value));
  recipe.addEventListener("change", follow);
  return {
    recipe,
    device,
    /** Takes the recipe that the address names. */
    restore() {
      const query = linked("retrain");
      for (const { name, input, first } of fields) {
        input.value = query.get(name) ?? first;
        if (!input.value) input.value = first; // there is no such choice
      }
      follow();
    },
    /** What a link holds: settings that differ from the first ones. */
    link: () =>
      Object.fromEntries(
        fields.map(({ name, input, first }) => {
          const isNamed = input.validity.valid && input.value !== first;
          return [name, isNamed ? input.value : ""];
        }),
      ),
    /** @returns {Settings} */
    settings: () =>
      Object.fromEntries(
        fields.map(({ name, input, isNumber }) => {
          if (!isNumber) return [name, input.value];
          return [name, input.value === "" ? null : Number(input.value)];
        }),
      ),
  };
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{
 *   ask: import("./server.js").ServerFunction<Question & { visit: string }, any>,
 *   follow: import("./server.js").ServerFunction<Watched & { visit: string }, JobState>,
 * }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { events, signal }) => {
  const form = mountForm(element, props);
  const curves = mountCurves(element, props);
  const live = find(element, ".live");
  const status = find(live, ".status");
  const progress = find(live, "progress", HTMLProgressElement);
  const error = find(element, ".settings + .error");
  const [trainButton, stopButton, moreButton] = ["train", "stop", "more"].map((name) =>
    find(element, `.settings .${name}`, HTMLButtonElement),
  );
  moreButton.textContent = `Add ${props.more} seeds`;
  /** @param {Question} question */
  const ask = (question) => answerTo(server.ask, question);

  /** @param {{ slow?: string }} answer */
  const paintSlow = ({ slow }) => (find(element, ".slow").textContent = slow ?? "");
  // The server knows what a GPU costs.
  const paintPrice = async () => {
    if (props.devices.length < 2) return;
    const question = { settings: form.settings(), device: form.device.value };
    const { price } = await ask({ view: "check", ...question });
    find(element, ".price").textContent = price ?? "";
  };
  const note = () => noteView("retrain", form.link());
  const changed = () => {
    note();
    paintPrice();
  };
  const restore = () => {
    form.restore();
    changed();
  };
  form.recipe.addEventListener("change", changed);
  find(element, ".settings .link").addEventListener("click", copyLink);
  restoring("retrain", restore, signal);
  restore();

  // One training of this page at a time: a job of the server's, in a queue of its own, which the page watches until it is over.
  let isBusy = false;
  let isStopping = false;
  let isShown = false;
  let request = 0; // number of the latest request to train
  /** @type {string | null} */
  let job = null;
  /** @type {Run | null} */
  let latest = null;

  /** @param {boolean} now */
  const setBusy = (now) => {
    isBusy = now;
    trainButton.disabled = now;
    stopButton.disabled = !now;
    moreButton.disabled = now || latest?.phase !== "done";
  };
  /** @param {boolean} now */
  const setStopping = (now) => {
    isStopping = now;
    stopButton.disabled = now;
  };
  const wait = () => {
    setBusy(true);
    [job, isStopping, isShown] = [null, false, false];
    live.hidden = false;
    error.textContent = "";
    for (const name of ["h3", ".ended", ".verdict"]) find(live, name).textContent = "";
    status.textContent = WAITING;
    progress.removeAttribute("value");
  };
  const end = (text = "") => {
    job = null;
    if (text) error.textContent = text;
    if (text || !isShown) live.hidden = true; // nothing is to come
    setBusy(false);
  };
  const fail = () => {
    if (isBusy && !job) end(FAILED);
  };

  /**
   * @param {Settings} settings
   * @param {boolean} more whether further seeds of them
   */
  const begin = async (settings, more) => {
    if (isBusy) return;
    wait();
    const device = form.device.value;
    const answer = await ask({ view: "check", settings, device });
    if (answer.error) return end(answer.error);
    const requestId = ++request;
    // If no answer comes in time, the explorer was restarted, of which Gradio sends no notice.
    const timer = setTimeout(() => requestId === request && fail(), 30_000);
    signal.addEventListener("abort", () => clearTimeout(timer));
    /** @type {TrainRequest} */
    const training = { settings, more, device, visit, request_id: String(requestId) };
    events.trigger("train", training);
  };
  /** @param {string} name */
  const stop = async (name) => {
    const answer = await ask({ view: "stop", job: name });
    if (answer.error && job === name) setStopping(false); // the request to stop did not arrive
  };

  /** @param {Run} run */
  const paintRun = (run) => {
    const isDone = run.phase === "done";
    latest = run;
    isShown = true;
    if (run.own) set("own", run.own);
    if (run.total) paintSlow(run);
    find(live, "h3").textContent = run.words;
    if (!isStopping || isDone) status.textContent = progressOf(run);
    progress.value = isDone ? 1 : run.total ? run.done / run.total : 0;
    find(live, ".ended").textContent = run.ended;
    find(live, ".verdict").textContent = run.verdict ?? "";
    curves.paint(run);
    if (isDone) countAnswer(live);
  };
  /** @param {JobState} state */
  const paintState = ({ ended = [], run, position, waiting }) => {
    for (const each of ended) paintRun(each);
    if (run && run.phase !== "done") paintRun(run);
    if (position && !isStopping)
      status.textContent = `${WAITING} Yours is number ${position} of ${waiting} that wait.`;
  };
  /** @param {string} name */
  const follow = async (name) => {
    let [have, missed] = [0, 0];
    /** @type {number | null} */
    let seen = null;
    job = name;
    while (job === name && !signal.aborted) {
      /** @type {Watched & { visit: string }} */
      const watched = { visit, job: name, seen, have };
      /** @type {JobState | undefined} */
      const state = await server.follow(watched).catch(() => undefined);
      if (!state) {
        // The connection broke. The training goes on for a while without being watched.
        missed += 1;
        if (!isStopping) status.textContent = "The explorer does not answer: trying again ...";
        if (missed > PATIENCE) return end(FAILED);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        continue;
      }
      missed = 0;
      seen = state.seen;
      have += state.ended?.length ?? 0;
      paintState(state);
      if (state.error) {
        form.device.value = "CPU"; // the server suggests the CPU where no GPU is left
        paintPrice();
        return end(state.error);
      }
      if (state.over) return end();
    }
  };

  trainButton.addEventListener("click", () => begin(form.settings(), false));
  moreButton.addEventListener("click", () => latest && begin(latest.settings, true));
  stopButton.addEventListener("click", () => {
    status.textContent = "Stopping ...";
    setStopping(true);
    if (job) stop(job);
  });
  // The answer to `train`: the job, or why there is none.
  events.watch("value", () => {
    if (!props.value) return;
    const answer = JSON.parse(props.value);
    if (answer.request_id !== String(request) || !isBusy || job) return;
    if (answer.error) return end(answer.error);
    follow(answer.job);
    if (isStopping) stop(answer.job);
  });
  watch("trainingFailed", fail, signal);
  mountOwnNetworks(element, props.largest, ask, signal);
  watch("own", () => curves.paint(latest), signal);

  // Whether the engine is fast is known once it is prepared; a reloaded page resumes the training under way.
  ask({ view: "begin" }).then(({ slow, own, jobs }) => {
    paintSlow({ slow });
    if (own?.length) set("own", own);
    if (!jobs?.length || isBusy) return;
    wait();
    follow(jobs[0]);
  });
};
