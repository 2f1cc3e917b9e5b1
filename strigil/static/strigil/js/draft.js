// Nothing typed is lost. Each input goes to this device's outbox at once and to the server soon after; what the server
// has leaves the device. A form is sent by hand only, save a visit's values that waited for the network.
import * as outbox from "./outbox.js";
import { go, plainly, savedBy, say } from "./form.js";
import { sendForm, sendJson, why } from "./send.js";
import { drawnIn, equal, fill, same, together, typedIn } from "./values.js";

const SOON = 700, SOONEST = 1500, LATEST = 30_000, LEAVING = 5000;
const here = { timeZone: document.body.dataset.zone || undefined };
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...here });
const calendar = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", ...here });
const day = (iso) => calendar.format(iso ? new Date(iso) : new Date());
const time = (iso) => (iso ? clock.format(new Date(iso)) + (day(iso) === day() ? "" : ` on ${day(iso)}`) : "at a time not known");
// The page was asked to repeat the last visit: what it copies stands, and the draft gives all else. A reload asks for nothing.
const REPEATED = new URLSearchParams(location.search).get("copies") === "again";
if (REPEATED) history.replaceState(null, "", location.pathname);

// --- One entry of the outbox to the server, whether its form is on this page or not ---

async function sendDraft(entry, options) {
  const { author, patient, seen, version, began, values, also, tried } = entry;
  const { state, said } = await sendJson(entry.draft, { author, patient, seen, version, began, values, also, once: tried?.once }, options);
  if (state !== "ok") return { state, said };
  // A save whose answer was lost had come through.
  if (said.to) return { state: "taken", said };
  Object.assign(entry, { seen: said.kept.seen, known: values, at: said.kept.at, tried: null });
  return { state, said };
}

// What was typed after a save is kept against what that save wrote; where that is not known, against what it was.
const goOnFrom = (entry, saved) => Object.assign(entry, { pending: null, tried: null, began: saved ?? entry.began, seen: 0 });

// Two saves under one key and no answer: either may be the one that was taken.
const attempted = (before, once, values) => {
  const same = before?.once !== once || (before.values && equal(before.values, values));
  return { once, values: same ? values : null };
};
const wasTried = ({ tried, values }) => Boolean(tried.values) && equal(values, tried.values);

// The same person typed into the same form elsewhere, or saved it there: nothing of either is given up.
function bring(entry, kept) {
  if (!kept) {
    entry.seen = 0;
    return;
  }
  const { values, both } = together(entry.known ?? entry.began, entry.values, kept.values);
  for (const name of Object.keys(both)) (entry.also[name] ??= []).push({ values: both[name], at: kept.at });
  Object.assign(entry, { values, known: kept.values, seen: kept.seen, also: { ...kept.also, ...entry.also } });
}

// Its own tab may be open and type into it meanwhile; then it is that tab's to send.
async function sendWaiting(key) {
  let held = outbox.textOf(key);
  const entry = outbox.read(key);
  if (!entry) return true;
  const moved = () => outbox.textOf(key) !== held;
  const keep = () => {
    outbox.write(key, entry);
    held = outbox.textOf(key);
  };
  if (entry.later && entry.pending) {
    const { state } = await sendForm(entry.pending.url, entry.pending.body);
    if (moved()) return true;
    if (state === "away" || state === "out" || state === "failed") return false;
    if (state === "ok" && equal(entry.values, entry.pending.values)) {
      outbox.drop(key);
      return true;
    }
    if (state === "ok") goOnFrom(entry, entry.pending.values);
    entry.pending = null;
    keep();
  }
  for (let tries = 0; tries < 3; tries += 1) {
    const { state, said } = await sendDraft(entry);
    if (moved()) return true;
    if (state === "ok" || (state === "taken" && wasTried(entry))) {
      if (state === "ok") outbox.noteKept(key, entry.seen);
      outbox.drop(key);
      return true;
    }
    if (state === "taken") goOnFrom(entry, entry.tried.values);
    else if (state === "conflict") bring(entry, said.kept);
    else return false;
    keep();
  }
  return false;
}

// --- The form of this page ---

class Draft {
  constructor(form) {
    this.form = form;
    const { page, about, patient, draft: address, version, places, dated } = form.dataset;
    this.dated = dated;
    this.key = outbox.keyOf({ patient, page, about });
    this.fresh = {
      author: outbox.author, patient, page, about, draft: address, places, address: location.pathname + location.search,
      title: document.title, later: "later" in form.dataset, version: Number(version), seen: 0, began: drawnIn(form), also: {}, pending: null, tried: null,
    };
    this.wait = SOONEST;
    this.open();
    for (const kind of ["input", "change"]) {
      document.addEventListener(kind, (event) => { if (event.target.form === form) this.typed(); });
    }
    addEventListener("storage", (event) => { if (event.key === this.key && event.newValue) this.fromAnotherTab(JSON.parse(event.newValue)); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep({ leaving: true }); else this.again(); });
    addEventListener("pagehide", () => this.keep({ leaving: true }));
    addEventListener("online", () => this.again());
    addEventListener("beforeunload", (event) => {
      if (this.waiting && !this.lasting) event.preventDefault();
      this.go();
    });
  }

  open() {
    const { kept, posted, began } = JSON.parse(document.querySelector("[data-draft-told]")?.dataset.draftTold ?? "{}");
    const held = outbox.read(this.key);
    this.told = Boolean(kept);
    const entry = this.entry = { ...this.fresh, values: this.fresh.began, known: kept?.values };
    if (!posted && !held && !REPEATED && outbox.isNewer(this.key, kept?.seen ?? 0)) {
      this.done = true;
      location.reload();
      return;
    }
    if (posted) {
      // The page came back to be mended, with what was typed already in it.
      Object.assign(entry, { began: began ?? held?.began ?? null, seen: kept?.seen ?? 0, also: held?.also ?? {} });
      if (held) this.hold();
      return;
    }
    if (!held && !kept) return;
    const source = held ? { ...held } : { values: kept.values, began: kept.began, version: kept.version, also: kept.also, at: kept.at, places: this.fresh.places };
    Object.assign(entry, { values: source.values, seen: held?.seen ?? 0, also: source.also ?? {}, pending: held?.pending ?? null, tried: held?.tried ?? null, at: source.at });
    if (held && kept && held.seen !== kept.seen) {
      Object.assign(entry, { known: held.known, began: held.began ?? entry.began });
      bring(entry, kept);
    } else if (kept) entry.seen = kept.seen;
    this.restore(entry, source, kept && !held ? kept.at : source.at);
    if (held || REPEATED) this.hold();
    if (entry.pending) this.attempt({ byHand: false });
    else if (this.waiting) this.keep();
  }

  restore(entry, source, at) {
    const wanted = REPEATED ? this.withoutCopies(entry.values) : entry.values;
    const moved = source.version !== this.fresh.version && !equal(source.began ?? {}, this.fresh.began);
    const stale = Boolean(this.dated) && (!at || day(at) !== this.dated);
    const elsewhere = stale || (source.places ?? "") !== (this.fresh.places ?? "");
    this.filling = true;
    const { changed, unplaced } = elsewhere ? { changed: [], unplaced: {} } : fill(this.form, wanted);
    if (elsewhere) for (const name of Object.keys(wanted)) if (!same(wanted[name], source.began?.[name])) (entry.also[name] ??= []).push({ values: wanted[name], at });
    this.filling = false;
    if (moved) this.basedOn(source.version);
    entry.began = moved ? source.began : this.fresh.began;
    entry.version = moved ? source.version : this.fresh.version;
    entry.unplaced = unplaced;
    entry.values = { ...typedIn(this.form, wanted), ...unplaced };
    // The page as it is drawn now may lack fields; nobody has typed since.
    for (const sent of [entry.pending, entry.tried]) if (sent?.values && equal(sent.values, source.values)) sent.values = entry.values;
    if (!changed.length && !Object.keys(unplaced).length && !Object.keys(entry.also).length) {
      if (!entry.pending) this.forget();
      return;
    }
    for (const one of changed) {
      (one.closest(".field, .question, fieldset") ?? one).classList.add("is-restored");
      for (let fold = one.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
    }
    this.tell(at, { moved, stale });
    say(`Typed ${time(at)}, not yet saved`);
  }

  withoutCopies(values) {
    return Object.fromEntries(Object.entries(values).filter(([name]) => !this.form.querySelector(`[data-copied] [name="${CSS.escape(name)}"]`)));
  }

  basedOn(version) {
    const field = this.form.elements.namedItem("version");
    if (field) field.value = version;
  }

  tell(at, { moved, stale }) {
    const told = document.querySelector("[data-draft-told]");
    if (!told) return;
    told.querySelector("[data-draft-when]").textContent = `Typed ${time(at)}, not yet saved.`;
    told.querySelector("[data-draft-moved]").hidden = !moved;
    told.querySelector("[data-draft-filled]").hidden = stale;
    told.querySelector("[data-draft-stale]").hidden = !stale;
    told.querySelector("[data-draft-forget]").addEventListener("click", () => this.startOver(), { once: true });
    told.hidden = false;
    this.tellAlso();
  }

  // What has no field of its own: typed into the same field elsewhere, or about a place that this page no longer has.
  tellAlso() {
    const told = document.querySelector("[data-draft-told]"), list = told?.querySelector("[data-draft-also]");
    if (!list) return;
    const lines = Object.entries(this.entry.unplaced ?? {}).map(([name, values]) => ["Kept, but there is no place for it here any more", name, values]);
    for (const [name, found] of Object.entries(this.entry.also)) {
      for (const { values, at } of found) lines.push([`Also typed ${time(at)}, elsewhere`, name, values]);
    }
    list.replaceChildren(...lines.map(([what, name, values]) => {
      const line = document.createElement("p");
      line.textContent = `${what}: ${this.label(name)}: ${values.filter((one) => one !== "").join(", ") || "nothing"}`;
      return line;
    }));
    if (lines.length) told.hidden = false;
  }

  label(name) {
    const field = this.form.querySelector(`[name="${CSS.escape(name)}"]`);
    const named = field?.closest("fieldset")?.querySelector("legend") ?? field?.labels?.[0];
    return named?.textContent.trim().replace(/\s+/g, " ") ?? name;
  }

  // --- Typing ---

  typed() {
    if (this.filling || this.done) return;
    const values = { ...typedIn(this.form, this.entry.values), ...this.entry.unplaced };
    if (equal(values, this.entry.values)) return;
    this.entry.values = values;
    this.entry.at = new Date().toISOString();
    this.hold();
    if (!this.entry.pending) say(this.lasting ? "On this tablet" : "Not saved yet");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), SOON);
  }

  hold(entry = this.entry) {
    this.waiting = true;
    this.entry.at ??= new Date().toISOString();
    this.lasting = outbox.write(this.key, entry);
    this.written = outbox.textOf(this.key);
  }

  // What another tab has put there meanwhile is that tab's.
  release() {
    this.waiting = false;
    if (outbox.textOf(this.key) === this.written) outbox.drop(this.key);
  }

  fromAnotherTab(theirs) {
    if (this.done || theirs.pending) return;
    const { values, both } = together(this.last ?? this.entry.began ?? {}, this.entry.values, theirs.values);
    Object.assign(this.entry, { seen: Math.max(theirs.seen, this.entry.seen), known: theirs.known, values });
    for (const name of Object.keys(both)) (this.entry.also[name] ??= []).push({ values: both[name], at: theirs.at });
    this.filling = true;
    fill(this.form, values);
    this.filling = false;
    this.last = theirs.values;
    this.tellAlso();
  }

  // The next page may be on its way from before this draft arrived: until it is here, the device keeps what was typed.
  go() {
    this.going = true;
    setTimeout(() => {
      this.going = false;
      this.again();
    }, LEAVING);
  }

  // Sends the draft; the answer decides whether it may leave the device.
  async keep({ leaving = false } = {}) {
    clearTimeout(this.timer);
    if (!this.waiting || this.done || this.entry.pending) return;
    if (this.sending && !(leaving && this.entry.values !== this.onItsWay)) return void (this.more = true);
    const sent = this.onItsWay = this.entry.values;
    this.sending = sendDraft(this.entry, { leaving });
    const { state, said } = await this.sending;
    this.sending = null;
    const more = this.more || this.entry.values !== sent;
    this.more = false;
    if (this.done || this.entry.pending) return;
    if (this.going && (state === "taken" || (state === "ok" && !more))) return;
    if (state === "taken") return this.saved(said.to, !wasTried(this.entry), this.entry.tried.values);
    if (state === "ok" && !more) {
      outbox.noteKept(this.key, said.kept.seen);
      this.release();
      this.wait = SOONEST;
      say(`Saved as a draft ${time(said.kept.at)}`);
    } else if (state === "ok") {
      this.hold();
      this.timer = setTimeout(() => this.keep(), SOON);
    } else if (state === "conflict") this.meet(said.kept);
    else this.stays(state, said);
  }

  meet(kept) {
    bring(this.entry, kept);
    this.filling = true;
    fill(this.form, this.entry.values);
    this.filling = false;
    this.hold();
    this.tellAlso();
    this.keep();
  }

  stays(state, said) {
    const here = this.lasting ? "On this tablet" : "Not saved yet, only on this page";
    if (state === "out") say(`${here}. Sign in again to save it.`, { sign: true });
    else if (state === "other") say(`Not saved: ${said.why}`, { failed: true });
    else if (state === "away") say(`${here}; will be sent when the network is back`);
    else say(`Not saved: ${why(state)}.`, { failed: true });
    if (state === "away" || state === "out" || state === "failed") this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, LATEST);
  }

  again() {
    if (this.entry.pending) this.attempt({ byHand: false });
    else this.keep();
  }

  // --- Saving ---

  async save(pairs, submitter) {
    clearTimeout(this.timer);
    if (this.entry.began) pairs.push(["began", JSON.stringify(this.entry.began)]);
    this.entry.pending = { url: this.form.action, body: pairs, values: this.entry.values };
    this.entry.tried = attempted(this.entry.tried, pairs.find(([name]) => name === "once")?.[1], this.entry.values);
    this.entry.at ??= new Date().toISOString();
    if (this.fresh.later) this.hold();
    else if (this.waiting) this.hold({ ...this.entry, pending: null });
    say("Saving");
    await this.sending;
    await this.attempt({ byHand: true, submitter });
  }

  async attempt({ byHand, submitter }) {
    if (this.attempting) return;
    const pending = this.entry.pending;
    this.attempting = sendForm(pending.url, pending.body);
    const { state, said } = await this.attempting;
    this.attempting = null;
    const since = !equal(this.entry.values, pending.values);
    if (state === "ok") return this.saved(said.to, since, pending.values);
    if (state === "refused" || state === "conflict") {
      Object.assign(this.entry, { pending: null, tried: null });
      if (byHand && !since) return this.showRefusal(pending, submitter);
      this.hold();
      this.stays(state, said);
      return;
    }
    if (!this.fresh.later || ["other", "forbidden", "gone", "large"].includes(state)) this.entry.pending = null;
    this.hold();
    if (state === "away" && this.fresh.later) {
      say("On this tablet, not saved; will be sent when the network is back");
      this.later();
    } else if (state === "away") say("On this tablet, not saved: no answer from the server. Save again when the network is back", { failed: true });
    else if (state === "out" && this.fresh.later) this.stays(state, said);
    else if (state === "out") say("On this tablet, not saved. Sign in, then save again.", { failed: true, sign: true });
    else if (state === "failed") {
      this.entry.pending = null;
      this.hold();
      say(`Not saved: ${why("failed")}.`, { failed: true });
    } else this.stays(state, said);
  }

  saved(to, since, values) {
    if (!since) {
      this.done = true;
      this.release();
      say("Saved");
      go(to);
      return;
    }
    // More was typed while the save was on its way: it is kept against what was saved, and the page drawn anew.
    goOnFrom(this.entry, values);
    this.hold();
    this.done = true;
    go(this.fresh.address);
  }

  // The server says what is wrong on the page itself; nothing was written, so the form may be sent the plain way.
  showRefusal(pending, submitter) {
    this.hold();
    this.done = true;
    plainly(this.form, pending.body, submitter);
  }

  async forget() {
    outbox.forgetKept();
    outbox.drop(this.key);
    this.waiting = false;
    const { patient, seen } = this.entry;
    if (seen || this.told) await sendJson(this.entry.draft, { author: outbox.author, patient, seen, forget: true });
    Object.assign(this.entry, { seen: 0, also: {}, unplaced: {}, known: undefined });
  }

  async startOver() {
    this.done = true;
    await this.sending;
    await this.forget();
    go(this.fresh.address);
  }
}

const form = document.querySelector("form[data-draft]");
const draft = form && outbox.author ? new Draft(form) : null;
if (draft) savedBy(draft);

// A page out of the browser's memory is older than what was saved since.
addEventListener("pageshow", (event) => { if (event.persisted && draft) location.reload(); });

// --- What waits from other pages, and signing out ---

async function sendAll() {
  const keys = outbox.mine().filter((key) => key !== draft?.key);
  const done = await Promise.all(keys.map((key) => sendWaiting(key)));
  return keys.filter((_, place) => !done[place]);
}

function listWaiting(keys) {
  document.querySelector("[data-waiting]")?.remove();
  if (!keys.length) return;
  const told = Object.assign(document.createElement("div"), { className: "message message--warning" });
  told.dataset.waiting = "";
  told.append("On this tablet, not saved: ");
  keys.forEach((key, place) => {
    const entry = outbox.read(key);
    const link = Object.assign(document.createElement("a"), { href: entry.address, textContent: entry.title.replace(/ · Strigil$/, "") });
    told.append(place ? ", " : "", link);
  });
  document.querySelector("main")?.prepend(told);
}

async function sendOthers() {
  if (outbox.author) listWaiting(await sendAll());
}

const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, LEAVING))]);

async function signOut(event) {
  const out = event.target;
  event.preventDefault();
  if (draft) await within(draft.attempting ?? (draft.entry.pending ? draft.attempt({ byHand: false }) : draft.keep()));
  await within(sendAll());
  const left = outbox.mine();
  if (!left.length || out.dataset.warned) return leave(out);
  out.dataset.warned = "yes";
  const told = Object.assign(document.createElement("div"), { className: "message message--error", tabIndex: -1 });
  told.setAttribute("role", "alert");
  const titles = left.map((key) => outbox.read(key)?.title?.replace(/ · Strigil$/, "")).join(", ");
  told.append(Object.assign(document.createElement("p"), { textContent: `Not signed out: something typed is only on this tablet and could not be sent (${titles}). Signing out would lose it.` }));
  const stay = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Stay signed in" });
  const lose = Object.assign(document.createElement("button"), { type: "button", className: "button button--grave", textContent: "Lose it and sign out" });
  stay.addEventListener("click", () => { told.remove(); delete out.dataset.warned; });
  lose.addEventListener("click", () => leave(out));
  const row = Object.assign(document.createElement("p"), { className: "row" });
  row.append(stay, lose);
  told.append(row);
  document.querySelector("main").prepend(told);
  told.focus();
}

function leave(out) {
  if (draft) draft.done = true;
  for (const key of outbox.mine()) outbox.drop(key);
  const pairs = outbox.others().length ? [["keep", "device"]] : [];
  plainly(out, pairs);
}

document.addEventListener("submit", (event) => { if (event.target.matches("[data-sign-out]")) signOut(event); });
addEventListener("online", sendOthers);
outbox.sweep();
sendOthers();
