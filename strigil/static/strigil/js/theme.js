// Light or dark by hand. Without a choice the page follows the device; without JavaScript the button stays hidden.
const KEY = "strigil-theme";
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}
function keep(theme) {
  try { localStorage.setItem(KEY, theme); } catch { /* private window: holds for this page */ }
}
function current() {
  return root.dataset.theme || (dark.matches ? "dark" : "light");
}

const chosen = stored();
if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

function ready() {
  for (const button of document.querySelectorAll("[data-theme-button]")) {
    const label = () => { button.textContent = current() === "dark" ? "Light colours" : "Dark colours"; };
    label();
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label();
    });
    dark.addEventListener("change", label);
  }
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
else ready();
