// What a visit's figures may be, as monitoring/limits.py on the server judges them: hard faults say
// what cannot be, soft hits ask 'are you sure?'. No words here (visit_words.js), no store, no screen.
// Exact: decimals are whole numbers of ten-thousandths.
import { distanceToPlotM } from "./geo.js";

/** @typedef {import("./types.js").Limits} Limits */
/** @typedef {Record<string, any>} Content  a schema 1 document */
/** @typedef {{code: string, field: string, looksAt: string[], values: Record<string, any>}} Hit */
/** @typedef {{code: string, field: string, values: Record<string, any>}} Fault */
/**
 * What is known of the rancher: the newest figure of each kind up to the day of the visit, and the
 * outlines of the plots.
 * @typedef {{limits: Limits, last: Record<string, {value: string | number, on: string}>,
 *   plots: {id: string, rings: import("./geo.js").Point[][]}[]}} Known
 */

export const HERD = ["cows", "bulls", "heifers", "steers", "yearlings", "calves", "equines"];
export const DECIMALS = ["milk_l_per_day", "sold_kg", "pasture_ha", "income_pen"];
const COMPARED = [...HERD, "cows_in_milk", "trees_counted"];
const UNIT = 10_000n;
const CONFIRM_LENGTH = 40;
const INTENSITY_MAX = 99_999_999;

const SMALLEST_CHANGE = 5;
const MILK_PER_COW_MAX = 60;

/** @param {string | number} value a plain decimal @returns {bigint} in ten-thousandths */
function exact(value) {
  const [, sign, whole, part = ""] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) throw new RangeError(`not a decimal: ${value}`);
  const scaled = BigInt(whole) * UNIT + BigInt(part.slice(0, 4).padEnd(4, "0"));
  return sign === "-" ? -scaled : scaled;
}

/** A soft limit in ten-thousandths, by the name that it has in the package. @param {Limits} limits @param {string} name */
function soft(limits, name) {
  const found = limits.soft[name];
  return found === undefined || found === null ? null : exact(found);
}

/**
 * A number as typed, read as the server reads it (monitoring/sync/fields.py), to hundredths.
 * @param {string | number | null | undefined} typed @param {{decimal: boolean, most?: string | number}} what
 * @returns {{value: string | null, code?: string, values?: Record<string, any>}} value: written plainly,
 *   null when empty or wrong; code: what is wrong
 */
export function readNumber(typed, { decimal, most }) {
  const text = String(typed ?? "").trim();
  if (text === "") return { value: null };
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) return { value: null, code: "ambiguous" };
  const match = /^([+-]?)(\d{1,20})(?:[.,](\d{1,10}))?$/.exec(text);
  if (!match) return { value: null, code: "not_a_number" };
  const plain = `${match[2]}${match[3] ? `.${match[3]}` : ""}`.replace(/^0+(?=\d)/, "");
  if (match[1] === "-" && Number(plain) !== 0) return { value: null, code: "negative" };
  if (most !== undefined && isMore(plain, String(most))) return { value: null, code: "too_large", values: { most: Number(most) } };
  if (decimal) return { value: toHundredths(plain) };
  const [whole, part = ""] = plain.split(".");
  return /[1-9]/.test(part) ? { value: null, code: "not_whole" } : { value: whole };
}

/**
 * One figure as typed. @param {string} name @param {string | number | null | undefined} typed @param {Limits} limits
 * @returns {{value: string | null, fault: Fault | null}}
 */
export function readFigure(name, typed, limits) {
  const { value, code, values = {} } = readNumber(typed, { decimal: DECIMALS.includes(name), most: limits.hard[name] });
  return { value, fault: code ? { code, field: `measurements.${name}`, values } : null };
}

/** @param {string} a @param {string} b decimals that are not negative */
function isMore(a, b) {
  const [[aw, ap = ""], [bw, bp = ""]] = [a.split("."), b.split(".")];
  const places = Math.max(ap.length, bp.length);
  return BigInt(aw + ap.padEnd(places, "0")) > BigInt(bw + bp.padEnd(places, "0"));
}

/** To hundredths, half to even, without trailing zeros, as Python's Decimal.quantize does. @param {string} plain */
function toHundredths(plain) {
  const [whole, part = ""] = plain.split(".");
  const kept = BigInt(whole + part.slice(0, 2).padEnd(2, "0"));
  const rest = part.slice(2).replace(/0+$/, "");
  const up = rest > "5" || (rest === "5" && kept % 2n === 1n);
  const text = (kept + (up ? 1n : 0n)).toString().padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`.replace(/\.?0+$/, "") || "0";
}

/** The figures of a content that can be read. @param {Content} content @param {Limits} limits @returns {Record<string, string>} */
export function figuresOf(content, limits) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, typed] of Object.entries(content.measurements ?? {})) {
    const { value } = readFigure(name, typed, limits);
    if (value !== null) found[name] = value;
  }
  return found;
}

/** What cannot be, in the order of the form. @param {Content} content @param {Known} known @param {string} today @returns {Fault[]} */
export function hardFaults(content, { limits }, today) {
  /** @type {Fault[]} */
  const faults = [];
  if (!/^\d{4}-\d\d-\d\d$/.test(content.visited_on ?? "")) faults.push({ code: "required", field: "visited_on", values: {} });
  else if (content.visited_on > today) faults.push({ code: "in_future", field: "visited_on", values: {} });
  for (const [name, typed] of Object.entries(content.measurements ?? {})) {
    const { fault } = readFigure(name, typed, limits);
    if (fault) faults.push(fault);
  }
  const figures = figuresOf(content, limits);
  const { cows, cows_in_milk: inMilk, milk_l_per_day: milk } = figures;
  if (cows !== undefined && inMilk !== undefined && BigInt(inMilk) > BigInt(cows)) {
    faults.push({ code: "more_in_milk_than_cows", field: "measurements.cows_in_milk", values: { milk: inMilk, cows } });
  }
  const most = String(limits.hard.milk_per_cow_max ?? MILK_PER_COW_MAX);
  if (milk !== undefined && inMilk !== undefined && exact(milk) > BigInt(inMilk) * exact(most)) {
    faults.push({ code: "milk_impossible", field: "measurements.milk_l_per_day", values: { milk, cows: inMilk, most } });
  }
  for (const one of content.observations ?? []) {
    const { code, values = {} } = readNumber(one.intensity, { decimal: true, most: INTENSITY_MAX });
    if (code) faults.push({ code, field: `observations.${one.practice}`, values });
    else if (!one.stage && (one.intensity || one.evidence_seen || String(one.note ?? "").trim())) {
      faults.push({ code: "stage_missing", field: `observations.${one.practice}`, values: {} });
    }
  }
  for (const step of content.next_steps ?? []) {
    if (!String(step.text ?? "").trim()) faults.push({ code: "step_without_text", field: `next_steps.${step.id}`, values: {} });
    else if (step.done_on && step.done_on > today) faults.push({ code: "in_future", field: `next_steps.${step.id}`, values: {} });
  }
  return faults;
}

/** The soft limits that a content goes beyond, confirmed or not. @param {Content} content @param {Known} known @returns {Hit[]} */
export function softHits(content, known) {
  const figures = figuresOf(content, known.limits);
  return [
    ...milkPerCow(figures, known),
    ...stocking(figures, known),
    ...mortality(figures, known),
    ...suddenChanges(figures, known),
    ...farFromFarm(content, known),
    ...adoptedUnseen(content),
  ];
}

/** @param {Record<string, string>} figures @param {Known} known @returns {Hit[]} */
function milkPerCow({ milk_l_per_day: milk, cows_in_milk: inMilk }, { limits }) {
  const most = soft(limits, "milk_per_cow_max");
  if (most === null || !Number(milk) || !Number(inMilk)) return [];
  if (exact(milk) <= most * BigInt(inMilk)) return [];
  const field = "measurements.milk_l_per_day";
  const looksAt = [field, "measurements.cows_in_milk"];
  return [{ code: "soft_milk_per_cow_max", field, looksAt, values: { value: Number(milk) / Number(inMilk) } }];
}

/** @param {Record<string, string>} figures @param {Known} known @returns {Hit[]} */
function stocking(figures, { limits, last }) {
  const most = soft(limits, "stocking_rate_max");
  const pasture = figures.pasture_ha ?? last.pasture_ha?.value;
  if (most === null || pasture === undefined || !Number(pasture)) return [];
  let units = 0n; // ten-thousandths
  for (const name of HERD) {
    const each = limits.animal_units[name];
    if (figures[name] !== undefined && each !== undefined) units += BigInt(figures[name]) * exact(each);
  }
  if (units * UNIT <= most * exact(pasture)) return [];
  const field = "measurements.pasture_ha";
  const looksAt = [field, ...HERD.map((name) => `measurements.${name}`)];
  return [{ code: "soft_stocking_rate_max", field, looksAt, values: { value: Number(units) / 10_000 / Number(pasture) } }];
}

/** @param {Record<string, string>} figures @param {string[]} names */
function total(figures, names) {
  const known = names.filter((name) => figures[name] !== undefined);
  return known.length ? known.reduce((sum, name) => sum + BigInt(figures[name]), 0n) : null;
}

/** @param {Record<string, string>} figures @param {Known} known @returns {Hit[]} */
function mortality(figures, { limits }) {
  const most = soft(limits, "mortality_max");
  const deaths = total(figures, ["deaths_adults", "deaths_calves"]);
  const herd = total(figures, HERD);
  if (most === null || !deaths || herd === null) return [];
  if (deaths * 100n * UNIT <= most * (herd + deaths)) return [];
  const field = `measurements.${Number(figures.deaths_adults) ? "deaths_adults" : "deaths_calves"}`;
  const looksAt = ["deaths_adults", "deaths_calves", ...HERD].map((name) => `measurements.${name}`);
  return [{ code: "soft_mortality_max", field, looksAt, values: { value: Number(deaths * 1000n / (herd + deaths)) / 10 } }];
}

/** @param {Record<string, string>} figures @param {Known} known @returns {Hit[]} */
function suddenChanges(figures, { limits, last }) {
  const percent = soft(limits, "count_change_max");
  const smallest = BigInt(limits.smallest_change ?? limits.soft.smallest_change ?? SMALLEST_CHANGE);
  if (percent === null) return [];
  /** @type {Hit[]} */
  const hits = [];
  for (const name of COMPARED) {
    if (figures[name] === undefined || last[name] === undefined) continue;
    const [now, before] = [BigInt(figures[name]), BigInt(last[name].value)];
    const apart = now > before ? now - before : before - now;
    if (apart < smallest || apart * 100n * UNIT <= percent * before) continue;
    const field = `measurements.${name}`;
    const values = { before: Number(before), now: Number(now), day: last[name].on };
    hits.push({ code: `soft_count_change_max:${name}`, field, looksAt: [field], values });
  }
  return hits;
}

/** Metres from the position to the plot of the visit, or to the nearest of the rancher's. @param {Content} content @param {Known} known */
export function distanceToFarmM(content, { plots }) {
  const place = content.position;
  const near = plots.filter((plot) => !content.plot || plot.id === content.plot);
  if (!place || !near.length) return null;
  const point = /** @type {import("./geo.js").Point} */ ([Number(place.lon), Number(place.lat)]);
  const metres = Math.min(...near.map((plot) => distanceToPlotM(point, plot.rings)));
  return Number.isFinite(metres) ? metres : null;
}

/** @param {Content} content @param {Known} known @returns {Hit[]} */
function farFromFarm(content, known) {
  const most = soft(known.limits, "distance_km_max");
  const metres = distanceToFarmM(content, known);
  if (most === null || metres === null || metres <= Number(most) / 10) return []; // ten-thousandths of a km
  const looksAt = ["position", "plot", "rancher"];
  return [{ code: "soft_distance_km_max", field: "position", looksAt, values: { km: metres / 1000 } }];
}

/** @param {Content} content @returns {Hit[]} */
function adoptedUnseen(content) {
  return (content.observations ?? [])
    .filter((/** @type {any} */ one) => one.stage === "adopted" && !one.evidence_seen)
    .map((/** @type {any} */ one) => {
      const field = `observations.${one.practice}`;
      return { code: `adopted_unseen:${one.practice}`.slice(0, CONFIRM_LENGTH), field, looksAt: [field], values: {} };
    });
}
