// Copied is not confirmed until touched: a tap, a key press or a change on the value ticks its "Still so" box.
function confirm(copied) {
  const mark = copied.querySelector("[data-confirmed]");
  if (mark && mark.type === "checkbox") mark.checked = true;
  else if (mark) mark.value = "1";
  copied.classList.remove("is-copied");
}

function touched(event) {
  const copied = event.target.closest(".is-copied");
  if (!copied || !event.target.closest("input, select, textarea, button")) return;
  if (event.target.matches("[data-confirmed]") && !event.target.checked) return;
  confirm(copied);
}

for (const kind of ["click", "input", "change"]) document.addEventListener(kind, touched);
