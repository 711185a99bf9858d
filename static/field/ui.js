// Small parts that every screen is built of. Texts come in already translated.
import { _ } from "./i18n.js";

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Make an element. `class`, `dataset`, `on<event>` functions, booleans and attributes; `value`,
 * `checked`, `disabled` and the like are set as properties where the element has them.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any> | null} [props] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = null, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "value" || name === "checked") /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

/** Append children, leaving out what is null or false. @param {Node} parent @param {(Child | Child[])[]} children */
export function add(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

const ICONS = new URL("../img/icons.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";

/** An icon of static/img/icons.svg; it says nothing to a screen reader unless it has a label. @param {string} name @param {{size?: "big", label?: string}} [options] */
export function icon(name, { size, label } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", size ? `icon icon--${size}` : "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with an icon and a text.
 * @param {string} text
 * @param {{icon?: string, kind?: "plain" | "danger", wide?: boolean, onclick?: (event: MouseEvent) => void, type?: string, disabled?: boolean}} [options]
 */
export function button(text, { icon: name, kind, wide, onclick, type = "button", disabled } = {}) {
  const classes = ["button", kind && `button--${kind}`, wide && "button--wide"].filter(Boolean).join(" ");
  return h("button", { type, class: classes, onclick, disabled }, name ? icon(name) : null, text);
}

/** A boxed note. @param {"info" | "warning" | "success" | "error"} kind @param {...(Child | Child[])} children */
export function note(kind, ...children) {
  return h("div", { class: `note note--${kind}` }, icon(kind), h("div", null, ...children));
}

/** What to do next where there is nothing yet. @param {string} name @param {string} title @param {string} text @param {...Child} actions */
export function empty(name, title, text, ...actions) {
  return h("div", { class: "empty" }, icon(name), h("h2", null, title), h("p", null, text), ...actions);
}

/**
 * Ask before something that cannot be taken back. Resolves to true when the person agrees.
 * @param {{title: string, text?: string, yes: string, no?: string, danger?: boolean}} what
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, yes, no, danger }) {
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "confirm-title", oncancel: (/** @type {Event} */ event) => (event.preventDefault(), answer(false)) },
      h("h2", { id: "confirm-title" }, title),
      text ? h("p", null, text) : null,
      h(
        "div",
        { class: "actions actions--stacked" },
        button(yes, { kind: danger ? "danger" : undefined, wide: true, onclick: () => answer(true) }),
        button(no ?? _("Cancel"), { kind: "plain", wide: true, onclick: () => answer(false) }),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * A short message at the bottom, read out by screen readers; with `undo` it stays longer and can be taken back.
 * @param {string} text @param {{undo?: () => void, kind?: "error"}} [options]
 */
export function toast(text, { undo, kind } = {}) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const message = h("div", { class: kind ? `toast toast--${kind}` : "toast" }, h("span", null, text));
  const gone = () => message.remove();
  if (undo) message.append(h("button", { type: "button", class: "toast__undo", onclick: () => (gone(), undo()) }, _("Undo")));
  message.append(h("button", { type: "button", class: "toast__close", "aria-label": _("Close"), onclick: gone }, icon("close")));
  place.replaceChildren(message);
  setTimeout(gone, undo || kind ? 10_000 : 4_000);
}
