"""Screens of visitors, for the tests of a browser."""

DESKTOP = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}

SCREENS = {"desktop": DESKTOP, "phone": PHONE}

# Before the page's own scripts: adds up what moves while the page is loaded, but what answers a press.
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) window.shifts.push([value, ...sources.map(({ node }) => node?.textContent?.trim().slice(0, 40) ?? "")]);
}).observe({ type: "layout-shift", buffered: true });"""

# Resolves when nothing of the page has changed for half a second.
QUIET = """() => new Promise((resolve) => {
  let timer = setTimeout(resolve, 500);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, 500);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
})"""
