// Shows − and + beside a number. An empty number starts from the last value (data-from), else from its least; never by itself.
function step(input, by) {
  if (input.value === "") {
    const from = input.closest(".stepper").dataset.from;
    input.value = from || input.min || "0";
  } else if (by > 0) input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function show(root) {
  for (const button of root.querySelectorAll(".stepper [data-step]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".stepper [data-step]");
  if (button) step(button.closest(".stepper").querySelector("input[type=number]"), Number(button.dataset.step));
});
document.addEventListener("htmx:load", (event) => show(event.target));
show(document);
