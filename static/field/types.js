// Shapes that several modules of the field app share; only types, nothing runs here.

/** @typedef {"visit" | "rancher" | "boundary" | "step"} Kind  a step: a next step of an earlier visit, done */
/** @typedef {"draft" | "queued" | "sending" | "received" | "rejected" | "conflict" | "quarantined" | "held"} State */
/** @typedef {{field: string, code: string, message: string, confirm?: string}} Reason */
/** @typedef {{number: number, outcome: string, version: number | null, at: string}} Receipt */

/**
 * What the phone keeps of one visit, new rancher or walked boundary. `content` is the document of
 * docs/architecture.md without id, device, revision and base_version, which are put in when it is sent.
 * @typedef {object} Item
 * @property {string} id
 * @property {Kind} kind
 * @property {string} rancher
 * @property {State} state
 * @property {number} revision  saves of this item on this phone
 * @property {number | null} base_version  the server's version that the content was made from
 * @property {Record<string, any>} content
 * @property {Reason[]} reasons
 * @property {Receipt | null} receipt
 * @property {string} saved_at  ISO instant of the last save
 */

/**
 * @typedef {object} Photo
 * @property {string} id
 * @property {string} visit
 * @property {string | null} practice
 * @property {string} sha256
 * @property {number} size  bytes
 * @property {string} taken_at
 * @property {"queued" | "received" | "refused"} state  refused: it arrived, and the server cannot use it
 * @property {string} [reason]  why it was refused
 * @property {boolean} kept  the picture itself is still on the phone
 */

/**
 * @typedef {object} RancherInCare
 * @property {string} id
 * @property {string} name
 * @property {string} community
 * @property {string} district
 * @property {string} phone
 * @property {string} cohort
 * @property {string} status
 * @property {boolean} technician_is_me
 * @property {string | null} due_on
 * @property {string | null} last_visit_on
 * @property {{on: string | null, figures: Record<string, number | string>, ages: Record<string, string>}} last
 * @property {Record<string, {stage: string, since: string, intensity: string | null}>} stages
 * @property {{id: string, visit: string, practice: string | null, text: string, due_on: string | null}[]} steps
 * @property {boolean} [local]  registered on this phone, not yet received by the server
 */

/**
 * @typedef {object} PlotInCare
 * @property {string} id
 * @property {string} rancher
 * @property {string} name
 * @property {string} district
 * @property {string | number | null} area_ha
 * @property {string | null} since
 * @property {number[][][]} shape  polygons' outer rings, delta-coded hundred-thousandths of a degree
 */

/** @typedef {{code: string, name: string, principle: string, unit: string, counts_as_adopted: boolean, evidence: string, measured: boolean}} PracticeInfo */
/** @typedef {{id: string, version: number, rancher: string, content: Record<string, any>, photos: number}} SentVisit */
/** @typedef {{id: string, name: string, language: string, districts: {code: string, name: string}[]}} Me */
/** @typedef {{soft: Record<string, any>, animal_units: Record<string, any>, hard: Record<string, any>, smallest_change?: number}} Limits */

/**
 * @typedef {object} Reference
 * @property {Me | null} me
 * @property {Map<string, PracticeInfo>} practices
 * @property {Limits | null} limits
 * @property {Map<string, RancherInCare>} ranchers
 * @property {Map<string, PlotInCare>} plots
 * @property {Map<string, SentVisit>} visits
 */

/**
 * What a view may give back: `flush` writes what is not yet written (also before the screen locks),
 * `leave` frees what it holds (watches, timers).
 * @typedef {{flush?: () => Promise<void> | void, leave?: () => Promise<void> | void}} View
 */

export {};
