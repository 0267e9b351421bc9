// The networks of this visit: where each leads, as a file, and out of one.
const paintOwn = () => {
  find(".own .none").hidden = explorer.own.length > 0;
  find(".own ul").replaceChildren(
    ...explorer.own.map(({ name, words, accuracy }) => {
      const item = make("li", "network"), actions = make("div", "settings");
      const act = (label, does) => {
        const button = make("button", "", label);
        button.type = "button";
        button.setAttribute("aria-label", `${label}: ${words}`);
        button.addEventListener("click", does);
        actions.append(button);
      };
      act("Draw", () => explorer.openTab("Draw"));
      act("Mistakes", () => explorer.look("Misclassified", name));
      act("Inside", () => explorer.look("Inside", name));
      act("Curves", () => explorer.openTab("Curves"));
      act("Download", () => download(name));
      act("Remove", async () => keepOwn(await ask({ view: "remove", name })));
      item.append(make("b", "", words), make("span", "", ` ${accuracy}`), actions);
      return item;
    }),
  );
  paintCurves();
};
const keepOwn = (answer) => {
  find(".loaded").textContent = answer.error ?? "";
  if (!answer.error) explorer.keep(answer.own);
};
const download = async (name) => {
  const answer = await ask({ view: "file", name });
  if (answer.error) return keepOwn(answer);
  const bytes = Uint8Array.from(atob(answer.content), (letter) => letter.charCodeAt(0));
  explorer.save(answer.file, new Blob([bytes], { type: "application/octet-stream" }));
};
find(".load input").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  target.value = "";
  if (file.size > props.largest) {
    find(".loaded").textContent = `${file.name}: larger than ${props.largest.toLocaleString("en")} bytes, which no network of this kind is.`;
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  const answer = await ask({ view: "load", file: file.name, content: btoa(letters) });
  keepOwn(answer);
  if (!answer.error) find(".loaded").textContent = `Loaded ${file.name}.`;
});
window.addEventListener("own-networks", paintOwn);
paintOwn();
