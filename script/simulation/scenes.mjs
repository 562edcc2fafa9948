// Scenes that faces are drawn from: as the integration tells them, and made up where it would not.

import { Format } from "../../custom_components/autoconsommation_collective/frontend/format.js";
import { TEXTS } from "../../custom_components/autoconsommation_collective/frontend/texts.js";

export const ZONE = "Europe/Paris";
const HALF_HOUR = 30 * 60_000;

/** Local midnight of a winter day. */
export const MIDNIGHT = Date.parse("2026-11-20T00:00+01:00");

/** @param {number} at */
export const told = (at) => new Date(at).toISOString();

/** Steps from midnight on, a hill of sun around noon on each day. */
export function steps(n, minutes = 30, start = MIDNIGHT) {
  const length = minutes * 60_000;
  return Array.from({ length: n }, (_, i) => {
    const hour = ((i * minutes) / 60) % 24;
    const sun = Math.max(0, 1 - Math.abs(hour - 13) / 4);
    return {
      start: told(start + i * length),
      end: told(start + (i + 1) * length),
      consumption_kwh: 0.2,
      allocated_low_kwh: 0.1 * sun,
      allocated_kwh: 0.2 * sun,
      allocated_high_kwh: 0.3 * sun,
      claim_kwh: sun,
      supplier_eur_per_kwh: hour < 6 || hour >= 22 ? 0.16 : 0.21,
      level: sun > 0.5 ? "good" : "neutral",
    };
  });
}

export function load(id, more = {}) {
  return {
    id,
    name: id,
    status: "planned",
    reason: "De 12 h à 14 h.",
    is_controlled: true,
    kind: "water_heater",
    ready_by: "18:00",
    device_id: `device-${id}`,
    runs: [{ start: told(MIDNIGHT + 24 * HALF_HOUR), end: told(MIDNIGHT + 28 * HALF_HOUR), kwh: 4, covered_kwh: 3 }],
    ran: [],
    ...more,
  };
}

/** Noon of the day; the morning was measured. */
export function day(more = {}) {
  const window = {
    start: told(MIDNIGHT + 22 * HALF_HOUR),
    end: told(MIDNIGHT + 30 * HALF_HOUR),
    energy_kwh: 3.4,
    probability: 0.9,
    eur_per_kwh: 0.1,
  };
  return {
    loaded: true,
    now: {
      at: told(MIDNIGHT + 24 * HALF_HOUR),
      level: "good",
      reason: "Environ 3,4 kWh à prendre d'ici 15 h (estimation)",
      reason_key: "covered",
      window,
      confidence: "high",
      allocated_today_kwh: 0.8,
    },
    ahead: {
      steps: steps(96),
      windows: [window],
      missing: [],
      time_zone: ZONE,
      today: told(MIDNIGHT),
      tomorrow: told(MIDNIGHT + 48 * HALF_HOUR),
      end: told(MIDNIGHT + 96 * HALF_HOUR),
      step_minutes: 30,
      attribution: null,
    },
    past: { consumption_kwh: Array(24).fill(0.3), allocated_kwh: Array(24).fill(0.1) },
    loads: { tank: load("tank") },
    ...more,
  };
}

export function month(name, more = {}) {
  return {
    month: name,
    basis: "settled",
    known_part: 1,
    consumption_kwh: 100,
    allocated_kwh: 40,
    supplier_kwh: 60,
    self_production_rate: 0.4,
    injected_kwh: null,
    surplus_kwh: null,
    saved_eur: 5.44,
    operation: { production_kwh: 900, shared_kwh: 600, surplus_kwh: 300, self_consumption_rate: 0.667 },
    ...more,
  };
}

/** @param {Record<string, any>} more */
export function scene({ language = "fr", width = 900, chosen = {}, config = {}, ...more } = {}) {
  const entities = {};
  for (const [key, domain] of Object.entries({ ready_by: "time", run_now: "button", skip: "button", control: "switch" })) {
    const entity_id = `${domain}.tank_${key}`;
    entities[entity_id] = { entity_id, platform: "autoconsommation_collective", translation_key: key, device_id: "device-tank" };
  }
  return {
    hass: { entities, states: {}, locale: { language }, config: { time_zone: ZONE } },
    config: { type: "custom:autoconsommation-card", ...config },
    texts: TEXTS[language],
    format: new Format({ language, time_format: "24" }, ZONE),
    width,
    membership: { config_entry: "entry", title: "Boucle", loaded: true, device_id: "device", organises: false },
    day: day(),
    months: { produces: false, months: [month("2026-08"), month("2026-09"), month("2026-10", { basis: "estimated", known_part: 0.5 })], year: { ...month("x"), first: "2025-10", last: "2026-09", n_months: 12 } },
    operation: null,
    organised: null,
    chosen: { day: "today", load: null, month: null, period: "month", cursor: null, table: false, drafts: {}, ...chosen },
    ...more,
  };
}
