// The visit form: an overview of its sections, each section in one tap, and always saved.
import { go } from "./app.js";
import { setTitle } from "./frame.js";
import { _, fmt, ngettext } from "./i18n.js";
import { today } from "./ids.js";
import * as store from "./store.js";
import { button, confirm, empty, h, icon, note, toast } from "./ui.js";
import { drawCheck } from "./visit_check.js";
import { Draft, stateWords } from "./visit_draft.js";
import { drawFigures, filled } from "./visit_figures.js";
import { Form, slug } from "./visit_form.js";
import { drawNotes } from "./visit_notes.js";
import { drawPhotos, photoCount } from "./visit_photos.js";
import { drawPlace, placeSummary } from "./visit_place.js";
import { drawPractices } from "./visit_practices.js";
import { drawSteps } from "./visit_steps.js";
import { GROUPS } from "./visit_words.js";

/** @typedef {{code: string, icon: string, title: string, fields: RegExp, draw: (form: Form) => Node | Promise<Node>, done: () => string}} Section */
const EDITABLE_DAYS = 60;
const PHOTO_UNDO_MS = 12_000; // longer than the message that offers to undo

/** @param {HTMLElement} root @param {Record<string, string>} params @returns {Promise<import("./types.js").View | void>} */
export async function render(root, { id, s: wanted }) {
  const [item, reference, items] = await Promise.all([store.item(id), store.reference(), store.items()]);
  const sent = reference.visits.get(id);
  const rancher = reference.ranchers.get(item?.rancher ?? sent?.rancher ?? "");
  if ((!item && !sent) || !rancher) {
    setTitle(_("Visit"), { back: "#/" });
    root.append(empty("search", _("This visit is not on the phone"), _("Own visits of the last {days} days are here. Older ones are on the web page.", { days: EDITABLE_DAYS }), h("a", { class: "button", href: "#/" }, _("Today"))));
    return;
  }
  setTitle(rancher.name, { back: `#/ganadero/${rancher.id}` });
  const draft = new Draft({
    id,
    kind: "visit",
    rancher: rancher.id,
    content: item?.content ?? sent?.content ?? {},
    base_version: item ? item.base_version : (sent?.version ?? null),
    item,
  });
  const view = new VisitView(root, draft, { reference, items, rancher });
  await view.open(wanted);
  return view;
}

class VisitView {
  #photos = 0;

  /** @param {HTMLElement} root @param {Draft} draft @param {{reference: import("./types.js").Reference, items: import("./types.js").Item[], rancher: import("./types.js").RancherInCare}} known */
  constructor(root, draft, known) {
    this.root = root;
    this.draft = draft;
    this.form = new Form({ draft, ...known, go: (section, field) => void this.show(section, { field }) });
    this.form.onJudged = () => this.#drawStrip();
    this.sections = sections(this.form, () => this.#photos);
    this.section = "todo";
    this.state = h("p", { class: "visit-state", role: "status" });
    this.body = h("div", { class: "visit-body" });
    this.strip = h("nav", { class: "visit-strip", "aria-label": _("Sections of the visit") });
    draft.addEventListener("state", () => this.#drawState());
    draft.addEventListener("change", () => this.#drawStrip());
    store.changes.addEventListener("change", this.#onStore);
  }

  /** @param {Event} event */
  #onStore = async (event) => {
    const { what } = /** @type {CustomEvent} */ (event).detail;
    if (what === "photos") await this.#countPhotos();
  };

  async #countPhotos() {
    this.#photos = await photoCount(this.draft.id);
    this.#drawStrip();
  }

  /** @param {string | undefined} wanted the section in the address */
  async open(wanted) {
    document.body.classList.add("writing");
    this.#makeStrip();
    this.root.append(this.state, this.body, this.strip);
    this.#drawState();
    await this.#countPhotos();
    const refused = this.draft.item?.state === "rejected" || (this.draft.item?.state === "draft" && this.draft.item.reasons.length > 0);
    const first = refused ? (this.form.wrong[0] ?? this.form.asked.find((one) => !one.sure)) : undefined;
    const section = wanted ?? (first ? this.sectionOf(first.field) : this.draft.content.ui?.section) ?? "todo";
    await this.show(section, { field: first && !wanted ? first.field : this.draft.content.ui?.field, stay: true });
  }

  /** @param {string} field */
  sectionOf(field) {
    return this.sections.find((one) => one.fields.test(field))?.code ?? "todo";
  }

  /**
   * Show a section, or the overview ("todo"); `field` is brought into view.
   * @param {string} code @param {{field?: string, stay?: boolean}} [how] stay: the address stays as it is
   */
  async show(code, { field, stay = false } = {}) {
    const from = this.section;
    const section = this.sections.find((one) => one.code === code);
    this.section = section ? code : "todo";
    this.form.clear();
    const content = section ? await this.#drawSection(section) : this.#drawOverview();
    this.body.replaceChildren(content);
    this.form.stand(this.section);
    this.#drawStrip();
    if (!stay) {
      // The way back leads to the overview, then out of the visit.
      const address = `#/visita/${this.draft.id}?s=${this.section}`;
      if (from === "todo" && this.section !== "todo") history.pushState(null, "", address);
      else history.replaceState(null, "", address);
    }
    const target = field ? (document.getElementById(`s-${slug(field)}`) ?? document.getElementById(`n-${slug(field)}`)) : null;
    if (target) {
      /** @type {HTMLDetailsElement | null} */ (target.closest("details"))?.setAttribute("open", "");
      target.scrollIntoView({ block: "center" });
      document.getElementById(`f-${slug(field ?? "")}`)?.focus({ preventScroll: true });
    } else {
      scrollTo(0, 0);
      if (!stay) this.body.querySelector("h2")?.focus({ preventScroll: true });
    }
  }

  /** @param {Section} section */
  async #drawSection(section) {
    const at = this.sections.indexOf(section);
    const next = this.sections[at + 1];
    const drawn = await section.draw(this.form);
    return h(
      "section",
      { class: "visit-section", "aria-labelledby": "section-title" },
      h("h2", { id: "section-title", tabindex: "-1" }, icon(section.icon), section.title),
      drawn,
      next ? button(_("Next: {section}", { section: next.title }), { icon: "next", wide: true, onclick: () => void this.show(next.code) }) : null,
    );
  }

  #drawOverview() {
    const { form, draft } = this;
    const { content, item } = draft;
    return h(
      "section",
      { class: "visit-section", "aria-labelledby": "section-title" },
      h("h2", { id: "section-title", tabindex: "-1" }, form.isSent ? _("Edit the visit") : _("Visit of {day}", { day: fmt.date(content.visited_on || today()) })),
      form.isSent ? h("p", { class: "hint" }, _("This visit has been received. What you change is sent again; until you finish it nothing changes.")) : null,
      this.#whatTheServerSaid(),
      h("ul", { class: "visit-parts" }, ...this.sections.map((section) => h("li", null, this.#part(section)))),
      item?.state === "draft" || draft.state !== "untouched"
        ? button(form.isSent ? _("Take back my changes") : _("Throw this draft away"), { icon: "trash", kind: "plain", wide: true, onclick: () => void this.#discard() })
        : null,
    );
  }

  #whatTheServerSaid() {
    const { wrong, asked } = this.form;
    const reasons = this.draft.item?.reasons ?? [];
    if (!reasons.length) return null;
    const open = [...wrong, ...asked.filter((one) => !one.sure)];
    if (!open.length) return note("success", h("p", null, _("Everything that came back is answered. Finish the visit to send it again.")));
    return note(
      "warning",
      h("p", null, h("strong", null, _("The server sent this visit back.")), " ", _("Nothing of what you wrote is lost.")),
      h("ul", { class: "reason-list" }, ...open.map(({ field, text }) => h("li", null, h("button", { type: "button", class: "link-button", onclick: () => void this.show(this.sectionOf(field), { field }) }, text)))),
    );
  }

  /** @param {Section} section */
  #problems(section) {
    const { wrong, asked } = this.form;
    return [...wrong, ...asked.filter((one) => !one.sure)].filter((one) => section.fields.test(one.field)).length;
  }

  /** @param {Section} section */
  #part(section) {
    const { kind, words } = this.#standing(section);
    const mark = { problem: "warning", done: "check", empty: "next" }[kind];
    const isCheck = section.code === "check"; // a deed, not something to fill in
    return h(
      "button",
      { type: "button", class: `part part--${kind}`, dataset: { section: section.code }, onclick: () => void this.show(section.code) },
      icon(section.icon),
      h("span", { class: "part__title" }, section.title),
      h("span", { class: "part__state" }, isCheck ? "" : words),
      icon(mark),
    );
  }

  /** The strip is made once and brought up to date in place: a tap on it is never lost to a redraw. */
  #makeStrip() {
    const tab = (/** @type {Section} */ section) =>
      h("button", { type: "button", class: "tab", dataset: { go: section.code }, onclick: () => void this.show(section.code) }, icon(section.icon), h("span", { class: "tab__mark" }));
    this.strip.replaceChildren(
      h("button", { type: "button", class: "tab tab--all", dataset: { go: "todo" }, onclick: () => void this.show("todo") }, icon("menu"), h("span", null, _("All"))),
      h("div", { class: "visit-strip__roll" }, ...this.sections.map(tab)),
    );
  }

  #drawStrip() {
    for (const tab of this.strip.querySelectorAll("button")) {
      const section = this.sections.find((one) => one.code === tab.dataset.go);
      const current = tab.dataset.go === this.section;
      if (current && !tab.hasAttribute("aria-current")) tab.scrollIntoView({ block: "nearest", inline: "center" });
      if (current) tab.setAttribute("aria-current", "step");
      else tab.removeAttribute("aria-current");
      if (!section) continue;
      const { kind, words } = this.#standing(section);
      tab.className = `tab tab--${kind}`;
      tab.setAttribute("aria-label", `${section.title}: ${words}`);
      const mark = tab.querySelector(".tab__mark");
      if (mark instanceof HTMLElement && mark.dataset.kind !== kind) {
        mark.dataset.kind = kind;
        mark.replaceChildren(...(kind === "empty" ? [] : [icon(kind === "done" ? "check" : "warning")]));
      }
    }
  }

  /** How a section stands, and in words. @param {Section} section @returns {{kind: "problem" | "done" | "empty", words: string}} */
  #standing(section) {
    const problems = this.#problems(section);
    if (problems) return { kind: "problem", words: ngettext("{n} to look at", "{n} to look at", problems) };
    const done = section.done();
    return done ? { kind: "done", words: done } : { kind: "empty", words: _("Empty") };
  }

  #drawState() {
    const [name, words] = stateWords(this.draft);
    this.state.className = `visit-state visit-state--${this.draft.state}`;
    this.state.replaceChildren(icon(name), h("span", null, words));
  }

  async #discard() {
    const sure = await confirm({
      title: this.form.isSent ? _("Take back your changes?") : _("Throw this draft away?"),
      text: this.form.isSent ? _("The visit stays as the server has it.") : _("What you wrote in this visit goes, and its photos."),
      yes: this.form.isSent ? _("Take them back") : _("Throw it away"),
      no: _("Keep writing"),
      danger: true,
    });
    if (!sure) return;
    const { id, kind, rancher, content, base_version } = this.draft;
    await this.draft.discard();
    if (!this.form.isSent) setTimeout(() => void removePhotosOf(id), PHOTO_UNDO_MS);
    go(`#/ganadero/${rancher}`);
    toast(this.form.isSent ? _("The visit is as it was.") : _("The draft is gone."), {
      undo: () => {
        void store.save({ id, kind, rancher, content, base_version, state: "draft" }).then(() => go(`#/visita/${id}`));
      },
    });
  }

  flush() {
    return this.draft.flush();
  }

  leave() {
    document.body.classList.remove("writing");
    store.changes.removeEventListener("change", this.#onStore);
  }
}

/** The photos of a draft that is gone for good. @param {string} visit */
async function removePhotosOf(visit) {
  if (await store.item(visit)) return; // it was taken back
  for (const photo of await store.photosOf(visit)) await store.removePhoto(photo.id);
}

/** @param {Form} form @param {() => number} photos @returns {Section[]} */
function sections(form, photos) {
  /** @param {keyof typeof GROUPS} group */
  const figures = (group) => {
    const n = filled(form, group);
    return n ? _("{n} of {total}", { n, total: GROUPS[group].length }) : "";
  };
  /** @param {keyof typeof GROUPS} group */
  const ofGroup = (group) => new RegExp(`^measurements\\.(${GROUPS[group].join("|")})$`);
  const looked = () => (form.content.observations ?? []).filter((/** @type {any} */ one) => one.stage).length;
  const steps = () => (form.content.next_steps ?? []).length + Object.keys(form.content.ui?.steps_done ?? {}).length;
  return [
    { code: "place", icon: "point", title: _("When and where"), fields: /^(visited_on|plot|position|rancher)$/, draw: drawPlace, done: () => placeSummary(form) },
    { code: "herd", icon: "cow", title: _("Herd today"), fields: ofGroup("herd"), draw: (one) => drawFigures(one, "herd"), done: () => figures("herd") },
    { code: "milk", icon: "milk", title: _("Milk"), fields: ofGroup("milk"), draw: (one) => drawFigures(one, "milk", _("Litres of the whole herd in a day.")), done: () => figures("milk") },
    { code: "events", icon: "calendar", title: _("Since the last visit"), fields: ofGroup("events"), draw: (one) => drawFigures(one, "events", _("On a first visit: over the last 12 months. Write 0 if there were none.")), done: () => figures("events") },
    { code: "land", icon: "tree", title: _("Pasture and trees"), fields: ofGroup("land"), draw: (one) => drawFigures(one, "land", _("Living trees on the pasture, and metres of living fence.")), done: () => figures("land") },
    { code: "practices", icon: "leaf", title: _("Practices seen"), fields: /^observations\b/, draw: drawPractices, done: () => (looked() ? ngettext("{n} seen", "{n} seen", looked()) : "") },
    { code: "steps", icon: "target", title: _("Next steps"), fields: /^next_steps\b/, draw: drawSteps, done: () => (steps() ? ngettext("{n} step", "{n} steps", steps()) : "") },
    { code: "photos", icon: "photo", title: _("Photos"), fields: /^photos\b/, draw: drawPhotos, done: () => (photos() ? ngettext("{n} photo", "{n} photos", photos()) : "") },
    { code: "notes", icon: "edit", title: _("Notes"), fields: /^notes$/, draw: drawNotes, done: () => (String(form.content.notes ?? "").trim() ? _("Written") : "") },
    { code: "check", icon: "check", title: _("Check and finish"), fields: /^$/, draw: drawCheck, done: () => "" },
  ];
}
