// Moves focus to the error summary when a page, or a part of it, comes back with one; its links lead to the field.
function focus(root) {
  const summary = root.querySelector("[data-errors]");
  if (summary && document.activeElement !== summary) summary.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-errors] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});
// A number or a date that the browser cannot read it would send as nothing, and the record would say "not known".
document.addEventListener("submit", (event) => {
  for (const old of event.target.querySelectorAll("[data-unread]")) old.remove();
  const unread = [...event.target.elements].filter((one) => one.validity?.badInput);
  if (!unread.length) return;
  event.preventDefault();
  for (const field of unread) {
    const said = document.createElement("p");
    said.className = "field__error";
    said.dataset.unread = "";
    said.id = `${field.id}_unread`;
    said.setAttribute("role", "alert");
    said.textContent = field.type === "date" ? "This is not a whole date. Correct it, or empty the field." : "This is not a number. Correct it, or empty the field.";
    const told = new Set([said.id, ...(field.getAttribute("aria-describedby") ?? "").split(" ")]);
    field.setAttribute("aria-describedby", [...told].join(" ").trim());
    field.closest(".control, .stepper__line").before(said);
  }
  unread[0].scrollIntoView({ block: "center" });
  unread[0].focus({ preventScroll: true });
});
document.addEventListener("htmx:load", (event) => focus(event.target));
if (document.readyState === "complete") focus(document);
else addEventListener("load", () => requestAnimationFrame(() => focus(document)));
