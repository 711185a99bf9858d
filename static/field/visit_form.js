// A visit while it is written: its content, what is wrong with it, what is asked about it.
import { _ } from "./i18n.js";
import { today } from "./ids.js";
import { figuresOf, hardFaults, readNumber, softHits } from "./limits.js";
import { button, h, icon } from "./ui.js";
import { knownOf, plotsOf } from "./visit_known.js";
import { faultText, question } from "./visit_words.js";

/** @typedef {import("./visit_draft.js").Draft} Draft */
/** @typedef {{field: string, text: string}} Wrong */
/** @typedef {{field: string, text: string, code: string, sure: boolean, key: string, looksAt: string[]}} Asked */

const JUDGE_WAIT_MS = 350; // while typing: nobody is asked about half a number

export class Form {
  /** @type {Wrong[]} */
  wrong = [];
  /** @type {Asked[]} */
  asked = [];
  /** Drawn places for notes, by field. @type {Map<string, HTMLElement>} */
  #places = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{draft: Draft, reference: import("./types.js").Reference, items: import("./types.js").Item[],
   *   rancher: import("./types.js").RancherInCare, go: (section: string, field?: string) => void}} what
   */
  constructor({ draft, reference, items, rancher, go }) {
    this.draft = draft;
    this.reference = reference;
    this.items = items;
    this.rancher = rancher;
    this.go = go;
    this.plots = plotsOf({ reference, items, rancher: rancher.id });
    /** Called after each judgement. @type {(() => void) | null} */
    this.onJudged = null;
    this.known = this.#know();
    this.#judge();
  }

  get content() {
    return this.draft.content;
  }

  /** Whether the server has this visit already, so that this is an edit of it. */
  get isSent() {
    return Boolean(this.draft.item?.receipt?.version || this.draft.base_version);
  }

  #know() {
    const { reference, items, rancher, draft } = this;
    const day = draft.content.visited_on || today();
    return knownOf({ reference, items, rancher: rancher.id, visit: draft.id, day });
  }

  /**
   * Change one property. A confirmation falls when the figure that was confirmed is another one now.
   * @param {string} field @param {(content: Record<string, any>) => void} mutate @param {{typing?: boolean}} [how]
   */
  set(field, mutate, { typing = false } = {}) {
    this.draft.change((content) => {
      mutate(content);
      content.ui = { ...content.ui, field };
      const mended = content.ui.mended ?? [];
      if (this.#told.some((one) => one.field === field) && !mended.includes(field)) content.ui.mended = [...mended, field];
    });
    if (field === "visited_on") this.known = this.#know();
    if (typing) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.judge(), JUDGE_WAIT_MS);
    } else this.judge();
  }

  /** Note what the person looks at, without making a draft of a visit that nothing was changed in. @param {string} section */
  stand(section) {
    if (this.draft.content.ui?.section === section) return;
    this.draft.content.ui = { ...this.draft.content.ui, section, field: undefined };
    if (this.draft.state !== "untouched") this.draft.touch();
  }

  /** Judge now and show it at the fields. */
  judge() {
    clearTimeout(this.#timer);
    const before = new Map(this.asked.map((one) => [one.code, one]));
    this.#judge();
    const fallen = this.asked.filter((one) => one.sure && before.get(one.code) && before.get(one.code)?.key !== one.key);
    const gone = [...before.values()].filter((one) => one.sure && !this.asked.some((other) => other.code === one.code));
    const codes = new Set([...fallen, ...gone].map((one) => one.code));
    if (codes.size) {
      this.draft.content.confirmed = (this.content.confirmed ?? []).filter((/** @type {string} */ code) => !codes.has(code));
      this.draft.touch();
      this.#judge();
    }
    for (const field of this.#places.keys()) this.#draw(field);
    this.onJudged?.();
  }

  /** What the server said of the save that it refused, less what was mended since. @returns {import("./types.js").Reason[]} */
  get #told() {
    const reasons = this.draft.item?.reasons ?? [];
    return reasons.filter((one) => one.field !== undefined);
  }

  #judge() {
    const { content, known } = this;
    const sure = new Set(content.confirmed ?? []);
    const mended = new Set(content.ui?.mended ?? []);
    const told = this.#told.filter((one) => !mended.has(one.field) && one.code !== "conflict");
    const faults = hardFaults(content, known, today());
    this.wrong = faults.map((fault) => ({ field: fault.field, text: faultText(fault) }));
    const faulty = new Set(faults.map((fault) => fault.field));
    for (const { field, code, message } of told) {
      if (code !== "needs_confirmation" && !faulty.has(field)) this.wrong.push({ field, text: message });
    }
    this.asked = softHits(content, known).map((hit) => ({
      field: hit.field,
      text: question(hit),
      code: hit.code,
      sure: sure.has(hit.code),
      key: JSON.stringify(hit.values),
      looksAt: hit.looksAt,
    }));
    const known_codes = new Set(this.asked.map((one) => one.code));
    for (const { field, code, message, confirm } of told) {
      if (code !== "needs_confirmation" || !confirm || known_codes.has(confirm)) continue;
      this.asked.push({ field, text: message, code: confirm, sure: sure.has(confirm), key: "", looksAt: [field] });
    }
  }

  /** @param {string} field */
  problems(field) {
    return this.wrong.filter((one) => one.field === field).length + this.asked.filter((one) => one.field === field && !one.sure).length;
  }

  /** A place where what is wrong with a field is shown, kept up to date. @param {string} field */
  notes(field) {
    const place = h("div", { class: "answer-notes", id: `n-${slug(field)}`, "aria-live": "polite" });
    this.#places.set(field, place);
    this.#draw(field);
    return place;
  }

  /** Forget the drawn places: another section is drawn. */
  clear() {
    this.#places.clear();
  }

  /** @param {string} field */
  #draw(field) {
    const place = this.#places.get(field);
    if (!place) return;
    const wrong = this.wrong.filter((one) => one.field === field);
    const asked = this.asked.filter((one) => one.field === field);
    const shown = JSON.stringify([wrong, asked]);
    if (place.dataset.shown === shown) return; // a reader is not told again, a tap is not lost
    place.dataset.shown = shown;
    place.replaceChildren(
      ...wrong.map(({ text }) => h("p", { class: "answer-wrong" }, icon("error"), h("span", null, text))),
      ...asked.map((one) => this.#question(one)),
    );
    const input = document.getElementById(`f-${slug(field)}`);
    if (wrong.length) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }

  /** @param {Asked} one */
  #question({ text, code, sure }) {
    /** @param {boolean} yes */
    const answer = (yes) => {
      this.draft.change((content) => {
        const others = (content.confirmed ?? []).filter((/** @type {string} */ other) => other !== code);
        content.confirmed = yes ? [...others, code].sort() : others;
      });
      this.judge();
    };
    if (sure) {
      return h(
        "p",
        { class: "answer-sure" },
        icon("check"),
        h("span", null, `${text} `, h("strong", null, _("Yes, it is right."))),
        h("button", { type: "button", class: "link-button", onclick: () => answer(false) }, _("Undo")),
      );
    }
    return h(
      "div",
      { class: "answer-ask" },
      h("p", null, icon("warning"), h("span", null, text)),
      button(_("Yes, it is right"), { icon: "check", kind: "plain", onclick: () => answer(true) }),
    );
  }

  /** The content as it is sent: figures written plainly, nothing that is only for this screen. */
  finished() {
    const { ui: _ui, ...content } = structuredClone(this.content);
    content.schema = 1;
    content.measurements = figuresOf(content, this.known.limits);
    content.notes = String(content.notes ?? "").trim();
    content.observations = (content.observations ?? [])
      .filter((/** @type {any} */ one) => one.stage)
      .map((/** @type {any} */ one) => ({
        ...one,
        intensity: readNumber(one.intensity, { decimal: true }).value,
        note: String(one.note ?? "").trim(),
      }));
    content.next_steps = (content.next_steps ?? []).map((/** @type {any} */ one) => ({ ...one, text: one.text.trim() }));
    return content;
  }
}

/** A field's name as an id. @param {string} field */
export function slug(field) {
  return field.replace(/[^\w-]/g, "-");
}
