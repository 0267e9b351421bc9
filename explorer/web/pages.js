// What the pages that ask `server.ask` for a view share: the question itself, and the visit's networks to choose from.
const ask = async (question) => {
  let answer;
  try {
    answer = await server.ask({ ...question, visit: explorer.visit });
  } catch {} // Gradio swallows most failures itself and answers undefined
  return answer ?? { error: "The explorer does not answer. Choose again to ask again." };
};

// The networks of this visit stand last in a tab's choices of networks, also those that come later; another tab may ask to look at one.
const offerOwn = (title, selects, changed, looked = changed) => {
  const offer = () => {
    let gone = false;
    for (const select of selects) {
      const before = select.value;
      select.querySelector("optgroup[label=yours]")?.remove();
      fill(select, networkOptions(explorer.own));
      select.value = before;
      if (select.selectedIndex >= 0) continue;
      select.selectedIndex = 0;
      gone = true;
    }
    if (gone) changed();
  };
  const look = () => {
    if (explorer.wanted?.title !== title) return;
    selects[0].value = explorer.wanted.name;
    explorer.wanted = null;
    looked();
  };
  window.addEventListener("own-networks", offer);
  window.addEventListener("look-at", look);
  offer();
  look();
};
