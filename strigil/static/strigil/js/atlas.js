// The body to choose on. The fields of the form hold what is chosen; the figure only shows them and changes them.
const SVG = "http://www.w3.org/2000/svg";
const OTHER = { left: "right", right: "left" };
const BESIDE = { front: "back", back: "front", right_side: "left_side", left_side: "right_side", palms: "soles", soles: "palms" };

function make(name, attributes, ...inside) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

class Atlas {
  constructor(root) {
    this.root = root;
    const form = root.closest("form");
    this.regions = [...form.querySelectorAll(`input[name="${root.dataset.region}"]`)];
    this.sides = [...form.querySelectorAll(`input[name="${root.dataset.side}"]`)];
    this.many = this.regions[0].type === "checkbox";
    this.figures = [...root.querySelectorAll("[data-atlas-figure]")];
    root.addEventListener("click", (event) => this.touched(event));
    form.addEventListener("change", () => this.draw());
    form.addEventListener("reset", () => requestAnimationFrame(() => this.draw()));
    this.show("front");
    root.hidden = false;
    this.find(form.querySelector(`[data-atlas-find="${root.dataset.region}"]`));
    this.draw();
  }
  part(name) { return this.root.querySelector(`[data-atlas-${name}]`); }
  get side() { return this.sides.find((one) => one.checked)?.value ?? ""; }
  get chosen() { return this.regions.filter((one) => one.checked).map((one) => one.value); }
  title(input) { return input.closest("label").textContent.trim(); }
  say(words) { this.part("said").textContent = words; }

  touched(event) {
    const view = event.target.closest("[data-atlas-view]");
    const place = event.target.closest("[data-region][data-side]:not([data-atlas])");
    if (view) this.show(view.dataset.atlasView);
    else if (event.target.closest("[data-atlas-whole]")) this.zoom(null);
    else if (place?.dataset.box && !this.zoomed) this.zoom(place);
    else if (place) this.choose(place.dataset.region, place.dataset.side);
  }
  show(view) {
    this.zoom(null);
    for (const one of this.figures) {
      one.classList.toggle("is-shown", one.dataset.atlasFigure === view);
      one.classList.toggle("is-beside", one.dataset.atlasFigure === BESIDE[view]);
    }
    for (const one of this.root.querySelectorAll("[data-atlas-view]")) one.setAttribute("aria-pressed", one.dataset.atlasView === view);
  }
  zoom(place) {
    if (this.zoomed) {
      this.zoomed.setAttribute("viewBox", this.zoomed.dataset.whole);
      for (const label of this.zoomed.querySelectorAll("[data-label]")) { label.removeAttribute("transform"); label.removeAttribute("display"); }
      this.zoomed.parentElement.classList.remove("is-zoomed");
    }
    this.zoomed = place?.closest("svg") ?? null;
    if (this.zoomed) {
      this.zoomed.dataset.whole ??= this.zoomed.getAttribute("viewBox");
      this.zoomed.setAttribute("viewBox", place.dataset.box);
      this.zoomed.parentElement.classList.add("is-zoomed");
      this.part("panel").textContent = place.dataset.panel;
      this.label(place);
    }
    this.part("figures").classList.toggle("is-zoomed", Boolean(this.zoomed));
    this.part("zoom").hidden = !this.zoomed;
    if (this.zoomed) this.part("zoom").scrollIntoView({ block: "start" });
  }
  // R and L come along into the corners of a panel; where it lies on one side of the body, the other goes.
  label(place) {
    const [left, top, width, height] = place.dataset.box.split(" ").map(Number);
    const size = height / 424;
    const middle = Number(this.zoomed.dataset.whole.split(" ")[2]) / 2;
    const spans = left < middle && middle < left + width && this.zoomed.dataset.sides.includes(" ");
    for (const label of this.zoomed.querySelectorAll("[data-label]")) {
      const at = Number(label.dataset.at);
      const edge = at > 4 ? left + width - 4 * size : left + 4 * size;
      if (spans || label.dataset.label === place.dataset.side) label.setAttribute("transform", `translate(${edge - at * size} ${top}) scale(${size})`);
      else label.setAttribute("display", "none");
    }
  }
  choose(region, side) {
    const input = this.regions.find((one) => one.value === region);
    const paired = side !== "midline";
    const others = this.many && this.chosen.some((one) => one !== region);
    if (paired && this.side && this.side !== side && others) {
      this.say(`Not chosen: this is the patient’s ${side}, and ${this.side} is chosen below. Change the side, or touch the other.`);
      return;
    }
    const was = input.checked && (!paired || !this.side || this.side === side);
    const sided = paired && this.side !== side;
    if (sided) this.sides.find((one) => one.value === side).checked = true;
    input.checked = !(was && !sided);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    const said = `${this.title(input)}${this.side ? `, ${this.side}` : ""}`;
    if (!input.checked) this.say(`${said}: taken away.`);
    else this.say(this.side ? `${said}: chosen.` : `${said}: chosen. Say below which side: left, right or midline.`);
  }
  draw() {
    const chosen = new Set(this.chosen);
    for (const figure of this.figures) {
      const svg = figure.querySelector("svg");
      const places = [...svg.querySelectorAll("[data-region]")].filter((one) => chosen.has(one.dataset.region) && this.on(one, svg));
      svg.querySelector(".body-marks").replaceChildren(...places.map((one) => this.mark(one, svg)));
    }
  }
  on(place, svg) {
    const side = this.side;
    if (side in OTHER && !svg.dataset.sides.split(" ").includes(side)) return false;
    return !side || side === "midline" || [side, "midline"].includes(place.dataset.side);
  }
  mark(place, svg) {
    const { drawn } = svg.dataset;
    const part = place.getAttribute("href").slice(1);
    const body = `${drawn}-${place.dataset.within}`;
    const edge = `edge-${part.slice("part-".length)}`;
    const group = make("g", { class: `body-mark body-chosen${this.side ? "" : " body-unsided"}`, transform: place.getAttribute("transform"), "stroke-dasharray": this.side ? "" : "4 3" },
      make("use", { href: `#${part}`, "clip-path": `url(#within-${body})` }),
      make("use", { href: `#body-${body}`, "clip-path": `url(#${edge})`, fill: "none" }));
    const half = `half-${drawn}-${this.side}`;
    return place.dataset.side === "midline" && document.getElementById(half) ? make("g", { "clip-path": `url(#${half})` }, group) : group;
  }
  find(field) {
    const words = (text) => text.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
    const rows = this.regions.map((one) => [one.closest("label"), words(`${this.title(one)} ${one.dataset.words ?? ""}`)]);
    const box = field.querySelector("input");
    box.addEventListener("input", () => {
      const wanted = words(box.value).split(/\s+/).filter(Boolean);
      for (const [row, text] of rows) row.hidden = !wanted.every((one) => text.includes(one));
      const left = rows.filter(([row]) => !row.hidden).length;
      field.querySelector("[data-atlas-found]").textContent = wanted.length ? `${left} of ${rows.length} regions` : "";
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      rows.find(([row]) => !row.hidden)?.[0].querySelector("input").focus();
    });
    field.hidden = false;
  }
}

for (const root of document.querySelectorAll("[data-atlas]")) new Atlas(root);
