// Next steps: those agreed before, to tick; and new ones with a day.
import { _, fmt } from "./i18n.js";
import { today, uuid7 } from "./ids.js";
import { button, h, icon, toast } from "./ui.js";
import { slug } from "./visit_form.js";

/** @typedef {import("./visit_form.js").Form} Form */
const LONGEST = 300;

/** @param {Form} form */
export function drawSteps(form) {
  const place = h("div", null);
  const draw = () => place.replaceChildren(...drawn(form, draw));
  draw();
  return place;
}

/** @param {Form} form @param {() => void} redraw */
function drawn(form, redraw) {
  const own = form.content.next_steps ?? [];
  const ownIds = new Set(own.map((/** @type {any} */ one) => one.id));
  const earlier = form.rancher.steps.filter((one) => one.visit !== form.draft.id && !ownIds.has(one.id));
  return [
    h("h3", null, _("Agreed before")),
    earlier.length
      ? h("ul", { class: "ticks" }, ...earlier.map((step) => h("li", null, tick(form, step))))
      : h("p", { class: "hint" }, _("Nothing is open.")),
    h("h3", null, _("Agreed today")),
    h("p", { class: "hint" }, _("What you agreed with the rancher, and by when.")),
    ...own.map((/** @type {any} */ step) => newStep(form, step, redraw)),
    button(_("Add a step"), {
      icon: "plus",
      kind: "plain",
      wide: true,
      onclick: () => {
        const id = uuid7();
        form.set(`next_steps.${id}`, (content) => {
          content.next_steps = [...(content.next_steps ?? []), { id, practice: null, text: "", due_on: null, done_on: null }];
        });
        redraw();
        document.getElementById(`f-next_steps-${id}`)?.focus();
      },
    }),
  ];
}

/** @param {Form} form @param {Form["rancher"]["steps"][number]} step */
function tick(form, step) {
  const late = step.due_on && step.due_on < today();
  const box = h("input", {
    type: "checkbox",
    checked: Boolean(form.content.ui?.steps_done?.[step.id]),
    onchange: () =>
      form.set("ui", (content) => {
        const done = { ...content.ui?.steps_done };
        if (box.checked) done[step.id] = content.visited_on || today();
        else delete done[step.id];
        content.ui = { ...content.ui, steps_done: done };
      }),
  });
  const practice = step.practice ? form.reference.practices.get(step.practice)?.name : "";
  const due = step.due_on ? (late ? _("Due since {day}", { day: fmt.date(step.due_on) }) : _("Due {day}", { day: fmt.date(step.due_on) })) : "";
  return h("label", { class: "tick" }, box, h("span", null, h("strong", null, step.text), h("span", { class: "soft" }, [practice, due].filter(Boolean).join(" · ")), h("span", { class: "tick__done" }, _("Done"))));
}

/** @param {Form} form @param {any} step @param {() => void} redraw */
function newStep(form, step, redraw) {
  const field = `next_steps.${step.id}`;
  const id = `f-${slug(field)}`;
  /** @param {Record<string, any>} change @param {boolean} [typing] */
  const keep = (change, typing) =>
    form.set(
      field,
      (content) => {
        content.next_steps = content.next_steps.map((/** @type {any} */ one) => (one.id === step.id ? { ...one, ...change } : one));
      },
      { typing },
    );
  const text = h("input", { id, value: step.text, maxlength: LONGEST, autocomplete: "off", "aria-describedby": `n-${slug(field)}`, oninput: () => keep({ text: text.value }, true) });
  const due = h("input", { id: `${id}-due`, type: "date", value: step.due_on ?? "", onchange: () => keep({ due_on: due.value || null }) });
  const practice = h(
    "select",
    { id: `${id}-practice`, onchange: () => keep({ practice: practice.value || null }) },
    h("option", { value: "" }, _("None")),
    ...[...form.reference.practices.values()].map((one) => h("option", { value: one.code, selected: one.code === step.practice }, one.name)),
  );
  const remove = () => {
    const before = form.content.next_steps;
    form.set(field, (content) => (content.next_steps = before.filter((/** @type {any} */ one) => one.id !== step.id)));
    redraw();
    toast(_("The step is gone."), {
      undo: () => {
        form.set(field, (content) => (content.next_steps = before));
        redraw();
      },
    });
  };
  /** @param {number} months */
  const soon = (months) => {
    const day = new Date(`${form.content.visited_on || today()}T12:00:00`);
    day.setMonth(day.getMonth() + months);
    due.value = day.toISOString().slice(0, 10);
    keep({ due_on: due.value });
  };
  return h(
    "div",
    { class: "step-card", id: `s-${slug(field)}` },
    h("div", { class: "field" }, h("label", { class: "field__label", for: id }, _("What will be done")), text, form.notes(field)),
    h(
      "div",
      { class: "field" },
      h("label", { class: "field__label", for: `${id}-due` }, _("By when")),
      due,
      h("div", { class: "chips" }, ...[1, 3, 6].map((months) => h("button", { type: "button", class: "chip", onclick: () => soon(months) }, months === 1 ? _("1 month") : _("{n} months", { n: months })))),
    ),
    h("div", { class: "field" }, h("label", { class: "field__label", for: `${id}-practice` }, _("Practice")), practice),
    h("button", { type: "button", class: "link-button", onclick: remove }, icon("trash"), " ", _("Remove the step")),
  );
}
