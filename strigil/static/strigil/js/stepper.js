// Shows − and + beside a number. An empty number starts from the last value (data-from), else from its least; never by itself.
// Counts from the value that stands there: stepUp() counts from min, so that 30 by tens from a least of 1 came to 31.
function step(input, by) {
  if (input.value === "") {
    const from = input.closest(".stepper").dataset.from;
    input.value = from || input.min || "0";
  } else {
    const size = Number(input.step) || 1;
    const places = (input.step.split(".")[1] || "").length;
    const least = input.min === "" ? -Infinity : Number(input.min);
    const most = input.max === "" ? Infinity : Number(input.max);
    const next = Math.min(most, Math.max(least, input.valueAsNumber + by * size));
    input.value = next.toFixed(Math.max(places, (input.value.split(".")[1] || "").length));
  }
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
