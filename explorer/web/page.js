// What all tabs share in the browser: links that reopen a view, other tabs, and tables as files.
window.explorer = {
  // Copies the address of this view and says so on the button that was pressed.
  async copyLink(tab, settings) {
    const query = new URLSearchParams({ tab });
    for (const [key, value] of Object.entries(settings))
      if (value !== null && value !== undefined && value !== "") query.set(key, Array.isArray(value) ? value.join("|") : value);
    const { button } = this;
    const link = `${location.origin}${location.pathname}?${query}`;
    try {
      await navigator.clipboard.writeText(link);
      this.say(button, "Link copied");
    } catch {
      window.prompt("The link to this view", link); // no permission for the clipboard
    }
  },
  // Saves a table { headers, data } as a CSV file.
  saveCsv(name, { headers, data }) {
    const quote = (cell) => `"${String(cell ?? "").replaceAll('"', '""')}"`;
    const text = [headers, ...data].map((row) => row.map(quote).join(",")).join("\r\n");
    this.save(`${name}.csv`, new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
  },
  // Under this secret the server keeps what this page trained or loaded, and its trainings. It outlives a reload.
  visit: (() => {
    const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    try {
      sessionStorage.visit ??= made;
      return sessionStorage.visit;
    } catch {
      return made; // a frame without storage
    }
  })(),
  own: [], // what this visit trained or loaded: [{ name, words, accuracy, family, hue, rows }]
  keep(own) {
    this.own = own;
    window.dispatchEvent(new CustomEvent("own-networks"));
  },
  // Opens a tab that shows networks, with one of this visit's.
  wanted: null,
  look(title, name) {
    this.wanted = { title, name };
    window.dispatchEvent(new CustomEvent("look-at"));
    this.openTab(title);
  },
  openTab(title) {
    [...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim() === title)?.click();
  },
  save(name, blob) {
    const file = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
  },
  // The button that was pressed last: in some browsers a pressed button has no focus.
  button: null,
  say(button, words) {
    if (button.textContent === words) return;
    const before = button.textContent;
    button.textContent = words;
    setTimeout(() => (button.textContent = before), 1500);
  },
};
document.addEventListener(
  "click",
  (event) => {
    explorer.button = event.target.closest("button") ?? explorer.button;
    const link = event.target.closest('a[href^="?"]'); // a view of the explorer: here, not in a new tab
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.assign(link.getAttribute("href"));
  },
  true,
);
// A plot is a picture with a name to a screen reader, not a run of ticks.
new MutationObserver(() => {
  for (const plot of document.querySelectorAll(".js-plotly-plot:not([role])")) {
    const { title, xaxis, yaxis } = plot.layout;
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", [title, yaxis?.title, xaxis?.title].map((each) => each?.text).filter(Boolean).join(", "));
  }
}).observe(document.documentElement, { childList: true, subtree: true });
