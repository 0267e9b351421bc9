// The laboratory: switches for the steps to a digit of MNIST's, sliders that make it harder, and what that changes.
const laboratory = (() => {
  const box = find(".laboratory"), steps = Object.keys(props.steps);
  const line = (tag, cells) => {
    const row = make("tr", "");
    row.append(...cells.map((cell) => make(tag, "", cell)));
    return row;
  };

  // The stages: the picture as it comes, then one for every step with its switch.
  const stages = [null, ...steps].map((step) => {
    const stage = make("figure", "stage"), shown = make("div", "shown"), words = make("figcaption", "");
    stage.append(shown, words);
    if (step) {
      const label = make("label", "switch"), input = make("input", "");
      Object.assign(input, { type: "checkbox", checked: true, value: step, name: "step" });
      label.append(input, props.steps[step]);
      stage.append(label);
    }
    find(".stages").append(stage);
    return { shown, words };
  });
  const switches = [...box.querySelectorAll("[name=step]")];

  const sliders = props.sliders.map(({ name, words, low, high, step, neutral }) => {
    const label = make("label", ""), input = make("input", ""), value = make("output", "", neutral);
    Object.assign(input, { type: "range", min: low, max: high, step, name });
    input.value = neutral;
    input.setAttribute("aria-label", words);
    label.append(make("span", "", words), input, value);
    find(".sliders").append(label);
    return { name, input, value, neutral };
  });
  const shownValues = () => {
    for (const { input, value } of sliders) value.textContent = input.value;
  };

  // What differs from the usual, by name; null where nothing does.
  const settings = () => {
    const off = switches.filter((each) => !each.checked).map((each) => each.value);
    const moved = sliders.filter(({ input, neutral }) => Number(input.value) !== neutral);
    if (!off.length && !moved.length) return null;
    return { off, sliders: Object.fromEntries(moved.map(({ name, input }) => [name, Number(input.value)])) };
  };

  let table = null;
  const paint = ({ error, stages: found = [], changes, networks, measures = [], unlike }) => {
    find(".laboratory .error").textContent = error ?? "";
    stages.forEach(({ shown, words }, place) => {
      const stage = found[place], step = steps[place - 1];
      shown.replaceChildren();
      words.textContent = "";
      if (!stage) return;
      const image = picture(stage.picture, 0, 84), changed = changes[step];
      image.setAttribute("role", "img");
      image.setAttribute("aria-label", step ? `The digit ${props.steps[step]}` : `The digit, ${stage.words}`);
      shown.append(image);
      const said = changed === null ? "off: nothing is left" : `off: ${changed} of ${networks} answers change`;
      words.textContent = step ? `${stage.words}\n${said}` : stage.words;
    });
    const badge = find(".badge");
    badge.classList.toggle("unlike", Boolean(unlike?.length));
    badge.textContent = !unlike ? "" : unlike.length ? `Unlike MNIST: ${unlike.join("; ")}.` : "Like MNIST's digits, as far as these measures tell.";
    const rows = measures.map(({ name, unit, value, below }) => [name, `${value.toFixed(1)} ${unit}`, `${below.toFixed(1)} %`]);
    find(".measures tbody").replaceChildren(...rows.map((cells) => line("td", cells)));
    table = unlike && {
      headers: ["what", "value", "note"],
      data: [
        ...rows.map(([name, value, below]) => [name, value, `${below} of MNIST's training digits have less`]),
        ...switches.map(({ value, checked }) => [props.steps[value], checked ? "on" : "off", `${changes[value]} of ${networks} answers change without`]),
        ...sliders.map(({ name, input }) => [name, input.value, ""]),
        ["verdict", find(".verdict").textContent, badge.textContent],
      ],
    };
    element.dataset.laboratory = Number(element.dataset.laboratory ?? 0) + 1;
  };
  find(".trusted").textContent = props.badge;
  find(".measures thead").append(line("th", ["this digit's", "is", "of MNIST's have less"]));

  // One question at a time, the latest wins; none while it is folded.
  let asking = false, again = false;
  const refresh = async () => {
    if (!box.open) return;
    if (isBlank()) return paint({});
    again = true;
    if (asking) return;
    asking = true;
    while (again) {
      again = false;
      let answer;
      try {
        answer = await server.ask({ ...question(), view: "laboratory" });
      } catch {} // as in pad.js
      if (!isBlank()) paint(answer ?? { error: "The explorer does not answer. Choose again to ask again." });
    }
    asking = false;
  };

  box.addEventListener("toggle", refresh);
  box.addEventListener("input", () => {
    shownValues();
    ask(true);
  });
  find(".reset").addEventListener("click", () => {
    for (const each of switches) each.checked = true;
    for (const { input, neutral } of sliders) input.value = neutral;
    shownValues();
    ask(true);
  });
  find(".laboratory .csv").addEventListener("click", () => table && explorer.saveCsv("laboratory", table));
  for (const button of box.querySelectorAll(".picture-of"))
    button.addEventListener("click", () => explorer.saveView("laboratory", button.value, [find(".stages"), find(".badge"), find(".measures")]));

  const linked = new URLSearchParams(location.search), off = (linked.get("off") ?? "").split("|");
  for (const each of switches) each.checked = !off.includes(each.value);
  for (const { name, input } of sliders) {
    const asked = linked.get(name);
    if (asked && Number.isFinite(Number(asked))) input.value = asked; // out of range: the nearest
  }
  shownValues();
  box.open = settings() !== null;
  return {
    refresh,
    settings,
    get link() {
      const { off = [], sliders: moved = {} } = settings() ?? {};
      return { off: off.join("|"), ...moved };
    },
  };
})();
