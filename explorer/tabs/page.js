// What all tabs share in the browser: links that reopen a view, and tables as files.
window.explorer = {
  // Copies the address of this view and says so on the button that was pressed.
  async copyLink(tab, settings) {
    const query = new URLSearchParams({ tab });
    for (const [key, value] of Object.entries(settings))
      if (value !== null && value !== undefined && value !== "") query.set(key, Array.isArray(value) ? value.join("|") : value);
    const button = document.activeElement;
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
  save(name, blob) {
    const file = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
  },
  say(button, words) {
    const before = button.textContent;
    button.textContent = words;
    setTimeout(() => (button.textContent = before), 1500);
  },
};
