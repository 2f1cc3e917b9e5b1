// The phone as inclinometer: one touch at the start position, one at the end, and the angle between stands in the box. What no sensor
// gives is typed. The angle stays in the box that was there without this script; nothing is sent before the form is.
import { between, up } from "./angle.js";

const WAIT = 1500;
const place = document.querySelector("[data-incline]");
const box = document.querySelector(`#${place.dataset.incline}`);
const device = document.querySelector(`#${place.dataset.device}`);
const press = place.querySelector("[data-press]");
const shown = place.querySelector("[data-shown]");
const says = place.querySelector("[data-says]");
let now = null, start = null, state = "off", waiting = 0;

const WORDS = {
  allow: ["Allow the sensor", "The phone asks first whether this page may read its position."],
  start: ["Start position", "Hold the phone against the limb in the start position, then touch."],
  end: ["End position", "Move to the end of the motion, hold still, then touch."],
  done: ["Measure again", "The angle is below. Save it, or measure again."],
};

function turn(to) {
  state = to;
  const [button, words] = WORDS[to];
  press.textContent = button;
  press.hidden = false;
  press.classList.toggle("button--quiet", to === "done");
  says.textContent = words;
}

function cannot(words) {
  clearTimeout(waiting);
  state = "off";
  press.hidden = true;
  place.querySelector("[data-large]").hidden = true;
  says.textContent = `${words} Type the angle instead.`;
}

// The large figure follows the motion; readers hear the result only.
function show(degrees) {
  shown.textContent = degrees === null ? "–" : String(Math.round(degrees));
}

function felt(event) {
  if (!Number.isFinite(event.beta) || !Number.isFinite(event.gamma)) return;
  now = up(event.beta, event.gamma);
  if (state === "waiting" || state === "allow") {
    clearTimeout(waiting);
    turn("start");
  }
  if (state === "end") show(between(start, now));
}

function wait() {
  state = "waiting";
  says.textContent = "Waiting for the sensor.";
  press.hidden = true;
  waiting = setTimeout(() => cannot("No angle comes from this device: it has no sensor, or the browser keeps it back."), WAIT);
}

async function allow() {
  try {
    if (await DeviceOrientationEvent.requestPermission() === "granted") wait();
    else cannot("The sensor was not allowed. To ask again, close this page and open it anew.");
  } catch {
    cannot("The browser did not let this page ask for the sensor.");
  }
}

function touch() {
  if (state === "allow") return allow();
  if (state === "end") {
    const degrees = between(start, now);
    show(degrees);
    box.value = String(Math.round(degrees));
    for (const kind of ["input", "change"]) box.dispatchEvent(new Event(kind, { bubbles: true }));
    turn("done");
    says.textContent = `${box.value} degrees. ${WORDS.done[1]}`;
    return;
  }
  start = state === "done" ? null : now;
  show(start ? 0 : null);
  turn(start ? "end" : "start");
}

// Without version numbers: an update of the browser would otherwise part the readings of one phone.
async function told() {
  const agent = navigator.userAgent;
  const known = [["Firefox/", "Firefox"], ["Edg", "Edge"], ["SamsungBrowser/", "Samsung Internet"], ["CriOS/", "Chrome"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
  const browser = known.find(([mark]) => agent.includes(mark))?.[1] ?? "";
  const data = navigator.userAgentData;
  const high = await data?.getHighEntropyValues?.(["model"]).catch(() => null);
  const platform = data?.platform || /iPhone|iPad|Android/.exec(agent)?.[0] || navigator.platform;
  return [[platform, high?.model].filter(Boolean).join(" "), browser].filter(Boolean).join(", ");
}

place.hidden = false;
document.querySelector("[data-without]").hidden = true;
press.addEventListener("click", touch);
if (!device.value) told().then((words) => { device.value ||= words.slice(0, device.maxLength); });
if (!isSecureContext) cannot("A browser gives the angle only over https.");
else if (typeof DeviceOrientationEvent === "undefined") cannot("This browser knows no sensor for its position.");
else {
  // Where a browser has to be asked, it may have been asked before: the first event ends the asking.
  addEventListener("deviceorientation", felt);
  if (typeof DeviceOrientationEvent.requestPermission === "function") turn("allow");
  else wait();
}
