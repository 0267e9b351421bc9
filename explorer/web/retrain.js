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
const field = (name) => fields.find((each) => each.name === name).input;
const chosen = () =>
  Object.fromEntries(fields.map(({ name, input, numeric }) => [name, numeric ? (input.value === "" ? null : Number(input.value)) : input.value]));
const groupsFollow = () => (field("groups").disabled = field("norm").value !== "GN");
find(".recipe").addEventListener("change", groupsFollow);
groupsFollow();

// One training at a time: this page's stands in the queue from the press of a button until the server says that it is done.
let busy = false, latest = null, ticket = 0;
const setBusy = (now) => {
  busy = now;
  find(".train").disabled = now;
  find(".stop").disabled = !now;
  find(".more").disabled = now || latest?.phase !== "done";
};
find(".more").textContent = `Add ${props.more} seeds`;

const begin = async (settings, more) => {
  if (busy) return;
  setBusy(true);
  find(".error").textContent = "";
  const answer = await ask({ view: "check", settings });
  if (answer.error) {
    find(".error").textContent = answer.error;
    return setBusy(false);
  }
  find(".live").hidden = false;
  find(".live h3").textContent = find(".ended").textContent = find(".verdict").textContent = "";
  find(".status").textContent = WAITING;
  waits = true;
  find(".live progress").removeAttribute("value");
  ticket += 1;
  trigger("train", { settings, more, device: device.value, visit: explorer.visit, ticket: String(ticket) });
};
find(".train").addEventListener("click", () => begin(chosen(), false));
find(".more").addEventListener("click", () => begin(latest.settings, true));
find(".stop").addEventListener("click", () => {
  ask({ view: "stop", ticket: String(ticket) });
  if (!waits) {
    find(".stop").disabled = true;
    find(".status").textContent = "Stopping ...";
    const stopped = ticket;
    setTimeout(() => ticket === stopped && failed(), 60_000);
    return;
  }
  // Where it had not begun nothing is to come.
  waits = false;
  find(".live").hidden = true;
  setBusy(false);
});

// Gradio says a training's place in the queue in a component of its own.
const WAITING = "Waiting for its turn: one network is trained at a time.";
let waits = false;
new MutationObserver(() => {
  const place = /queue: (\d+)\/(\d+)/.exec(document.querySelector("#retrain-place")?.textContent ?? "");
  if (waits && place) find(".status").textContent = `${WAITING} Yours is number ${place[1]} of ${place[2]} that wait.`;
}).observe(document.querySelector("#retrain-place") ?? document.body, { childList: true, subtree: true, characterData: true });

const PHASES = { waiting: () => "The engine is being prepared, once.", testing: () => "Testing ...", done: () => "Done." };
const told = ({ done, total, seconds, allowed }) =>
  total
    ? `Batch ${done.toLocaleString("en")} of ${total.toLocaleString("en")}, about ${Math.max(1, Math.round(seconds))} s left` +
      (seconds > allowed ? `; it is stopped in ${Math.max(1, Math.round(allowed))} s, when it has taken as long as one may` : "")
    : "Beginning ...";

const paintRun = (run) => {
  find(".live h3").textContent = run.words;
  find(".status").textContent = (PHASES[run.phase] ?? told)(run);
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
  const grown = { xs: losses.map(([x]) => x), ys: losses.map(([, y]) => y), ...now };
  find(".charts").replaceChildren(
    lineChart({ label: "Train loss over the epochs", y: "train loss, nats", log: true, ticks, lines: [...lines("train_loss", 1), grown] }),
    lineChart({
      label: "Test accuracy over the epochs", y: "test accuracy, %", ticks,
      lines: [...lines("test_acc", 100), { ...series(rows, "test_acc", 100), ...now, dots: true }],
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

watch("value", () => {
  if (!props.value) return;
  const run = JSON.parse(props.value);
  if (run.ticket !== String(ticket) || !busy) return; // of one that was stopped while it waited
  waits = false;
  if (run.over) return setBusy(false);
  if (run.error) {
    find(".error").textContent = run.error;
    find(".live").hidden = true;
    if (props.devices.length > 1) device.value = props.devices.at(-1); // the offer: the CPU
    return;
  }
  latest = run;
  if (run.own) explorer.keep(run.own);
  paintRun(run);
  paintCurves();
  if (run.phase === "done") element.dataset.trained = Number(element.dataset.trained ?? 0) + 1;
});
const failed = () => {
  if (!busy) return;
  find(".error").textContent = "The training did not come to its end: too many wait, or the explorer was restarted. Press Train again.";
  find(".live").hidden = true;
  waits = false;
  setBusy(false);
};
window.addEventListener("training-failed", failed);
// Gradio does not say that the connection broke: whether the explorer still answers is asked now and then.
setInterval(async () => {
  if (busy && (await ask({ view: "check", settings: {} })).error) failed();
}, 5000);
find(".csv").addEventListener("click", () => explorer.saveCsv("retrained", numbers));
for (const button of element.querySelectorAll(".save"))
  button.addEventListener("click", () => explorer.saveView("retrained", button.value, [find(".keys"), find(".charts")]));
