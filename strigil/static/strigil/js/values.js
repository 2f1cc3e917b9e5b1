// A form's values as lists of text by name, exactly as they stand; and two sets of them brought together.
const APART = new Set(["csrfmiddlewaretoken", "once", "author", "version", "began"]);
const NO_VALUE = new Set(["submit", "button", "reset", "image", "file", "password"]);
// A hidden field belongs to the page it was drawn with, unless it says that it holds what a person gave.
const given = (one) => one.type !== "hidden" || "draftKeep" in one.dataset;

const ticks = (one) => one.type === "radio" || one.type === "checkbox";
const fields = (form) => [...form.elements].filter((one) => one.name && !APART.has(one.name) && !NO_VALUE.has(one.type) && given(one) && one.tagName !== "FIELDSET");

// A number that the browser cannot read has no text to take; what it could read last is kept.
export function typedIn(form, before = {}) {
  return gather(form, (one) => {
    if (ticks(one)) return one.checked ? [one.value] : [];
    if (one.options) return [...one.options].filter((option) => option.selected).map((option) => option.value);
    if (one.validity.badInput) return before[one.name] ?? [""];
    return [one.value];
  });
}

// What the server drew, whatever the browser or a person has put there since.
export function drawnIn(form) {
  return gather(form, (one) => {
    if (ticks(one)) return one.defaultChecked ? [one.value] : [];
    if (!one.options) return [one.defaultValue];
    const chosen = [...one.options].filter((option) => option.defaultSelected);
    if (!chosen.length && !one.multiple && one.options.length) chosen.push(one.options[0]);
    return chosen.map((option) => option.value);
  });
}

function gather(form, valueOf) {
  const found = {};
  for (const one of fields(form)) (found[one.name] ??= []).push(...valueOf(one));
  return found;
}

// Puts values into a form as if they were typed. Gives the fields that changed, and the values that have no field here.
export function fill(form, values) {
  const changed = [], unplaced = {};
  const byName = grouped(fields(form));
  // The marks "still so" come last: filling a value ticks its mark.
  const names = Object.keys(values).sort((a, b) => a.endsWith("-confirmed") - b.endsWith("-confirmed"));
  for (const name of names) {
    const places = byName.get(name);
    if (!places) {
      if (values[name].some((one) => one !== "") && !name.endsWith("-confirmed")) unplaced[name] = values[name];
      continue;
    }
    places.forEach((one, place) => {
      if (put(one, values[name], place)) {
        changed.push(one);
        for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
      }
    });
  }
  return { changed, unplaced };
}

function put(one, wanted, place) {
  if (ticks(one)) {
    const should = wanted.includes(one.value);
    if (one.checked === should) return false;
    one.checked = should;
    return true;
  }
  if (one.options) {
    const before = one.value;
    for (const option of one.options) option.selected = wanted.includes(option.value);
    return one.value !== before;
  }
  const text = wanted[place] ?? "";
  if (one.value === text) return false;
  one.value = text;
  return true;
}

function grouped(list) {
  const found = new Map();
  for (const one of list) found.set(one.name, [...(found.get(one.name) ?? []), one]);
  return found;
}

const flat = (held) => JSON.stringify((held ?? []).filter((one) => one !== ""));
export const same = (one, other) => flat(one) === flat(other);
export const equal = (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => same(one[name], other[name]));

// Mine and theirs since what both knew. Where both changed a field, mine stays in it and theirs is told.
export function together(known, mine, theirs) {
  const values = { ...mine }, both = {};
  for (const name of Object.keys(theirs)) {
    if (same(theirs[name], known[name]) || same(theirs[name], mine[name])) continue;
    if (same(mine[name], known[name])) values[name] = theirs[name];
    else both[name] = theirs[name];
  }
  return { values, both };
}
