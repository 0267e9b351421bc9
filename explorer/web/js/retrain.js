// Train: the form, and the progress of the training that the server reports.

import { linked } from "./address.js";
import { keep, kept } from "./kept.js";
import { mountCurves } from "./learning_curves.js";
import { countAnswer, fill, find, findAll, make, makeButton } from "./nodes.js";
import { fetchNetwork, handBackAll, lastNumber } from "./own_copies.js";
import { mountOwnNetworks } from "./own_networks.js";
import { back, beat, serverName } from "./presence.js";
import { answerTo } from "./server.js";
import { watch } from "./store.js";
import { copyLink, noteView, restoring } from "./views.js";
import { visit } from "./visit.js";

/** @typedef {Record<string, string | number | null>} Settings hyperparameters by name; null where a field is empty */
/** @typedef {{ view: "check", settings: Settings, device: string } | { view: "stop", job: string } | { view: "begin" }} Question */
/** @typedef {{ settings: Settings, more: string }} Wanted a training, or further seeds of it: "some" or "until decided" */
/** @typedef {Wanted & { device: string, visit: string, last: number, request_id: string }} TrainRequest data of the event `train` */
/** @typedef {{ job: string, seen: number | null, have: number }} Watched */
/**
 * A network that is being trained, or that was.
 * @typedef {import("./learning_curves.js").Trained & {
 *   phase: "waiting" | "training" | "testing" | "done", settings: Settings, done: number, total: number, seconds: number,
 *   allowed: number, slow?: string, ended: string, verdict?: string
 * }} Run
 */
/** @typedef {{ seen: number, position: number, waiting: number, seconds: number | null, run: Run | null, ended: Run[], error: string, over: boolean }} JobState */
/**
 * @typedef {object} Props
 * @property {{ name: string, words: string, first: string | number, low: number, high: number, choices: (string | number)[] }[]} settings
 * @property {{ words: string, settings: Record<string, string | number> }[]} experiments recipes to begin with; the page opens on the first
 * @property {string[]} devices
 * @property {Record<string, string>} hues by norm
 * @property {string[]} shades
 * @property {string[]} grouped norms whose groups can be chosen
 * @property {number} more seeds that a button adds
 * @property {number} most seeds that are added until the verdict is decided
 * @property {number} largest bytes of a file
 * @property {string} [value] answer to the event `train`, as JSON
 */

const FAILED =
  "The training did not come to its end: too many ask, or the explorer was restarted. Press Train again.";
const WAITING = "Waiting for its turn: one network is trained at a time.";
const AGAIN = "The explorer was restarted: the training begins anew.";
const LATER = 5; // seconds, after which a page that found the queue full asks again
const PATIENCE = 30; // failed questions, a second apart, after which the server counts as gone
const RECIPE = "recipe"; // under which the form is kept

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
 * @param {number} position
 * @param {number} waiting
 * @param {number | null} seconds until its turn, where that is known
 */
const placeOf = (position, waiting, seconds) => {
  const minutes = Math.ceil((seconds ?? 0) / 60);
  const time = minutes > 1 ? `, about ${minutes} minutes` : minutes ? ", less than a minute" : "";
  return `${WAITING} Yours is number ${position} of ${waiting} that wait${time}.`;
};

/**
 * The form: fields of the hyperparameters, and where to train.
 * @param {HTMLElement} element
 * @param {Props} props
 */
const mountForm = (element, { settings, experiments, devices, grouped }) => {
  const recipe = find(element, ".recipe");
  const error = find(element, ".settings + .error");
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
  /** @param {Record<string, string | number>} values settings that differ from the first ones */
  const set = (values) => {
    for (const { name, input, first } of fields) {
      input.value = String(values[name] ?? first);
      if (!input.value) input.value = first; // there is no such choice
    }
    follow();
  };
  find(element, ".experiments").append(
    ...experiments.map(({ words, settings: values }) =>
      makeButton(words, () => {
        set(values);
        recipe.dispatchEvent(new Event("change"));
      }),
    ),
  );
  return {
    recipe,
    device,
    set,
    /** Says an error below the first field that it may be about, else below the buttons. @param {string} text */
    say(text) {
      const wrong = text ? fields.find(({ input }) => !input.validity.valid || !input.value) : null;
      for (const { input } of fields) input.ariaInvalid = String(input === wrong?.input);
      if (wrong) wrong.input.after(error);
      else find(element, ".settings:has(.train)").after(error);
      error.textContent = text;
      wrong?.input.focus();
    },
    /** Settings that a link holds: those that differ from the first ones. */
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
export const mount = (
  element,
  props,
  { ask: askServer, follow: followServer },
  { events, signal },
) => {
  const form = mountForm(element, props);
  const curves = mountCurves(element, props);
  const live = find(element, ".live");
  const status = find(live, ".status");
  const progress = find(live, "progress", HTMLProgressElement);
  const [trainButton, stopButton] = ["train", "stop"].map((name) =>
    find(element, `.settings .${name}`, HTMLButtonElement),
  );
  const moreButtons = findAll(element, ".settings .more", HTMLButtonElement);
  moreButtons[0].textContent = `Add ${props.more} seeds`;
  moreButtons[1].title = `Adds seeds, ${props.most} at most, until they are shown to differ or to be equivalent`;
  /** @param {Question} question */
  const ask = (question) => answerTo(askServer, question);

  /** @param {{ slow?: string }} answer */
  const paintSlow = ({ slow }) => (find(element, ".slow").textContent = slow ?? "");
  // The server knows what a GPU costs.
  const paintPrice = async () => {
    if (props.devices.length < 2) return;
    const question = { settings: form.settings(), device: form.device.value };
    const { price } = await ask({ view: "check", ...question });
    find(element, ".price").textContent = price ?? "";
  };
  const note = () => {
    noteView("retrain", form.link());
    keep(RECIPE, JSON.stringify(form.link()));
  };
  const changed = () => {
    note();
    paintPrice();
  };
  const restore = () => {
    form.set(Object.fromEntries(linked("retrain")));
    changed();
  };
  form.recipe.addEventListener("change", changed);
  find(element, ".settings .link").addEventListener("click", copyLink);
  restoring("retrain", restore, signal);
  const isLinked = Object.keys(form.link()).some((name) => linked("retrain").has(name));
  if (!isLinked)
    form.set(JSON.parse(kept(RECIPE) || JSON.stringify(props.experiments[0].settings)));
  else form.set(Object.fromEntries(linked("retrain")));
  changed();

  // One training of this page at a time: a job of the server's, in a queue of its own, which the page watches until it is over.
  let isBusy = false;
  let isStopping = false;
  let isShown = false;
  let request = 0; // number of the latest request to train
  let later = 0; // timer of the next one, while the queue is full
  /** @type {Wanted | null} of the job, to begin anew after a restart */
  let wanted = null;
  /** @type {string | null} */
  let job = null;
  /** @type {Run | null} */
  let latest = null;

  /** @param {boolean} now */
  const setBusy = (now) => {
    isBusy = now;
    trainButton.disabled = now;
    stopButton.disabled = !now;
    for (const button of moreButtons) button.disabled = now || latest?.phase !== "done";
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
    form.say("");
    for (const name of ["h3", ".ended", ".verdict"]) find(live, name).textContent = "";
    status.textContent = WAITING;
    progress.removeAttribute("value");
  };
  const end = (text = "") => {
    clearTimeout(later);
    [job, later] = [null, 0];
    if (text) form.say(text);
    if (text || !isShown) live.hidden = true; // nothing is to come
    setBusy(false);
  };
  const fail = () => {
    if (isBusy && !job) end(FAILED);
  };

  /** @param {Wanted} asked */
  const send = (asked) => {
    const requestId = ++request;
    // If no answer comes in time, too many ask: a server that is away may take longer.
    const timer = setTimeout(() => back().then(() => requestId === request && fail()), 30_000);
    signal.addEventListener("abort", () => clearTimeout(timer));
    /** @type {TrainRequest} */
    const training = {
      ...asked,
      device: form.device.value,
      visit,
      last: lastNumber(),
      request_id: String(requestId),
    };
    events.trigger("train", training);
  };
  /** Asks again until there is a place. @param {number} others trainings that wait or run */
  const askLater = (others) => {
    if (isStopping || !wanted) return end();
    status.textContent = `${others} trainings wait or run already, as many as are allowed. This page begins as soon as there is a place.`;
    const asked = wanted;
    later = setTimeout(() => send(asked), 1000 * (LATER + Math.random())); // not all at once
    signal.addEventListener("abort", () => clearTimeout(later));
  };

  /**
   * @param {Settings} settings
   * @param {string} more further seeds of them, see `Wanted`
   */
  const begin = async (settings, more) => {
    if (isBusy) return;
    wait();
    wanted = { settings, more };
    const answer = await ask({ view: "check", settings, device: form.device.value });
    if (answer.error) return end(answer.error);
    if (more) await handBackAll(); // the verdict is about all runs
    send(wanted);
  };
  /** @param {string} name */
  const stop = async (name) => {
    const answer = await ask({ view: "stop", job: name });
    if (answer.error && job === name) setStopping(false); // the request to stop did not arrive
  };

  /** @param {Run} run */
  const paintRun = async (run) => {
    const isDone = run.phase === "done";
    const isFirst = !isShown;
    latest = run;
    isShown = true;
    if (isDone) await fetchNetwork(run.name ?? "").catch(() => {}); // the next heartbeat brings it
    if (run.total) paintSlow(run);
    find(live, "h3").textContent = run.words;
    if (!isStopping || isDone) status.textContent = progressOf(run);
    progress.value = isDone ? 1 : run.total ? run.done / run.total : 0;
    find(live, ".ended").textContent = run.ended;
    find(live, ".verdict").textContent = run.verdict ?? "";
    curves.paint(run);
    if (isFirst && matchMedia("(max-width: 640px)").matches) live.scrollIntoView();
    if (isDone) countAnswer(live);
  };
  /** @param {JobState} state */
  const paintState = async ({ ended = [], run, position, waiting, seconds }) => {
    for (const each of ended) await paintRun(each);
    if (run && run.phase !== "done") await paintRun(run);
    if (position && !isStopping) status.textContent = placeOf(position, waiting, seconds);
  };
  /** @param {string} name */
  const follow = async (name) => {
    let [have, missed] = [0, 0];
    const server = serverName();
    const isRestarted = async () => {
      while (!(await beat())) await back();
      return server !== serverName();
    };
    /** @type {number | null} */
    let seen = null;
    job = name;
    while (job === name && !signal.aborted) {
      /** @type {Watched & { visit: string }} */
      const watched = { visit, job: name, seen, have };
      /** @type {JobState | undefined} */
      const state = await followServer(watched).catch(() => undefined);
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
      await paintState(state);
      if (state.error && (await isRestarted())) {
        const again = wanted ?? (latest && { settings: latest.settings, more: "" });
        if (isStopping || !again) return end(state.error);
        end();
        await begin(again.settings, again.more);
        status.textContent = AGAIN;
        return;
      }
      if (state.error) {
        form.device.value = "CPU"; // the server suggests the CPU where no GPU is left
        paintPrice();
        return end(state.error);
      }
      if (state.over) return end();
    }
  };

  trainButton.addEventListener("click", () => begin(form.settings(), ""));
  for (const button of moreButtons)
    button.addEventListener("click", () => latest && begin(latest.settings, button.value));
  stopButton.addEventListener("click", () => {
    status.textContent = "Stopping ...";
    setStopping(true);
    if (job) stop(job);
    else if (later) end(); // it waits for a place
  });
  // The answer to `train`: the job, or why there is none.
  events.watch("value", () => {
    if (!props.value) return;
    const answer = JSON.parse(props.value);
    if (answer.request_id !== String(request) || !isBusy || job) return;
    if (answer.error) return end(answer.error);
    if (answer.full) return askLater(answer.full);
    follow(answer.job);
    if (isStopping) stop(answer.job);
  });
  watch("trainingFailed", fail, signal);
  mountOwnNetworks(element, props.largest, signal);
  watch("own", () => curves.paint(latest), signal);

  // Whether the engine is fast is known once it is prepared; a reloaded page resumes the training under way.
  ask({ view: "begin" }).then(({ slow, jobs }) => {
    paintSlow({ slow });
    if (!jobs?.length || isBusy) return;
    wait();
    follow(jobs[0]);
  });
};
