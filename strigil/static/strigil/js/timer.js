// The timer of an area: one touch starts it, one stops it and fills the time. It is kept on the device by visit and area, so that it
// survives a reload; only one runs. What it keeps names a visit and an area of its page, and nobody.
const KEY = "strigil-timer";
const form = document.querySelector("form[data-visit]");
const line = document.querySelector("[data-timer-line]");
const status = document.querySelector("[data-timer-status]");
const title = document.title;
const places = new Map([...document.querySelectorAll("[data-timer]")].map((one) => [one.dataset.timer, one]));

function running() {
  try { return JSON.parse(localStorage.getItem(KEY)); } catch { return null; }
}
function keep(timer) {
  try {
    if (timer) localStorage.setItem(KEY, JSON.stringify(timer));
    else localStorage.removeItem(KEY);
    return true;
  } catch { return false; }
}
const here = (timer) => timer?.visit === form.dataset.visit && places.has(timer.area);
const box = (place) => place.querySelector("input[type=number]");
const most = (place) => Number(box(place).max) || 3600;
const seconds = (timer) => timer.from + Math.round((Date.now() - timer.since) / 1000);
const spoken = (number) => `${Math.floor(number / 60)}:${String(number % 60).padStart(2, "0")}`;
// A timer that somebody forgot, or whose device changed its clock, has no time to give.
const absurd = (timer) => seconds(timer) > (places.has(timer.area) ? most(places.get(timer.area)) : 3600) || seconds(timer) < timer.from;

function say(words) {
  status.textContent = words;
}
function fill(place, value) {
  const input = box(place);
  input.value = String(Math.max(1, value));
  place.dataset.timed = input.value;
  for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
}

function stop(timer) {
  const place = places.get(timer.area);
  if (absurd(timer)) return ask(place, timer);
  keep(null);
  fill(place, seconds(timer));
  say(`Timer stopped: ${place.dataset.timerName}, ${box(place).value} seconds.`);
  draw();
}

function start(area) {
  const before = running();
  if (before && here(before)) {
    stop(before);
    if (running()) return;
  } else if (before && !absurd(before)) return elsewhere(places.get(area), before);
  const place = places.get(area);
  // What the timer filled itself is gone on with; what was copied or typed is begun anew.
  const from = place.dataset.timed && place.dataset.timed === box(place).value ? Number(box(place).value) : 0;
  keep({ visit: form.dataset.visit, area, since: Date.now(), from });
  say(`Timer runs: ${place.dataset.timerName}.`);
  draw();
}

function button(words, act, quiet = true) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = quiet ? "button button--quiet" : "button";
  one.textContent = words;
  one.addEventListener("click", act);
  return one;
}

function clear() {
  for (const place of places.values()) place.querySelector("[data-timer-ask]").replaceChildren();
}
function throwAway(place) {
  keep(null);
  clear();
  draw();
  box(place).focus();
}
function put(place, words, ...acts) {
  const said = document.createElement("p");
  said.textContent = words;
  const row = document.createElement("div");
  row.className = "row";
  row.append(...acts);
  place.querySelector("[data-timer-ask]").replaceChildren(said, row);
}

function ask(place, timer) {
  const since = new Date(timer.since).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  draw();
  put(place, `The timer has been running since ${since}, so it was probably left on. Nothing was filled in. Throw it away, and type the time.`,
    button("Throw it away", () => throwAway(place), false));
}
function elsewhere(place, timer) {
  const go = document.createElement("a");
  go.className = "button button--quiet";
  go.href = `/visits/${encodeURIComponent(timer.visit)}`;
  go.textContent = "Open that visit";
  put(place, `A timer runs in another visit (${spoken(seconds(timer))}). Only one runs at a time.`, go,
    button("Throw it away", () => throwAway(place)));
}

function draw() {
  const timer = running();
  const mine = here(timer) ? timer : null;
  for (const [area, place] of places) {
    const on = mine?.area === area;
    const press = place.querySelector("[data-timer-button]");
    press.hidden = false;
    press.setAttribute("aria-pressed", String(on));
    press.querySelector("[data-timer-word]").textContent = on ? "Stop timer" : "Start timer";
    place.classList.toggle("is-timing", on);
  }
  line.hidden = !mine;
  tick();
}
function tick() {
  const timer = running();
  if (!here(timer)) {
    document.title = title;
    line.hidden = true;
    return;
  }
  const past = absurd(timer);
  const time = past ? "left on?" : spoken(seconds(timer));
  line.querySelector("[data-timer-says]").textContent = `Timer runs: ${places.get(timer.area).dataset.timerName}, ${time}`;
  document.title = `${time} · ${title}`;
}

if (form && line && places.size && keep(running())) {
  document.addEventListener("click", (event) => {
    const press = event.target.closest("[data-timer-button]");
    if (!press && !event.target.closest("[data-timer-stop]")) return;
    clear();
    const timer = running();
    const area = press?.closest("[data-timer]").dataset.timer;
    if (here(timer) && (!press || timer.area === area)) stop(timer);
    else if (press) start(area);
  });
  // Another tab of the same tablet may start or stop it.
  addEventListener("storage", (event) => { if (event.key === KEY) draw(); });
  setInterval(tick, 1000);
  draw();
  if (here(running()) && absurd(running())) ask(places.get(running().area), running());
}
