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
document.addEventListener("htmx:load", (event) => focus(event.target));
if (document.readyState === "complete") focus(document);
else addEventListener("load", () => requestAnimationFrame(() => focus(document)));
