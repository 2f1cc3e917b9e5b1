// Copied is not confirmed until touched: a tap or a change on the value ticks its "Still so" box; unticking it takes that back.
function mark(copied, sure) {
  const box = copied.querySelector("[data-confirmed]");
  if (!box) return;
  if (box.type === "checkbox") box.checked = sure;
  else box.value = sure ? "1" : "";
  copied.classList.toggle("is-copied", !sure);
  const how = copied.closest(".how");
  how?.classList.toggle("is-copied", how.querySelector("[data-copied].is-copied") !== null);
}

function touched(event) {
  if (event.target.matches?.("[data-confirm-area]")) {
    for (const one of event.target.closest("[data-area]").querySelectorAll("[data-copied]")) mark(one, event.target.checked);
    return;
  }
  const copied = event.target.closest("[data-copied]");
  if (!copied || !event.target.closest("input, select, textarea, button")) return;
  const box = copied.querySelector("[data-confirmed]");
  if (box) mark(copied, event.target !== box || box.type !== "checkbox" || box.checked);
}

// Empties what is copied and was not confirmed, in place, so that nothing typed meanwhile is lost; without this the link opens the page anew.
function empty(event) {
  const link = event.target.closest("[data-empty-copies]");
  if (!link) return;
  event.preventDefault();
  for (const copied of document.querySelectorAll("[data-copied].is-copied")) {
    for (const one of copied.querySelectorAll("input:not([data-confirmed]), select, textarea")) {
      if (one.type === "checkbox" || one.type === "radio") one.checked = false;
      else one.value = "";
      for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }
  for (const one of document.querySelectorAll(".as-last")) one.hidden = true;
  const said = link.closest(".copies");
  said.querySelector("p").textContent = "What was copied is emptied.";
  said.tabIndex = -1;
  said.focus();
  link.hidden = true;
}

for (const kind of ["click", "input", "change"]) document.addEventListener(kind, touched);
document.addEventListener("click", empty);
