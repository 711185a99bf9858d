// One item while it is written: every change is saved on the phone within a moment, and on leaving.
import { _ } from "./i18n.js";
import * as store from "./store.js";
import { toast } from "./ui.js";

/** @typedef {import("./types.js").Item} Item */
const WAIT_MS = 200;

/**
 * Dispatches `change` when the content changed and `state` when `this.state` did. Nothing is written
 * before the first change, so that looking at a sent visit does not make a draft of it.
 */
export class Draft extends EventTarget {
  /** @type {"untouched" | "waiting" | "saving" | "saved" | "failed"} */
  state = "untouched";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  #dirty = false;
  #closed = false;

  /**
   * @param {{id: string, kind: import("./types.js").Kind, rancher: string, content: Record<string, any>,
   *   base_version?: number | null, item?: Item | null}} what
   */
  constructor({ id, kind, rancher, content, base_version = null, item = null }) {
    super();
    Object.assign(this, { id, kind, rancher, base_version, item });
    this.id = id;
    this.kind = kind;
    this.rancher = rancher;
    this.base_version = base_version;
    /** What the phone has of it, as last read or saved. @type {Item | null} */
    this.item = item;
    /** @type {Record<string, any>} */
    this.content = structuredClone(content);
    if (item?.state === "draft") this.state = "saved";
  }

  /** Change the content; it is saved in a moment. @param {(content: Record<string, any>) => void} mutate */
  change(mutate) {
    mutate(this.content);
    this.touch();
    this.dispatchEvent(new Event("change"));
  }

  /** Save in a moment what `content` is then. */
  touch() {
    if (this.#closed) return;
    this.#dirty = true;
    this.#tell("waiting");
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), WAIT_MS);
  }

  /** Save now what is not saved; resolves when it is durable. Raises what the store raises. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#dirty) return this.#last;
    this.#dirty = false;
    const content = structuredClone(this.content);
    this.#last = this.#last.catch(() => undefined).then(() => this.#write(content, "draft"));
    return this.#last;
  }

  /** Finish: what is left to save is `content`, and it waits to be sent. @param {Record<string, any>} content */
  async finish(content) {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#dirty = false;
    await this.#last.catch(() => undefined);
    try {
      await this.#write(content, "queued");
    } catch (error) {
      this.#closed = false;
      this.#dirty = true;
      throw error;
    }
  }

  /** Take back what was not sent; nothing more of it is written. */
  async discard() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#dirty = false;
    await this.#last.catch(() => undefined);
    await store.removeDraft(this.id);
  }

  /** @param {Record<string, any>} content @param {"draft" | "queued"} state */
  async #write(content, state) {
    this.#tell("saving");
    const { id, kind, rancher, base_version } = this;
    try {
      this.item = await store.save({ id, kind, rancher, content, state, base_version });
      this.#tell(this.#dirty ? "waiting" : "saved");
    } catch (error) {
      this.#dirty = true;
      this.#tell("failed");
      if (error instanceof store.Full) {
        toast(_("The phone is full: the last change is not saved. Free some space, then go on writing."), { kind: "error" });
      }
      throw error;
    }
  }

  /** @param {Draft["state"]} state */
  #tell(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** The words and icon of how safe the writing is. @param {Draft} draft @returns {[string, string]} */
export function stateWords(draft) {
  switch (draft.state) {
    case "waiting":
    case "saving":
      return ["sync", _("Saving…")];
    case "saved":
      return ["check", _("Saved on the phone")];
    case "failed":
      return ["error", _("Not saved")];
    default:
      return ["edit", _("Nothing changed")];
  }
}
