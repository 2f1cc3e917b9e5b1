export function planted(place, name) {
  // ruleid: script-writes-html
  place.innerHTML = `<b>${name}</b>`;
  // ruleid: script-writes-html
  place.insertAdjacentHTML("beforeend", name);
  // ruleid: script-writes-html
  eval(name);
  // ok: script-writes-html
  place.textContent = name;
}
