// Check and finish: what must be mended, what is asked, what stays unknown; then it waits to be sent.
import { go } from "./app.js";
import { _, fmt, ngettext } from "./i18n.js";
import * as store from "./store.js";
import { button, confirm, h, icon, note, toast } from "./ui.js";
import { slug } from "./visit_form.js";
import { figureLabel, GROUPS } from "./visit_words.js";

/** @typedef {import("./visit_form.js").Form} Form */

/** @param {Form} form */
export function drawCheck(form) {
  const place = h("div", null);
  const draw = () => place.replaceChildren(...drawn(form, draw));
  draw();
  return place;
}

/** @param {string} field */
function sectionOf(field) {
  const [group, name] = field.split(".");
  if (group === "measurements") return Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0] ?? "todo";
  const sections = { observations: "practices", next_steps: "steps", notes: "notes", photos: "photos" };
  return sections[/** @type {keyof typeof sections} */ (group)] ?? (["visited_on", "plot", "position", "rancher"].includes(group) ? "place" : "todo");
}

/** @param {Form} form @param {string} field */
function labelOf(form, field) {
  const [group, name] = field.split(".");
  if (group === "measurements") return figureLabel(name);
  if (group === "observations") return form.reference.practices.get(name)?.name ?? name;
  /** @type {Record<string, string>} */
  const labels = { visited_on: _("Date of the visit"), plot: _("Plot"), position: _("Position"), next_steps: _("Next step"), notes: _("Notes") };
  return labels[group] ?? "";
}

/** @param {Form} form @param {() => void} redraw */
function drawn(form, redraw) {
  const { wrong, asked, content } = form;
  const open = asked.filter((one) => !one.sure);
  const sure = asked.filter((one) => one.sure);
  const given = Object.keys(content.measurements ?? {}).length;
  const all = Object.values(GROUPS).flat().length;
  /** @param {{field: string, text: string}} one */
  const link = ({ field, text }) =>
    h("li", null, h("button", { type: "button", class: "link-button", onclick: () => form.go(sectionOf(field), field) }, labelOf(form, field) || _("Visit")), `: ${text}`);
  /** @param {Form["asked"][number]} one @param {boolean} yes */
  const answer = (one, yes) => {
    form.draft.change((changed) => {
      const others = (changed.confirmed ?? []).filter((/** @type {string} */ code) => code !== one.code);
      changed.confirmed = yes ? [...others, one.code].sort() : others;
    });
    form.judge();
    redraw();
  };
  const question = (/** @type {Form["asked"][number]} */ one) =>
    h(
      "div",
      { class: "answer-ask", id: `q-${slug(one.code)}` },
      h("p", null, icon("warning"), h("span", null, h("strong", null, labelOf(form, one.field)), `: ${one.text}`)),
      h("div", { class: "pair" }, button(_("Yes, it is right"), { icon: "check", kind: "plain", onclick: () => answer(one, true) }), button(_("Correct it"), { icon: "edit", kind: "plain", onclick: () => form.go(sectionOf(one.field), one.field) })),
    );
  const confirmed = (/** @type {Form["asked"][number]} */ one) =>
    h(
      "p",
      { class: "answer-sure" },
      icon("check"),
      h("span", null, h("strong", null, labelOf(form, one.field)), `: ${one.text}`),
      h("button", { type: "button", class: "link-button", onclick: () => answer(one, false) }, _("Undo")),
    );
  return [
    wrong.length ? note("error", h("p", null, h("strong", null, _("There is something to correct"))), h("ul", { class: "reason-list" }, ...wrong.map(link))) : "",
    open.length ? h("div", null, h("h3", null, _("Are you sure?")), ...open.map(question)) : "",
    sure.length ? h("div", null, h("h3", null, _("Confirmed")), ...sure.map(confirmed)) : "",
    h("dl", { class: "facts" }, ...summary(form, given, all).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
    given < all ? h("p", { class: "hint" }, _("What is empty stays unknown: it does not count as 0.")) : "",
    button(_("Finish the visit"), { icon: "check", wide: true, onclick: () => void finish(form, redraw) }),
  ];
}

/** @param {Form} form @param {number} given @param {number} all @returns {[string, string][]} */
function summary({ content, rancher, plots }, given, all) {
  const seen = (content.observations ?? []).filter((/** @type {any} */ one) => one.stage).length;
  const steps = (content.next_steps ?? []).length;
  const done = Object.keys(content.ui?.steps_done ?? {}).length;
  const plot = plots.find((one) => one.id === content.plot)?.name ?? _("The whole farm");
  return [
    [_("Rancher"), rancher.name],
    [_("Date of the visit"), content.visited_on ? fmt.date(content.visited_on) : _("(nothing)")],
    [_("Plot"), plot],
    [_("Figures"), _("{n} of {total}", { n: given, total: all })],
    [_("Practices seen"), fmt.number(seen)],
    [_("Next steps"), done ? `${fmt.number(steps)} · ${ngettext("{n} done", "{n} done", done)}` : fmt.number(steps)],
  ];
}

/** @param {Form} form @param {() => void} redraw */
async function finish(form, redraw) {
  form.judge();
  const open = form.asked.filter((one) => !one.sure);
  if (form.wrong.length || open.length) {
    redraw();
    const first = form.wrong.length ? document.querySelector(".visit-section .note button") : document.querySelector(".visit-section .answer-ask button");
    /** @type {HTMLElement | null} */ (first)?.focus();
    toast(form.wrong.length ? _("Correct this first; nothing is lost.") : _("Answer the questions first."), { kind: "error" });
    return;
  }
  if (isEmpty(form) && !(await confirm({ title: _("Finish an empty visit?"), text: _("It has no figures, practices, steps or notes."), yes: _("Finish it"), no: _("Keep writing") }))) return;
  const done = Object.entries(form.content.ui?.steps_done ?? {});
  try {
    for (const [id, day] of done) {
      await store.save({ id, kind: "step", rancher: form.rancher.id, content: { rancher: form.rancher.id, done_on: day }, state: "queued" });
    }
    await form.draft.finish(form.finished());
  } catch (error) {
    if (error instanceof store.Full) return; // it was said, and the draft is as it was
    throw error;
  }
  go(`#/ganadero/${form.rancher.id}?hecha=${form.draft.id}`);
}

/** @param {Form} form */
function isEmpty({ content }) {
  const parts = [Object.keys(content.measurements ?? {}), content.observations ?? [], content.next_steps ?? [], Object.keys(content.ui?.steps_done ?? {})];
  return !parts.some((part) => part.length) && !String(content.notes ?? "").trim();
}
