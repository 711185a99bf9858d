// When and where: the day, the plot, the position from the satellites or put by hand.
import { PlainMap } from "./boundary_map.js";
import { _, fmt } from "./i18n.js";
import { today } from "./ids.js";
import { isAllowed, seek } from "./position.js";
import { button, h, icon, toast } from "./ui.js";

/** @typedef {import("./visit_form.js").Form} Form */

/** @param {Form} form */
export function placeSummary({ content }) {
  const place = content.position;
  if (!place) return "";
  return place.accuracy_m === null || place.accuracy_m === undefined || place.manual ? _("By hand") : _("± {n} m", { n: fmt.number(place.accuracy_m, 0) });
}

/** @param {Form} form */
export async function drawPlace(form) {
  const { content, plots } = form;
  const day = h("input", {
    id: "f-visited_on",
    type: "date",
    max: today(),
    value: content.visited_on ?? "",
    "aria-describedby": "n-visited_on",
    onchange: () => form.set("visited_on", (one) => (one.visited_on = day.value)),
  });
  const position = new PositionField(form);
  await position.start();
  return h(
    "div",
    null,
    h("div", { class: "field", id: "s-visited_on" }, h("label", { class: "field__label", for: "f-visited_on" }, _("Date of the visit")), day, form.notes("visited_on")),
    plots.length ? plotChoice(form, position) : h("p", { class: "hint" }, _("No plot of this rancher is on the phone.")),
    position.element,
  );
}

/** @param {Form} form @param {PositionField} position */
function plotChoice(form, position) {
  const option = (/** @type {string} */ id, /** @type {string} */ text) =>
    h(
      "label",
      { class: "stage" },
      h("input", {
        type: "radio",
        name: "plot",
        value: id,
        checked: (form.content.plot ?? "") === id,
        onchange: () => {
          form.set("plot", (content) => (content.plot = id || null));
          position.draw();
        },
      }),
      text,
    );
  const area = (/** @type {number | null} */ ha) => (ha === null ? "" : ` (${_("{n} ha", { n: fmt.number(ha, 1) })})`);
  return h(
    "fieldset",
    { class: "stages", id: "s-plot" },
    h("legend", { class: "field__label" }, _("Plot")),
    option("", _("The whole farm")),
    ...form.plots.map((plot) => option(plot.id, `${plot.name}${area(plot.area_ha)}`)),
    form.notes("plot"),
  );
}

class PositionField {
  /** @type {(() => void) | null} */
  #stop = null;

  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    this.status = h("p", { class: "position__status", role: "status" });
    this.take = button(_("Take my position"), { icon: "point", wide: true, onclick: () => this.seek() });
    this.map = new PlainMap({ onTap: ([lon, lat]) => this.byHand(lon, lat) });
    this.lat = this.#coordinate("lat", _("Latitude"), "-11.21");
    this.lon = this.#coordinate("lon", _("Longitude"), "-69.51");
    const hasMap = form.plots.some((plot) => plot.rings.length);
    this.hand = h(
      "details",
      { class: "by-hand" },
      h("summary", null, _("Put it by hand")),
      hasMap ? h("p", { class: "hint" }, _("Touch the map where you are, or write the coordinates.")) : null,
      hasMap ? this.map.element : null,
      h("div", { class: "field-row" }, ...[this.lat, this.lon].map(({ label, input }) => h("div", { class: "field" }, label, input))),
    );
    this.element = h("div", { class: "field position", id: "s-position" }, h("h3", null, _("Position")), this.status, form.notes("position"), this.take, this.hand);
    // Leaving the section or the form ends the watch.
    this.gone = new MutationObserver(() => {
      if (!this.element.isConnected) this.#end();
    });
    this.draw();
  }

  /** Where the position was allowed before, a new visit looks for it by itself. */
  async start() {
    if (!this.form.content.position && !this.form.isSent && (await isAllowed())) this.seek();
  }

  seek() {
    this.#end();
    const before = this.form.content.position ?? null;
    let taken = false;
    this.take.setAttribute("disabled", "");
    this.#say("sync", _("Looking for the satellites…"));
    this.#stop = seek({
      onBetter: ({ lon, lat, accuracy_m }) => {
        taken = true;
        this.#keep({ lon, lat, accuracy_m, manual: false });
        this.#say("sync", _("± {n} m. Waiting for a better one…", { n: fmt.number(accuracy_m, 0) }));
      },
      onEnd: (how) => {
        this.#end();
        if (how === "denied") this.#say("warning", _("The phone does not let Hato see the position. Allow it in the phone's settings, or put it by hand."));
        else if (!taken) this.#say("warning", _("The position could not be taken. Go into the open and try again, or put it by hand."));
        if (taken && before) toast(_("New position taken."), { undo: () => this.#keep(before) });
      },
    });
    const view = document.getElementById("view");
    if (view) this.gone.observe(view, { childList: true, subtree: true });
  }

  #end() {
    this.#stop?.();
    this.#stop = null;
    this.gone.disconnect();
    this.take.removeAttribute("disabled");
    this.draw();
  }

  /** @param {number} lon @param {number} lat */
  byHand(lon, lat) {
    this.#end();
    const before = this.form.content.position ?? null;
    this.#keep({ lon, lat, accuracy_m: null, manual: true });
    if (before && !before.manual) toast(_("Position put by hand."), { undo: () => this.#keep(before) });
  }

  /** @param {Record<string, any> | null} position */
  #keep(position) {
    this.form.set("position", (content) => (content.position = position));
    this.draw();
  }

  draw() {
    const { content, plots } = this.form;
    const place = content.position;
    if (!this.#stop) {
      if (!place) this.#say("info", _("No position yet."));
      else if (place.manual) this.#say("check", _("Put by hand: {lat}, {lon}", { lat: place.lat, lon: place.lon }));
      else this.#say("check", _("Taken, accurate to {n} m.", { n: fmt.number(place.accuracy_m ?? 0, 0) }));
    }
    this.take.lastChild?.replaceWith(place ? _("Take it again") : _("Take my position"));
    for (const [name, { input }] of /** @type {const} */ ([["lat", this.lat], ["lon", this.lon]])) {
      if (document.activeElement !== input) input.value = place ? String(place[name]) : "";
    }
    this.map.draw({
      label: _("Map of the plots"),
      plots: plots.map((plot) => ({ rings: plot.rings, name: plot.name, kind: !content.plot || content.plot === plot.id ? "own" : "other" })),
      position: place ? { at: [Number(place.lon), Number(place.lat)], accuracy_m: place.accuracy_m ?? null } : null,
      fit: plots.flatMap((plot) => plot.rings.flat()),
    });
  }

  /** @param {string} name @param {string} text */
  #say(name, text) {
    this.status.replaceChildren(icon(name), h("span", null, text));
  }

  /** @param {"lat" | "lon"} name @param {string} text @param {string} example */
  #coordinate(name, text, example) {
    const id = `f-position-${name}`;
    const input = h("input", { id, inputmode: "text", autocomplete: "off", maxlength: 20, placeholder: example, onchange: () => this.#typed() });
    return { input, label: h("label", { class: "field__label", for: id }, text) };
  }

  #typed() {
    const [lat, lon] = [this.lat, this.lon].map(({ input }) => coordinate(input.value));
    if (lat === null || lon === null) return;
    if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return toast(_("These are not a latitude and a longitude."), { kind: "error" });
    return this.byHand(lon, lat);
  }
}

/** @param {string} typed @returns {number | null} */
function coordinate(typed) {
  const text = typed.trim().replace(",", ".").replace("−", "-");
  return /^[+-]?\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : null;
}
