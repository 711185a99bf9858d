// What figures, questions and faults of a visit are called. The order is that of the page on the
// server (monitoring/visit_sheet.py GROUPS), so that both forms read alike.
import { _, fmt } from "./i18n.js";

/** Figures by section. */
export const GROUPS = {
  herd: ["cows", "bulls", "heifers", "steers", "yearlings", "calves", "equines"],
  milk: ["cows_in_milk", "milk_l_per_day"],
  events: ["births", "weaned", "deaths_adults", "deaths_calves", "sold_head", "sold_kg"],
  land: ["pasture_ha", "paddocks", "trees_counted", "live_fence_m"],
};

/** What a figure is called, with its unit. @param {string} name */
export function figureLabel(name) {
  /** @type {Record<string, string>} */
  const labels = {
    cows: _("Cows"),
    bulls: _("Bulls"),
    heifers: _("Heifers 2-3 years"),
    steers: _("Steers 2-3 years"),
    yearlings: _("Yearlings 1-2 years"),
    calves: _("Calves under 1 year"),
    equines: _("Horses and mules"),
    cows_in_milk: _("Cows in milk"),
    milk_l_per_day: _("Milk (L/day)"),
    births: _("Calves born"),
    deaths_adults: _("Adult animals dead"),
    deaths_calves: _("Calves dead"),
    weaned: _("Calves weaned"),
    sold_head: _("Animals sold"),
    sold_kg: _("Liveweight sold (kg)"),
    pasture_ha: _("Pasture in use (ha)"),
    paddocks: _("Paddocks"),
    trees_counted: _("Living trees on pasture"),
    live_fence_m: _("Live fence (m)"),
    income_pen: _("Income from cattle in 12 months (PEN)"),
  };
  return labels[name] ?? name;
}

/** @param {string} stage */
export function stageLabel(stage) {
  /** @type {Record<string, string>} */
  const labels = {
    planned: _("Planned"),
    trial: _("On trial"),
    adopted: _("Adopted"),
    sustained: _("Sustained"),
    dropped: _("Dropped"),
  };
  return labels[stage] ?? stage;
}

/** What an amount of a practice is measured in. @param {string} unit */
export function unitLabel(unit) {
  /** @type {Record<string, string>} */
  const labels = { ha: _("hectares"), m: _("metres"), count: _("units") };
  return labels[unit] ?? unit;
}

/** The question that a soft limit asks. @param {import("./limits.js").Hit} hit */
export function question({ code, values }) {
  const value = values.value === undefined ? "" : fmt.number(values.value, 1);
  switch (code.split(":")[0]) {
    case "soft_milk_per_cow_max":
      return _("That is {value} litres per cow and day. Are you sure?", { value });
    case "soft_stocking_rate_max":
      return _("That is {value} animal units per hectare of pasture. Are you sure?", { value });
    case "soft_mortality_max":
      return _("{value} % of the herd died. Are you sure?", { value });
    case "soft_count_change_max":
      return _("On {day} there were {before}, now {now}. Are you sure?", {
        day: fmt.date(values.day),
        before: fmt.number(values.before),
        now: fmt.number(values.now),
      });
    case "soft_distance_km_max":
      return _("The position is {km} km from the farm. Is it the right farm?", { km: fmt.number(values.km, 1) });
    case "adopted_unseen":
      return _("Adopted means that you saw the evidence on the farm. Are you sure?");
    default:
      return String(values.message ?? code);
  }
}

/** Why a value cannot be, and what to do. @param {import("./limits.js").Fault} fault */
export function faultText({ code, values }) {
  switch (code) {
    case "required":
      return _("Choose the date of the visit.");
    case "in_future":
      return _("The date is in the future.");
    case "ambiguous":
      return _("Write the number without separating thousands: 1500 or 1.5.");
    case "not_a_number":
      return _("Write a number.");
    case "negative":
      return _("The number cannot be negative.");
    case "too_large":
      return _("The number is too large: at most {most}.", { most: fmt.number(values.most) });
    case "not_whole":
      return _("Write a whole number.");
    case "more_in_milk_than_cows":
      return _("There cannot be more cows in milk ({milk}) than cows ({cows}).", values);
    case "milk_impossible":
      return _("{milk} litres a day from {cows} cows in milk cannot be: over {most} each.", values);
    case "stage_missing":
      return _("Choose the stage, or say that you did not look at it.");
    case "step_without_text":
      return _("Write what will be done, or remove the step.");
    default:
      return String(values.message ?? code);
  }
}
