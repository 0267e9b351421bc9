// Retrain: the form, the training that the server tells of, and its curves beside the committed ones and earlier ones of this visit.
const labelled = (words, name, input) => {
  const field = make("div", "field"), label = make("label", "", words);
  input.id = label.htmlFor = `retrain-${name}`;
  field.append(label, input);
  find(".recipe").append(field);
};
const fields = props.settings.map(({ name, words, first, low, high, choices }) => {
  const input = make(choices.length ? "select" : "input", "");
  if (choices.length) fill(input, choices.map((choice) => [choice, choice]));
  else Object.assign(input, { type: "number", min: low, max: high, step: Number.isInteger(first) && high > 1 ? 1 : "any" });
  input.value = first;
  labelled(words, name, input);
  return { name, input, numeric: typeof first === "number" };
});
const device = make("select", "");
fill(device, props.devices.map((kind) => [kind, kind]));
if (props.devices.length > 1) labelled("Train on", "device", device);
const paintSlow = ({ slow }) => (find(".slow").textContent = slow ?? "");
const field = (name) => fields.find((each) => each.name === name).input;
const chosen = () =>
  Object.fromEntries(fields.map(({ name, input, numeric }) => [name, numeric ? (input.value === "" ? null : Number(input.value)) : input.value]));
const groupsFollow = () => (field("groups").disabled = !props.grouped.includes(field("norm").value));
find(".recipe").addEventListener("change", groupsFollow);
groupsFollow();
// The server knows what a GPU costs.
const paintPrice = async () => {
  find(".price").textContent = props.devices.length > 1 ? ((await ask({ view: "check", settings: chosen(), device: device.value })).price ?? "") : "";
};
find(".recipe").addEventListener("change", paintPrice);
paintPrice();

// One training of this page at a time: a job of the server's, in a queue of its own, which the page watches until it is over.
const FAILED = "The training did not come to its end: too many ask, or the explorer was restarted. Press Train again.";
let busy = false, latest = null, ticket = 0, job = null, isStopping = false, isShown = false;
const setBusy = (now) => {
  busy = now;
  find(".train").disabled = now;
  find(".stop").disabled = !now;
  find(".more").disabled = now || latest?.phase !== "done";
};
find(".more").textContent = `Add ${props.more} seeds`;

const begin = async (settings, more) => {
  if (busy) return;
  wait();
  const answer = await ask({ view: "check", settings, device: device.value });
  if (answer.error) return end(answer.error);
  ticket += 1;
  const asked = ticket;
  // An answer takes a moment: where none comes the explorer was restarted, of which Gradio says nothing.
  setTimeout(() => busy && !job && ticket === asked && end(FAILED), 30_000);
  trigger("train", { settings, more, device: device.value, visit: explorer.visit, ticket: String(ticket) });
};
const wait = () => {
  setBusy(true);
  [job, isStopping, isShown] = [null, false, false];
  find(".error").textContent = "";
  find(".live").hidden = false;
  find(".live h3").textContent = find(".ended").textContent = find(".verdict").textContent = "";
  find(".status").textContent = WAITING;
  find(".live progress").removeAttribute("value");
};
const end = (error = "") => {
  job = null;
  if (error) find(".error").textContent = error;
  if (error || !isShown) find(".live").hidden = true; // nothing is to come
  setBusy(false);
};
find(".train").addEventListener("click", () => begin(chosen(), false));
find(".more").addEventListener("click", () => begin(latest.settings, true));
find(".stop").addEventListener("click", () => {
  find(".status").textContent = "Stopping ...";
  setStopping(true);
  if (job) stop(job);
});
const setStopping = (now) => {
  isStopping = now;
  find(".stop").disabled = now;
};
const stop = async (name) => {
  if ((await ask({ view: "stop", job: name })).error && job === name) setStopping(false); // it did not arrive
};

// The answer to `train`: the job, or why there is none.
watch("value", () => {
  if (!props.value) return;
  const answer = JSON.parse(props.value);
  if (answer.ticket !== String(ticket) || !busy || job) return;
  if (answer.error) return end(answer.error);
  follow(answer.job);
  if (isStopping) stop(answer.job);
});
window.addEventListener("training-failed", () => busy && !job && end(FAILED));

const follow = async (name) => {
  let seen = null, have = 0, missed = 0;
  job = name;
  while (job === name) {
    const state = await server.follow({ visit: explorer.visit, job: name, seen, have }).catch(() => null);
    if (!state) {
      // The connection broke. The training goes on for a while without being watched.
      missed += 1;
      if (missed > 30) return end(FAILED);
      await new Promise((done) => setTimeout(done, 1000));
      continue;
    }
    missed = 0;
    const { ended = [], run, error, over } = state;
    ({ seen } = state);
    have += ended.length;
    for (const each of run && run.phase !== "done" ? [...ended, run] : ended) paint(each);
    if (error) {
      device.value = "CPU"; // the offer, where there is no GPU left
      paintPrice();
      return end(error);
    }
    if (state.position && !isStopping)
      find(".status").textContent = `${WAITING} Yours is number ${state.position} of ${state.waiting} that wait.`;
    if (over) return end();
  }
};
const paint = (run) => {
  latest = run;
  isShown = true;
  if (run.own) explorer.keep(run.own);
  paintRun(run);
  paintCurves();
  if (run.phase === "done") element.dataset.trained = Number(element.dataset.trained ?? 0) + 1;
};
const WAITING = "Waiting for its turn: one network is trained at a time.";

const PHASES = { waiting: () => "The engine is being prepared, once.", testing: () => "Testing ...", done: () => "Done." };
const told = ({ done, total, seconds, allowed }) =>
  total
    ? `Batch ${done.toLocaleString("en")} of ${total.toLocaleString("en")}, about ${Math.max(1, Math.round(seconds))} s left` +
      (seconds > allowed ? `; it is stopped in ${Math.max(1, Math.round(allowed))} s, when it has taken as long as one may` : "")
    : "Beginning ...";

const paintRun = (run) => {
  if (run.total) paintSlow(run);
  find(".live h3").textContent = run.words;
  if (!isStopping || run.phase === "done") find(".status").textContent = (PHASES[run.phase] ?? told)(run);
  find(".live progress").value = run.phase === "done" ? 1 : run.total ? run.done / run.total : 0;
  find(".ended").textContent = run.ended;
  find(".verdict").textContent = run.verdict ?? "";
};

const GREY = "var(--body-text-color)";
const series = (rows, key, times = 1) => ({ xs: rows.map(({ epoch }) => epoch), ys: rows.map((row) => (row[key] === null ? NaN : times * row[key])) });
let numbers = null;
const paintCurves = () => {
  const before = explorer.own.filter(({ name }) => name !== latest?.name).slice(-3);
  const runs = before.map(({ words, rows }, place) => ({ name: words, hue: props.shades[place], dash: "2 3", rows }));
  find(".seen").hidden = !latest;
  if (!latest) return;
  const { beside, losses, rows, hue, words, epochs } = latest;
  const now = { name: words, hue: props.hues[hue], dash: "none" };
  const most = Math.max(epochs, ...runs.map(({ rows }) => rows.length));
  const ticks = [...new Set([0, Math.round(most / 2), most])].map((at) => ({ at, words: at === most ? `epoch ${at}` : at }));
  const committed = beside ? [{ name: beside.name, hue: GREY, dash: "6 4" }] : [];
  find(".seen .keys").replaceChildren(...chartKey([now, ...committed, ...runs]));
  const lines = (key, times) => [
    ...(beside ? [{ xs: beside.epochs, ys: key === "test_acc" ? beside.accuracy : beside.loss, ...committed[0], dots: true }] : []),
    ...runs.map((run) => ({ ...series(run.rows, key, times), hue: run.hue, dash: run.dash, dots: true })),
  ];
  // Batches scatter and fall within an epoch: only means of whole epochs are compared.
  const batches = { xs: losses.map(([x]) => x), ys: losses.map(([, y]) => y), ...now, faint: true };
  const own = (key, times) => ({ ...series(rows, key, times), ...now, dots: true });
  find(".charts").replaceChildren(
    lineChart({
      label: "Train loss over the epochs", y: "train loss of an epoch, nats; faint: of batches", log: true, ticks,
      lines: [...lines("train_loss", 1), batches, own("train_loss", 1)],
    }),
    lineChart({
      label: "Test accuracy over the epochs", y: "test accuracy, %", ticks,
      lines: [...lines("test_acc", 100), own("test_acc", 100)],
      bands: beside ? [{ xs: beside.epochs, lows: beside.low, highs: beside.high, hue: GREY }] : [],
    }),
  );
  const percent = (value) => (value === null ? "" : (100 * value).toFixed(2)), nats = (value) => (value === null ? "" : value.toFixed(4));
  numbers = {
    headers: ["network", "epoch", "train loss", "train accuracy, %", "test loss", "test accuracy, %"],
    data: [{ name: words, rows }, ...runs].flatMap(({ name, rows }) =>
      rows.map((row) => [name, row.epoch, nats(row.train_loss), percent(row.train_acc), nats(row.test_loss), percent(row.test_acc)]),
    ),
  };
  if (beside)
    numbers.data.push(...beside.epochs.map((epoch, at) => [beside.name, epoch, nats(beside.loss[at]), "", "", beside.accuracy[at].toFixed(2)]));
  find(".numbers thead").replaceChildren(row("th", numbers.headers));
  find(".numbers tbody").replaceChildren(...numbers.data.map((cells) => row("td", cells)));
};

find(".csv").addEventListener("click", () => explorer.saveCsv("retrained", numbers));
for (const button of element.querySelectorAll(".save"))
  button.addEventListener("click", () => explorer.saveView("retrained", button.value, [find(".keys"), find(".charts")]));

// Whether the engine is fast is known when it is ready; a page that was reloaded takes up what is under way.
ask({ view: "begin" }).then(({ slow, own, jobs }) => {
  paintSlow({ slow });
  if (own?.length) explorer.keep(own);
  if (!jobs?.length || busy) return;
  wait();
  follow(jobs[0]);
});
