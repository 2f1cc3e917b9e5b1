// Says before a session ends because nothing happened, and leaves the page when it has: a record shall not stay on a
// tablet that nobody holds. What was typed is in the outbox of the device and opens again at the next sign-in.
import { token } from "./send.js";

const WARN = 120, OFTEN = 10, UNKNOWN = 60;
const outer = document.querySelector("[data-session]");
const drafted = document.querySelector("form[data-draft]") || !document.querySelector("main form[method=post]");
const kept = drafted ? "What you typed is kept and opens again when you sign in." : "What you typed here and did not save would be lost.";
let shown = null, next = 0;

async function ask(method) {
  const headers = { "Strigil-Send": "page", "X-CSRFToken": token() };
  try {
    const response = await fetch(outer.dataset.session, { method, headers, redirect: "error" });
    if (response.status === 401) return 0;
    return response.ok ? (await response.json()).left : null;
  } catch {
    return null;
  }
}

function warn() {
  if (shown) return;
  shown = Object.assign(document.createElement("div"), { className: "message message--warning width" });
  shown.setAttribute("role", "alert");
  const stay = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Stay signed in" });
  stay.addEventListener("click", async () => { await ask("POST"); look(); });
  shown.append(Object.assign(document.createElement("p"), { textContent: `You will be signed out soon, because nothing happened here. ${kept}` }), stay);
  document.querySelector(".bar").append(shown);
}

function leave() {
  location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}&ended=yes`);
}

async function look() {
  const left = await ask("GET");
  if (left === 0) return leave();
  if (left !== null && left <= WARN) warn();
  else if (shown && left !== null) { shown.remove(); shown = null; }
  const wait = left === null ? UNKNOWN : left > WARN ? left - WARN : Math.min(left, OFTEN);
  clearTimeout(next);
  next = setTimeout(look, (wait + 1) * 1000);
}

next = setTimeout(look, Math.max(1, Number(outer.dataset.left) - WARN) * 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask("GET").then((left) => { if (left === 0) leave(); }); });
