// The sections of figures: a stepper and a field to type in, last time's figure beside it.
import { _, fmt } from "./i18n.js";
import { DECIMALS } from "./limits.js";
import { button, h, toast } from "./ui.js";
import { slug } from "./visit_form.js";
import { figureLabel, GROUPS } from "./visit_words.js";

/** @typedef {import("./visit_form.js").Form} Form */
const FIRST_REPEAT_MS = 450;
const REPEAT_MS = 90;
const FASTER_AFTER = 12; // repeats; then in tens

/** How many figures of a group have an answer. @param {Form} form @param {keyof typeof GROUPS} group */
export function filled(form, group) {
  return GROUPS[group].filter((name) => hasText(form.content.measurements?.[name])).length;
}

/** @param {any} value */
const hasText = (value) => value !== undefined && value !== null && String(value).trim() !== "";

/** @param {Form} form @param {keyof typeof GROUPS} group @param {string} [note] */
export function drawFigures(form, group, note) {
  const names = GROUPS[group];
  const list = h("div", { class: "figures" });
  const draw = () => list.replaceChildren(...names.map((name) => drawFigure(form, name)));
  draw();
  return h("div", null, note ? h("p", { class: "hint" }, note) : null, shortcut(form, group, draw), list);
}

/** One tap for what is the same as before, or for nothing having happened. @param {Form} form @param {keyof typeof GROUPS} group @param {() => void} redraw */
function shortcut(form, group, redraw) {
  const names = GROUPS[group];
  const isEvents = group === "events";
  /** @param {string} name */
  const offered = (name) => (isEvents ? "0" : form.known.last[name]?.value);
  if (!names.some((name) => offered(name) !== undefined)) return null;
  const act = () => {
    const before = structuredClone(form.content.measurements ?? {});
    const empty = names.filter((name) => !hasText(before[name]) && offered(name) !== undefined);
    if (!empty.length) return toast(_("There is nothing empty to fill in."));
    form.set(`measurements.${empty[0]}`, (content) => {
      content.measurements = { ...content.measurements };
      for (const name of empty) content.measurements[name] = plain(offered(name));
    });
    redraw();
    return toast(isEvents ? _("0 written where it was empty.") : _("Filled in as last time."), {
      undo: () => {
        form.set(`measurements.${empty[0]}`, (content) => (content.measurements = before));
        redraw();
      },
    });
  };
  return button(isEvents ? _("None of the rest: write 0") : _("The rest the same as last time"), { icon: "same", kind: "plain", wide: true, onclick: act });
}

/** "30.00" as "30". @param {any} value */
const plain = (value) => String(value).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

/** @param {Form} form @param {string} name */
function drawFigure(form, name) {
  const field = `measurements.${name}`;
  const id = `f-${slug(field)}`;
  const last = form.known.last[name];
  const label = figureLabel(name);
  const input = h("input", {
    id,
    value: form.content.measurements?.[name] ?? "",
    inputmode: DECIMALS.includes(name) ? "decimal" : "numeric",
    autocomplete: "off",
    maxlength: 14,
    "aria-describedby": `${id}-last n-${slug(field)}`,
  });
  /** @param {boolean} typing */
  const keep = (typing) => {
    const typed = input.value.trim();
    form.set(
      field,
      (content) => {
        content.measurements = { ...content.measurements };
        if (typed === "") delete content.measurements[name];
        else content.measurements[name] = typed;
      },
      { typing },
    );
  };
  input.addEventListener("input", () => keep(true));
  /** @param {number} by */
  const step = (by) => {
    const typed = input.value.trim().replace(",", ".");
    // From an empty field the first tap brings last time's figure, the next ones change it.
    if (typed === "" && last) input.value = plain(last.value);
    else if (Number.isNaN(Number(typed))) return;
    else input.value = String(Math.max(0, Math.round((Number(typed) + by) * 100) / 100));
    keep(true);
  };
  const less = stepper("−", _("One less: {what}", { what: label }), -1, step);
  const more = stepper("+", _("One more: {what}", { what: label }), 1, step);
  const before = last
    ? _("Last time: {value} ({day})", { value: fmt.number(last.value, 2), day: fmt.date(last.on) })
    : _("Not recorded before");
  return h(
    "div",
    { class: "figure", id: `s-${slug(field)}` },
    h("label", { for: id }, label),
    h("p", { class: "figure__last", id: `${id}-last` }, before),
    h("div", { class: "stepper" }, less, input, more),
    form.notes(field),
  );
}

/** A button that goes on while it is held. @param {string} sign @param {string} label @param {number} by @param {(by: number) => void} step */
function stepper(sign, label, by, step) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = 0;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const again = () => {
    if (!made.isConnected) return;
    held += 1;
    step(held > FASTER_AFTER ? by * 10 : by);
    timer = setTimeout(again, REPEAT_MS);
  };
  const made = h("button", { type: "button", class: "stepper__button", "aria-label": label }, sign);
  made.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = 0;
    stop();
    timer = setTimeout(again, FIRST_REPEAT_MS);
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) made.addEventListener(name, stop);
  made.addEventListener("contextmenu", (event) => event.preventDefault());
  made.addEventListener("click", () => {
    if (!held) step(by); // a tap, or a key; after holding it has stepped already
    held = 0;
  });
  return made;
}
