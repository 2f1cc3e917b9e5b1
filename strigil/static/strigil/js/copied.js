// Copied is not confirmed until touched: a tap or a change on the value ticks its "Still so" box; unticking it takes that back.
function touched(event) {
  const copied = event.target.closest("[data-copied]");
  if (!copied || !event.target.closest("input, select, textarea, button")) return;
  const mark = copied.querySelector("[data-confirmed]");
  if (!mark) return;
  if (event.target !== mark) {
    if (mark.type === "checkbox") mark.checked = true;
    else mark.value = "1";
  }
  copied.classList.toggle("is-copied", mark.type === "checkbox" && !mark.checked);
}

for (const kind of ["click", "input", "change"]) document.addEventListener(kind, touched);
