// Walk the boundary of a plot with the phone in the hand: each point is saved as it is taken.
import { go } from "./app.js";
import { PlainMap } from "./boundary_map.js";
import * as walking from "./boundary_walk.js";
import { setTitle } from "./frame.js";
import { areaHa } from "./geo.js";
import { _, fmt, ngettext } from "./i18n.js";
import { today, uuid7 } from "./ids.js";
import { watch } from "./position.js";
import * as store from "./store.js";
import { button, confirm, empty, h, icon, note, toast } from "./ui.js";
import { Draft, stateWords } from "./visit_draft.js";
import { plotsOf } from "./visit_known.js";

/** @typedef {import("./position.js").Fix} Fix */
/** @typedef {ReturnType<typeof plotsOf>[number]} KnownPlot */
const OPEN = ["draft", "rejected", "queued"];

/** @param {HTMLElement} root @param {Record<string, string>} params @returns {Promise<import("./types.js").View | void>} */
export async function render(root, { rancher: rancherId, plot: plotId }) {
  const [reference, items] = await Promise.all([store.reference(), store.items()]);
  const rancher = reference.ranchers.get(rancherId);
  setTitle(_("Walk the boundary"), { back: `#/ganadero/${rancherId}` });
  if (!rancher) {
    root.append(empty("search", _("This rancher is not on the phone"), _("It comes with the next contact, if the rancher is in your districts."), h("a", { class: "button", href: "#/" }, _("Today"))));
    return;
  }
  const plots = plotsOf({ reference, items });
  const isNew = plotId === "nuevo";
  const plot = isNew ? uuid7() : plotId;
  const known = plots.find((one) => one.id === plot);
  const item = items.find((one) => one.kind === "boundary" && one.content.plot === plot && OPEN.includes(one.state)) ?? null;
  const content = item?.content ?? {
    schema: 1,
    plot,
    plot_name: known?.name ?? "",
    rancher: rancherId,
    walked_on: today(),
    geometry: null,
    track: [],
  };
  const draft = new Draft({ id: item?.id ?? uuid7(), kind: "boundary", rancher: rancherId, content, item });
  if (isNew) {
    const address = `#/lindero/${rancherId}/${plot}`;
    draft.addEventListener("change", () => history.replaceState(null, "", address), { once: true });
  }
  const old = reference.plots.has(plot) ? known : undefined;
  const view = new WalkView(root, draft, { rancher, plots, old });
  view.draw();
  return view;
}

class WalkView {
  /** @type {"stopped" | "walking" | "paused"} */
  mode = "stopped";
  /** @type {Fix | null} */
  fix = null;
  /** @type {(() => void) | null} */
  #stop = null;
  /** @type {any} */
  #lock = null;
  #said = "";

  /** @param {HTMLElement} root @param {Draft} draft @param {{rancher: import("./types.js").RancherInCare, plots: KnownPlot[], old: KnownPlot | undefined}} known */
  constructor(root, draft, { rancher, plots, old }) {
    this.draft = draft;
    this.rancher = rancher;
    this.plots = plots;
    this.old = old;
    if (this.track.length) this.mode = "paused";
    this.map = new PlainMap({ onTap: (point) => this.#byHand(point) });
    this.state = h("p", { class: "visit-state", role: "status" });
    this.signal = h("p", { class: "walk-signal", role: "status" });
    this.figures = h("dl", { class: "walk-figures" });
    this.notes = h("div", { "aria-live": "polite" });
    this.controls = h("div", { class: "walk-controls" });
    this.away = button(_("Throw the walk away"), { icon: "trash", kind: "plain", wide: true, onclick: () => void this.#discard() });
    this.name = h("input", { id: "f-plot_name", maxlength: 80, autocomplete: "off", value: draft.content.plot_name ?? "", oninput: () => draft.change((content) => (content.plot_name = this.name.value)) });
    document.body.classList.add("writing");
    root.append(
      this.state,
      h("p", { class: "lead" }, rancher.name, old ? ` · ${old.name}` : ""),
      ...(draft.item?.state === "rejected" ? [note("warning", h("p", null, _("The server sent this boundary back.")), h("ul", { class: "reason-list" }, ...draft.item.reasons.map((one) => h("li", null, one.message))))] : []),
      old ? "" : h("div", { class: "field walk-name" }, h("label", { class: "field__label", for: "f-plot_name" }, _("Name of the plot")), this.name),
      this.signal,
      this.figures,
      this.map.element,
      this.notes,
      this.away,
      this.controls,
    );
    draft.addEventListener("state", () => this.#drawState());
    document.addEventListener("visibilitychange", this.#onVisible);
  }

  /** @returns {walking.TrackPoint[]} */
  get track() {
    return this.draft.content.track ?? [];
  }

  #onVisible = () => {
    if (document.visibilityState === "visible" && this.mode === "walking") void this.#keepAwake();
  };

  // The screen stays on while walking: a sleeping phone takes no points.
  async #keepAwake() {
    try {
      this.#lock = await /** @type {any} */ (navigator).wakeLock?.request("screen");
    } catch {
      this.#lock = null; // low battery: the walk goes on, the person keeps the screen on
    }
  }

  #start() {
    this.mode = "walking";
    this.#said = "";
    if (!this.track.length) this.draft.change((content) => (content.walked_on = today()));
    void this.#keepAwake();
    this.#stop ??= watch(
      (fix) => this.#onFix(fix),
      (why) => this.#say(why === "denied" ? _("The phone does not let Hato see the position. Allow it in the phone's settings.") : _("No position. Go into the open, the walk goes on by itself.")),
    );
    this.draw();
  }

  #pause() {
    this.mode = "paused";
    this.#rest();
    this.draw();
  }

  #rest() {
    this.#stop?.();
    this.#stop = null;
    void this.#lock?.release?.();
    this.#lock = null;
  }

  /** @param {Fix} fix */
  #onFix(fix) {
    this.fix = fix;
    const judged = walking.judgeFix(this.track, fix);
    if (judged === "add") this.#add(walking.trackPoint(fix));
    else if (judged === "poor") this.#said = _("Too inexact for a point: ± {n} m. Stand still under open sky.", { n: fmt.number(fix.accuracy_m, 0) });
    else this.#said = "";
    this.draw();
  }

  /** @param {walking.TrackPoint} point */
  #add(point) {
    this.draft.change((content) => (content.track = [...(content.track ?? []), point]));
    void this.draft.flush().catch(() => undefined); // each point is durable before the next step
    this.#said = walking.crossesItself(this.track) ? _("The line crosses itself here. Undo the last points, or go on and mend it at the end.") : "";
  }

  /** A corner right here, however near the last point. */
  #mark() {
    if (!this.fix) return this.#say(_("No position yet."));
    const judged = walking.judgeFix(this.track, this.fix, { marked: true });
    if (judged === "add") this.#add(walking.trackPoint(this.fix));
    else this.#said = judged === "poor" ? _("Too inexact for a point: ± {n} m. Stand still under open sky.", { n: fmt.number(this.fix.accuracy_m, 0) }) : _("There is a point here already.");
    return this.draw();
  }

  /** @param {import("./geo.js").Point} point */
  #byHand([lon, lat]) {
    if (this.mode !== "paused") return;
    this.#add([lon, lat, null, Math.round(Date.now() / 1000)]);
    this.draw();
    toast(_("Point put by hand."), { undo: () => this.#undo() });
  }

  #undo() {
    const removed = this.track[this.track.length - 1];
    if (!removed) return;
    this.draft.change((content) => (content.track = content.track.slice(0, -1)));
    void this.draft.flush().catch(() => undefined);
    this.#said = "";
    this.draw();
  }

  /** @param {string} text */
  #say(text) {
    this.#said = text;
    this.draw();
  }

  draw() {
    this.#drawState();
    this.#drawSignal();
    const { points, area_ha, length_m, perimeter_m } = walking.worth(this.track);
    const line = walking.lineOf(this.track);
    const position = this.fix ? { at: /** @type {import("./geo.js").Point} */ ([this.fix.lon, this.fix.lat]), accuracy_m: this.fix.accuracy_m } : null;
    const own = this.plots.filter((plot) => plot.rancher === this.rancher.id);
    this.map.draw({
      label: _("Map of the walk: {n} points", { n: points }),
      plots: this.plots.map((plot) => ({ rings: plot.rings, name: plot.name, kind: plot.id === this.old?.id ? "old" : own.includes(plot) ? "own" : "other" })),
      line,
      closed: true,
      position,
      poor: line.filter((_point, n) => (this.track[n][2] ?? 0) > walking.POOR_M),
      fit: line.length || position ? [...line, ...(position ? [position.at] : []), ...(this.old?.rings.flat() ?? [])] : undefined,
    });
    const rows = [
      [_("Points"), fmt.number(points)],
      [_("Walked"), metres(length_m)],
      [_("Area"), _("{n} ha", { n: fmt.number(area_ha, 2) })],
      [_("Around"), metres(perimeter_m)],
    ];
    this.figures.replaceChildren(...rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
    const said = this.#said ? [note("warning", h("p", null, this.#said))] : [];
    const poor = walking.poorPoints(this.track).length;
    if (poor) said.push(note("info", h("p", null, ngettext("{n} point is inexact (over {most} m).", "{n} points are inexact (over {most} m).", poor, { most: walking.POOR_M }))));
    if (this.notes.dataset.shown !== `${this.#said}|${poor}`) {
      this.notes.dataset.shown = `${this.#said}|${poor}`;
      this.notes.replaceChildren(...said);
    }
    this.#drawControls(points);
  }

  /** @param {number} points */
  #drawControls(points) {
    const shown = `${this.mode}|${Math.min(points, 3)}`;
    if (this.controls.dataset.shown === shown) return; // a finger on a button does not lose it
    this.controls.dataset.shown = shown;
    const { mode } = this;
    const parts = [];
    if (mode === "stopped") parts.push(button(_("Start walking"), { icon: "route", wide: true, onclick: () => this.#start() }));
    if (mode === "walking") parts.push(button(_("Point here"), { icon: "point", wide: true, onclick: () => this.#mark() }), button(_("Pause"), { icon: "paused", kind: "plain", wide: true, onclick: () => this.#pause() }));
    if (mode === "paused") parts.push(button(_("Go on walking"), { icon: "route", wide: true, onclick: () => this.#start() }));
    if (points) parts.push(button(_("Undo the last point"), { icon: "prev", kind: "plain", wide: true, onclick: () => this.#undo() }));
    if (mode === "paused") parts.push(h("p", { class: "hint" }, _("Where nobody can walk, touch the map to put a point by hand.")));
    if (points >= 3) parts.push(button(_("Close and finish"), { icon: "check", kind: mode === "walking" ? "plain" : undefined, wide: true, onclick: () => void this.#finish() }));
    this.away.hidden = !(points || this.draft.item) || mode === "walking";
    if (mode !== "walking" && points) parts[0].classList.add("button--lead");
    this.controls.replaceChildren(...parts);
  }

  #drawSignal() {
    const text = !this.fix
      ? this.mode === "walking"
        ? _("Looking for the satellites…")
        : _("Walk along the fence once around; the phone draws the line.")
      : _("Accuracy: ± {n} m", { n: fmt.number(this.fix.accuracy_m, 0) });
    const kind = !this.fix ? "info" : this.fix.accuracy_m <= walking.POOR_M ? "check" : "warning";
    if (this.signal.dataset.shown === text + kind) return;
    this.signal.dataset.shown = text + kind;
    this.signal.replaceChildren(icon(kind), h("span", null, text));
  }

  #drawState() {
    const [name, words] = stateWords(this.draft);
    this.state.replaceChildren(icon(name), h("span", null, words));
  }

  async #finish() {
    if (this.mode === "walking") this.#pause();
    const why = walking.problem(this.track);
    const area_ha = walking.worth(this.track).area_ha;
    const ha = fmt.number(area_ha, 2);
    const words = {
      few: _("An outline needs at least three points that are not in one line."),
      small: _("The area is {ha} ha; a plot has at least {least} ha.", { ha, least: fmt.number(walking.LEAST_HA, 2) }),
      large: _("The area is {ha} ha; a plot has at most {most} ha.", { ha, most: fmt.number(walking.MOST_HA) }),
      crosses: _("The line crosses itself. Undo points until it does not, or walk on to the corner that is missing."),
    };
    if (why) return this.#say(words[why]);
    if (!this.old && !String(this.draft.content.plot_name ?? "").trim()) {
      this.name.focus();
      return this.#say(_("Write the name of the plot."));
    }
    if (!(await this.#accept(area_ha))) return undefined;
    const { ui: _ui, ...content } = structuredClone(this.draft.content);
    content.plot_name = String(content.plot_name ?? "").trim();
    content.geometry = walking.polygon(this.track);
    // What the server asked about was read above; finishing again is the answer.
    content.confirmed = (this.draft.item?.reasons ?? []).flatMap((one) => one.confirm ?? []);
    await this.draft.finish(content);
    toast(_("The boundary is saved. It is sent by itself when there is signal."));
    return go(`#/ganadero/${this.rancher.id}`);
  }

  /** Show what changes before it is accepted. @param {number} area_ha */
  async #accept(area_ha) {
    const before = this.old ? (this.old.area_ha ?? areaHa(this.old.rings[0] ?? [])) : 0;
    if (!this.old || !before) {
      return confirm({ title: _("Save this boundary?"), text: _("It encloses {ha} ha. It closes from the last point straight to the first.", { ha: fmt.number(area_ha, 2) }), yes: _("Save it"), no: _("Go on walking") });
    }
    const change = area_ha - before;
    const sign = change >= 0 ? "+" : "−";
    return confirm({
      title: _("Replace the boundary of {plot}?", { plot: this.old.name }),
      text: _("Before: {before} ha. Now: {now} ha. Change: {change} ha ({percent} %). Figures of earlier years keep the boundary of their day.", {
        before: fmt.number(before, 2),
        now: fmt.number(area_ha, 2),
        change: `${sign}${fmt.number(Math.abs(change), 2)}`,
        percent: `${sign}${fmt.number(Math.abs((change / before) * 100), 0)}`,
      }),
      yes: _("Replace it"),
      no: _("Go on walking"),
    });
  }

  async #discard() {
    const sure = await confirm({ title: _("Throw this walk away?"), text: ngettext("{n} point goes.", "{n} points go.", this.track.length), yes: _("Throw it away"), no: _("Keep it"), danger: true });
    if (!sure) return;
    this.#rest();
    const { id, kind, rancher, content } = this.draft;
    await this.draft.discard();
    go(`#/ganadero/${rancher}`);
    toast(_("The walk is gone."), { undo: () => void store.save({ id, kind, rancher, content, state: "draft" }).then(() => go(`#/lindero/${rancher}/${content.plot}`)) });
  }

  flush() {
    return this.draft.flush();
  }

  leave() {
    this.#rest();
    document.body.classList.remove("writing");
    document.removeEventListener("visibilitychange", this.#onVisible);
  }
}

/** @param {number} metres */
function metres(metres) {
  return metres >= 1000 ? `${fmt.number(metres / 1000, 2)} km` : `${fmt.number(metres, 0)} m`;
}
