// Every form that writes is sent from here, so that its page, and what was typed on it, stays until an answer has come.
// What holds a password, or is answered by what is shown only once (data-plain), the browser sends itself.
import { forgetKept } from "./outbox.js";
import { send, token, why } from "./send.js";

const UPLOAD = 300_000;
const author = document.body.dataset.author ?? "";
const note = document.querySelector("[data-save-note]");
const root = document.documentElement;
const keys = new Map();
let leaving = false;
let drafted = null;

// The form that keeps drafts is saved by its draft.
export function savedBy(draft) {
  drafted = draft;
}

export function say(words, { failed = false, sign = false } = {}) {
  if (!note) return;
  const said = words + (sign ? " " : "");
  if (note.firstChild?.textContent !== said) note.replaceChildren(said);
  if (sign && !note.querySelector("a")) note.append(signIn(sign));
  note.classList.toggle("is-failed", failed);
}

// A page that keeps no draft is not left for it.
function signIn(where) {
  const link = document.createElement("a");
  link.href = where === "beside" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  if (where === "beside") Object.assign(link, { target: "_blank", rel: "noopener" });
  link.textContent = "Sign in";
  return link;
}

// The same page is drawn anew, also where only the part after # differs.
export function go(to) {
  leaving = true;
  forgetKept();
  const there = new URL(to, location.href);
  if (there.hash && there.pathname === location.pathname && there.search === location.search) {
    history.replaceState(null, "", there);
    location.reload();
  } else location.assign(there);
}

const addressOf = (form, submitter) => (submitter?.hasAttribute("formaction") ? submitter.formAction : new URL(form.getAttribute("action") ?? "", location.href).href);

function pairsOf(form, submitter) {
  const pairs = [...new FormData(form)];
  if (submitter?.name) pairs.push([submitter.name, submitter.value]);
  return pairs.filter(([name]) => name !== "csrfmiddlewaretoken");
}

// By this the server knows a form that comes again, and for whom its page was drawn.
function named(pairs, form, url) {
  if (pairs.some(([name]) => name === "once")) return pairs;
  const place = `${[...document.forms].indexOf(form)} ${url}`;
  if (!keys.has(place)) keys.set(place, [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join(""));
  return [...pairs, ["once", keys.get(place)], ["author", author]];
}

export function plainly(form, pairs, submitter) {
  const names = new Set([...new FormData(form).keys()]);
  for (const [name, value] of pairs) {
    if (names.has(name)) continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
  const csrf = form.querySelector("[name=csrfmiddlewaretoken]");
  if (csrf) csrf.value = token();
  if (submitter?.hasAttribute("formaction")) form.setAttribute("action", submitter.formAction);
  leaving = true;
  forgetKept();
  HTMLFormElement.prototype.submit.call(form);
}

// A form without a draft: a signature, the start of a visit, a choice. It goes now or not at all.
async function sendNow(form, submitter) {
  const what = form.dataset.send || "Not saved";
  const url = addressOf(form, submitter);
  const files = form.getAttribute("enctype") === "multipart/form-data";
  const pairs = named(pairsOf(form, submitter), form, url);
  const body = files ? new FormData() : new URLSearchParams();
  for (const [name, value] of pairs) body.append(name, value);
  if (atBar(submitter)) say("Sending");
  const { state, said } = await send(url, body, files ? { within: UPLOAD } : {});
  if (state === "ok") return go(said.to);
  if (state === "refused" || state === "conflict") return plainly(form, pairs, submitter);
  const because = {
    away: "this needs the network, and no answer came. Try again when it is back: it is done once, however often you press",
    out: "nobody is signed in on this tablet any more. Sign in on another page, then try again here.",
    other: said.why,
  }[state];
  form.dispatchEvent(new CustomEvent("strigil:unsent", { bubbles: true }));
  aloud(form, submitter, `${what}: ${because ?? why(state, STAYS)}`, state === "out");
}

// Words stand where the button is: in the save bar, or beside the form.
const atBar = (submitter) => note && (!submitter || submitter.closest(".actions"));
const STAYS = "What you typed is still on this page";

function aloud(form, submitter, words, sign) {
  if (atBar(submitter)) return say(words, { failed: true, sign: sign && "beside" });
  const beside = !submitter || form.contains(submitter) ? form : submitter.parentElement;
  const place = beside.parentElement.querySelector(":scope > [data-unsent]") ?? Object.assign(document.createElement("p"), { className: "field__error" });
  place.dataset.unsent = "";
  place.setAttribute("role", "alert");
  place.textContent = words;
  if (sign) place.append(" ", signIn("beside"));
  beside.after(place);
  place.scrollIntoView({ block: "nearest" });
}

const PLAIN = "[data-sign-out], [data-plain], [data-passkey], :has([type=password])";

document.addEventListener("submit", async (event) => {
  const sent = event.target;
  if (event.defaultPrevented || !author || sent.getAttribute("method") !== "post" || sent.matches(PLAIN)) return;
  event.preventDefault();
  // A second press changes nothing; where the next page does not come, it may be pressed again.
  if ("sending" in root.dataset && !leaving) return;
  root.dataset.sending = "";
  try {
    if (drafted?.form === sent) await drafted.save(pairsOf(sent, event.submitter), event.submitter);
    else await sendNow(sent, event.submitter);
  } finally {
    if (!leaving) delete root.dataset.sending;
  }
});
