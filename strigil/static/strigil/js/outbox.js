// What was typed on this device and has not reached the server: one entry for each author, patient, form and record.
// localStorage, because it is written before the event that typed is over; where it is blocked, the page's own memory.
const PREFIX = "strigil-draft/";
const MONTH = 30 * 24 * 60 * 60 * 1000;
const memory = new Map();

export const author = document.body.dataset.author ?? "";
const own = `${PREFIX}${author}/`;

export function keyOf({ patient, page, about }) {
  return `${own}${patient}/${page}/${about}`;
}

export function read(key) {
  try {
    return JSON.parse(textOf(key));
  } catch {
    return null;
  }
}

export function textOf(key) {
  try { return memory.get(key) ?? localStorage.getItem(key); } catch { return null; }
}

// True where it outlives this page.
export function write(key, entry) {
  const text = JSON.stringify(entry);
  try {
    localStorage.setItem(key, text);
    memory.delete(key);
    return true;
  } catch {
    memory.set(key, text);
    return false;
  }
}

export function drop(key) {
  memory.delete(key);
  try { localStorage.removeItem(key); } catch { /* blocked: nothing was kept */ }
}

// The draft that reached the server last, without its text: a page that was drawn before it came finds out by this.
const LAST = "strigil-last-kept";
const DRAWING = 10_000;

export function noteKept(key, seen) {
  try { localStorage.setItem(LAST, JSON.stringify({ key, seen, at: Date.now() })); } catch { /* blocked: nobody to tell */ }
}

export function forgetKept() {
  try { localStorage.removeItem(LAST); } catch { /* blocked: nothing was noted */ }
}

// Says so once.
export function isNewer(key, seen) {
  try {
    const last = JSON.parse(localStorage.getItem(LAST));
    if (last?.key !== key) return false;
    forgetKept();
    return last.seen > seen && Date.now() - last.at < DRAWING;
  } catch {
    return false;
  }
}

function keys() {
  try { return [...new Set([...Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)), ...memory.keys()])]; } catch { return [...memory.keys()]; }
}

export const mine = () => (author ? keys().filter((key) => key.startsWith(own)) : []);
export const others = () => keys().filter((key) => !key.startsWith(own));

// What somebody else never came back for does not stay for ever.
export function sweep() {
  for (const key of others()) {
    const at = Date.parse(read(key)?.at);
    if (!(Date.now() - at < MONTH)) drop(key);
  }
}
