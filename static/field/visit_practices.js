// Practices seen at the visit: stage, evidence, how much, a note. Only those touched are sent.
import { _, fmt } from "./i18n.js";
import { h, icon, toast } from "./ui.js";
import { slug } from "./visit_form.js";
import { stageLabel, unitLabel } from "./visit_words.js";

/** @typedef {import("./visit_form.js").Form} Form */
/** @typedef {{practice: string, stage: string, intensity: string | null, evidence_seen: boolean, note: string}} Seen */
const STAGES = ["planned", "trial", "adopted", "dropped"];

/** @param {Form} form */
export function drawPractices(form) {
  const all = [...form.reference.practices.values()];
  if (!all.length) return h("p", { class: "hint" }, _("The catalogue of practices has not come yet. It comes when there is signal."));
  return h(
    "div",
    null,
    h("p", { class: "hint" }, _("Open only the practices that you looked at today.")),
    ...all.map((practice) => drawPractice(form, practice)),
  );
}

/** @param {Form} form @param {string} code @returns {Seen | undefined} */
const seenOf = (form, code) => (form.content.observations ?? []).find((/** @type {Seen} */ one) => one.practice === code);

/** @param {Form} form @param {import("./types.js").PracticeInfo & {icon?: string}} practice */
function drawPractice(form, practice) {
  const { code } = practice;
  const field = `observations.${code}`;
  const last = form.rancher.stages?.[code];
  const heading = h("span", { class: "practice__now" });
  const body = h("div", { class: "practice__body" });
  const details = h("details", { class: "practice", id: `s-${slug(field)}` });
  /** @param {Partial<Seen> | null} change null: not looked at @param {boolean} [typing] */
  const keep = (change, typing) => {
    form.set(
      field,
      (content) => {
        const others = (content.observations ?? []).filter((/** @type {Seen} */ one) => one.practice !== code);
        const blank = { practice: code, stage: "", intensity: null, evidence_seen: false, note: "" };
        content.observations = change === null ? others : [...others, { ...blank, ...seenOf(form, code), ...change }];
      },
      { typing },
    );
    drawHeading();
  };
  const drawHeading = () => {
    const seen = seenOf(form, code);
    heading.replaceChildren(
      seen?.stage
        ? h("span", { class: `badge badge--${seen.stage}` }, icon(seen.stage), _("Today: {stage}", { stage: stageLabel(seen.stage) }))
        : last
          ? h("span", { class: "soft" }, _("Known: {stage} since {day}", { stage: stageLabel(last.stage), day: fmt.date(last.since) }))
          : h("span", { class: "soft" }, _("Not seen before")),
    );
  };
  const drawBody = () => {
    const seen = seenOf(form, code);
    body.replaceChildren(...practiceBody(form, practice, seen, keep, drawBody));
  };
  details.addEventListener("toggle", () => {
    if (details.open && !body.hasChildNodes()) drawBody();
  });
  details.append(h("summary", null, icon(practice.icon ?? "leaf"), h("span", { class: "practice__name" }, practice.name), heading), body, form.notes(field));
  drawHeading();
  if (seenOf(form, code)?.stage || form.problems(field)) {
    drawBody();
    details.open = true;
  }
  return details;
}

/**
 * @param {Form} form @param {import("./types.js").PracticeInfo} practice @param {Seen | undefined} seen
 * @param {(change: Partial<Seen> | null, typing?: boolean) => void} keep @param {() => void} redraw
 */
function practiceBody(form, practice, seen, keep, redraw) {
  const id = `f-observations-${practice.code}`;
  const last = form.rancher.stages?.[practice.code];
  const radio = (/** @type {string} */ stage) =>
    h(
      "label",
      { class: "stage" },
      h("input", { type: "radio", name: `stage-${practice.code}`, value: stage, checked: seen?.stage === stage, onchange: () => keep({ stage }) }),
      icon(stage),
      stageLabel(stage),
    );
  const amount = h("input", { id: `${id}-amount`, value: seen?.intensity ?? "", inputmode: "decimal", autocomplete: "off", maxlength: 14, oninput: () => keep({ intensity: amount.value.trim() || null }, true) });
  const note = h("input", { id: `${id}-note`, value: seen?.note ?? "", maxlength: 500, oninput: () => keep({ note: note.value }, true) });
  const evidence = h("input", { type: "checkbox", checked: Boolean(seen?.evidence_seen), onchange: () => keep({ evidence_seen: evidence.checked }) });
  const clear = () => {
    const before = seenOf(form, practice.code);
    keep(null);
    redraw();
    if (before) toast(_("Not looked at: {practice}", { practice: practice.name }), { undo: () => (keep(before), redraw()) });
  };
  return [
    h("fieldset", { class: "stages" }, h("legend", { class: "visually-hidden" }, _("Stage of {name}", { name: practice.name })), ...STAGES.map(radio)),
    practice.counts_as_adopted ? h("p", { class: "hint" }, h("strong", null, _("Counts as adopted when:")), ` ${String(practice.counts_as_adopted)}`) : null,
    practice.evidence ? h("p", { class: "hint" }, h("strong", null, _("Evidence:")), ` ${practice.evidence}`) : null,
    h("label", { class: "tick" }, evidence, h("span", null, _("I saw the evidence on the farm"))),
    practice.unit && practice.unit !== "none"
      ? h(
          "div",
          { class: "field" },
          h("label", { class: "field__label", for: amount.id }, _("How much ({unit})", { unit: unitLabel(practice.unit) })),
          last?.intensity ? h("p", { class: "figure__last" }, _("Last time: {value} ({day})", { value: fmt.number(last.intensity, 2), day: fmt.date(last.since) })) : null,
          amount,
        )
      : null,
    h("div", { class: "field" }, h("label", { class: "field__label", for: note.id }, _("Note")), note),
    h("button", { type: "button", class: "link-button", onclick: clear }, _("I did not look at it")),
  ].filter((part) => part !== null);
}
