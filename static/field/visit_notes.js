// Free notes of a visit.
import { _ } from "./i18n.js";
import { h } from "./ui.js";

const LONGEST = 4000;

/** @param {import("./visit_form.js").Form} form */
export function drawNotes(form) {
  const area = h("textarea", {
    id: "f-notes",
    rows: 8,
    maxlength: LONGEST,
    value: form.content.notes ?? "",
    "aria-labelledby": "section-title",
    "aria-describedby": "n-notes",
    oninput: () => form.set("notes", (content) => (content.notes = area.value), { typing: true }),
  });
  return h("div", { class: "field", id: "s-notes" }, h("p", { class: "hint" }, _("The keyboard's microphone writes what you say.")), area, form.notes("notes"));
}
