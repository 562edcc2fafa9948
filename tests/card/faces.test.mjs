// The faces: what stands on them, and that what is not known is said to be so.

import assert from "node:assert/strict";
import { test } from "node:test";

import { minutesAt } from "../../custom_components/autoconsommation_collective/frontend/deadline.js";
import { cheapStretches, hourMarks, renderDay, slotsOf, spanOf } from "../../custom_components/autoconsommation_collective/frontend/faces/day.js";
import { deadlines } from "../../custom_components/autoconsommation_collective/frontend/faces/loads.js";
import { renderMonth } from "../../custom_components/autoconsommation_collective/frontend/faces/month.js";
import { nextWindow, renderNow, whenIs } from "../../custom_components/autoconsommation_collective/frontend/faces/now.js";
import { renderOperation } from "../../custom_components/autoconsommation_collective/frontend/faces/operation.js";
import { renderOrganised } from "../../custom_components/autoconsommation_collective/frontend/faces/organised.js";
import { dashboard } from "../../custom_components/autoconsommation_collective/frontend/strategy.js";
import { day, load, MIDNIGHT, month, scene, steps, told } from "../../script/simulation/scenes.mjs";

const HOUR = 3_600_000;
const textOf = (/** @type {unknown} */ markup) =>
  String(markup)
    .replace(/<[^>]*>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ");

// Now

test("a good time: how much and until when", () => {
  const text = textOf(renderNow(scene()));
  for (const word of ["Oui, c'est un bon moment", "3,4 kWh", "15 h", "Estimé", "prévision fiable"]) {
    assert.ok(text.includes(word), word);
  }
});

test("the next good time is named by its day", () => {
  const next = { start: told(MIDNIGHT + 36 * HOUR), end: told(MIDNIGHT + 38 * HOUR), energy_kwh: 2 };
  const later = scene({ day: day({ now: { ...day().now, level: "avoid", window: next }, ahead: { ...day().ahead, windows: [next] } }) });
  assert.equal(nextWindow(later), next);
  assert.equal(whenIs(later, next), "demain, 12 h à 14 h");
  assert.ok(textOf(renderNow(later)).includes("Mieux vaut attendre"));
});

test("nothing known: no number is made up", () => {
  const now = { at: told(MIDNIGHT), level: null, reason: null, window: null, confidence: null, allocated_today_kwh: null };
  const text = textOf(renderNow(scene({ day: { loaded: true, now } })));
  assert.ok(text.includes("Pas encore connu") && text.includes("Aucun en vue"));
  assert.ok(!/\d/.test(text), text);
});

test("every level has a word and a sign of its own", () => {
  const faces = ["excellent", "good", "neutral", "avoid", null].map((level) =>
    String(renderNow(scene({ day: day({ now: { ...day().now, level } }) }))),
  );
  assert.equal(new Set(faces.map((face) => /class="word">([^<]*)/.exec(face)[1])).size, 5);
  assert.equal(new Set(faces.map((face) => /icon="([^"]*)/.exec(face)[1])).size, 5);
});

// Day

test("both days side by side where there is room, else one at a time", () => {
  const hours = (/** @type {any} */ one) => (spanOf(one).end - spanOf(one).start) / HOUR;
  assert.equal(hours(scene({ width: 900 })), 48);
  assert.equal(hours(scene({ width: 390 })), 24);
  assert.equal(spanOf(scene({ width: 390, chosen: { day: "tomorrow" } })).start, MIDNIGHT + 24 * HOUR);
});

test("what is over is measured, what comes is expected", () => {
  const found = slotsOf(scene(), spanOf(scene()));
  assert.equal(found.length, 96);
  assert.deepEqual([found[0].isPast, found[0].drawn, found[0].shared], [true, 600, 200]);
  assert.deepEqual([found[24].isPast, found[24].drawn, found[26].share], [false, null, 400]);
});

test("the axis of time has whole hours, also on days of other lengths", () => {
  for (const [start, hours] of [["2026-03-29T00:00+01:00", 23], ["2026-10-25T00:00+02:00", 25]]) {
    const midnight = Date.parse(start);
    const end = midnight + hours * HOUR;
    const ahead = { ...day().ahead, today: start, tomorrow: told(end), end: told(end + 24 * HOUR) };
    const one = scene({ width: 390, day: day({ ahead }) });
    const marks = hourMarks(one, spanOf(one));
    assert.deepEqual(marks.map(({ minutes }) => minutes % 60), marks.map(() => 0));
    assert.equal(marks[0].minutes, 0);
  }
});

test("cheap hours are marked only where prices differ", () => {
  const one = scene();
  assert.deepEqual(
    cheapStretches(slotsOf(one, spanOf(one))).map(({ from, to }) => [(from - MIDNIGHT) / HOUR, (to - MIDNIGHT) / HOUR]),
    [[0, 6], [22, 30], [46, 48]],
  );
  for (const price of [null, 0.2]) {
    const flat = steps(96).map((step) => ({ ...step, supplier_eur_per_kwh: price }));
    const other = scene({ day: day({ ahead: { ...day().ahead, steps: flat } }) });
    assert.deepEqual(cheapStretches(slotsOf(other, spanOf(other))), []);
  }
});

test("a deadline stands at its time in each day; the one to come can be moved", () => {
  const one = scene();
  const found = deadlines(one, spanOf(one), "11:00");
  assert.deepEqual(found.map(({ at, isMovable }) => [(at - MIDNIGHT) / HOUR, isMovable]), [[11, false], [35, true]]);
});

test("a place in the drawing and a time of the day are each other's inverse", () => {
  const one = scene();
  const span = spanOf(one);
  for (let minutes = 0; minutes < 24 * 60; minutes += 15) {
    for (const midnight of [MIDNIGHT, MIDNIGHT + 24 * HOUR]) {
      assert.equal(minutesAt(one, span.x(one.format.atMinutes(midnight, minutes)), midnight), minutes);
    }
  }
  assert.equal(minutesAt(one, -500, MIDNIGHT), 0);
  assert.equal(minutesAt(one, 5000, MIDNIGHT), 23 * 60 + 45);
});

test("a load that is only observed may not be started from here", () => {
  const open = { chosen: { load: "tank" } };
  assert.ok(String(renderDay(scene(open))).includes("button.tank_run_now"));
  const observed = day({ loads: { tank: load("tank", { is_controlled: false }) } });
  const face = String(renderDay(scene({ ...open, day: observed })));
  assert.ok(!face.includes("button.tank_run_now"));
  assert.ok(face.includes("switch.tank_control") && face.includes("advised"));
});

test("names of people's own are escaped", () => {
  const named = day({ loads: { tank: load("tank", { name: "<script>x</script>" }) } });
  assert.ok(!String(renderDay(scene({ day: named, chosen: { load: "tank" } }))).includes("<script>"));
});

test("nothing ahead is known: said, not drawn", () => {
  const empty = day({ ahead: { ...day().ahead, steps: [], windows: [] } });
  assert.ok(textOf(renderDay(scene({ day: empty }))).includes("La suite n'est pas encore connue"));
});

test("what the forecast lacks is said, in the words of its entity", () => {
  const lacking = scene({ day: day({ ahead: { ...day().ahead, missing: ["no_prices"] } }) });
  const entity_id = "sensor.outlook";
  const entity = { entity_id, platform: "autoconsommation_collective", translation_key: "outlook_status", device_id: "device" };
  lacking.hass.entities = { ...lacking.hass.entities, [entity_id]: entity };
  lacking.hass.states[entity_id] = { state: "no_prices", attributes: {} };
  lacking.hass.formatEntityState = () => "Vos prix ne sont pas connus";
  assert.ok(textOf(renderDay(lacking)).includes("Prévision : Vos prix ne sont pas connus."));
  lacking.day.ahead.missing = [];
  assert.ok(!textOf(renderDay(lacking)).includes("Prévision :"));
});

test("the table says the same for who does not see the drawing", () => {
  const face = String(renderDay(scene({ chosen: { table: true } })));
  assert.equal(face.match(/<tr>/g).length, 97);
});

test("a day of 192 steps and eight loads is drawn within its time", () => {
  const loads = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`l${n}`, load(`l${n}`)]));
  const ahead = { ...day().ahead, steps: steps(192, 15), step_minutes: 15 };
  const full = scene({ day: day({ ahead, loads }) });
  renderDay(full);
  const start = performance.now();
  renderDay(full);
  const ms = performance.now() - start;
  console.log(`192 steps and 8 loads as markup: ${ms.toFixed(1)} ms`);
  assert.ok(ms < 100);
});

// Months

test("settled and estimated are told apart by word, edge and pattern", () => {
  const estimated = String(renderMonth(scene()));
  assert.ok(textOf(estimated).includes("Estimé") && estimated.includes("tiles estimate"));
  assert.ok(estimated.includes("url(#month-estimate)"));
  assert.ok(textOf(estimated).includes("Seuls 50 % de la période sont connus"));
  const settled = String(renderMonth(scene({ chosen: { month: "2026-08" } })));
  assert.ok(textOf(settled).includes("Définitif (Enedis)") && !settled.includes("tiles estimate"));
});

test("no rate without its kWh", () => {
  const text = textOf(renderMonth(scene({ chosen: { month: "2026-08" } })));
  assert.ok(text.includes("40 %") && text.includes("40,0 kWh des 100 kWh"));
  assert.ok(text.includes("67 %") && text.includes("600 kWh des 900 kWh"));
  const unknown = month("2026-10", { operation: null, consumption_kwh: null, self_production_rate: 0.4 });
  const without = textOf(renderMonth(scene({ months: { produces: false, months: [unknown], year: null } })));
  assert.ok(!/\d %/.test(without), without);
});

test("the year says which months and how many", () => {
  const text = textOf(renderMonth(scene({ chosen: { period: "year" } })));
  assert.ok(text.includes("octobre 2025 à septembre 2026") && text.includes("12 mois définitifs sur 12"));
});

test("pages end at the first and the last month", () => {
  const disabled = (/** @type {string} */ name) =>
    [...String(renderMonth(scene({ chosen: { month: name } }))).matchAll(/data-key="(previous|following)"[^>]*aria-disabled="(\w+)"/g)].map(([, key, is]) => [key, is]);
  assert.deepEqual(disabled("2026-08"), [["previous", "true"], ["following", "false"]]);
  assert.deepEqual(disabled("2026-10"), [["previous", "false"], ["following", "true"]]);
});

test("no month yet, and no year yet", () => {
  const none = { produces: false, months: [], year: null };
  assert.ok(textOf(renderMonth(scene({ months: none }))).includes("Aucun mois"));
  const young = { produces: false, months: [month("2026-10", { basis: "estimated" })], year: null };
  assert.ok(textOf(renderMonth(scene({ months: young, chosen: { period: "year" } }))).includes("Aucun mois n'est encore définitif"));
});

test("a month from a bill says so, and is no estimate", () => {
  const months = { produces: false, months: [month("2026-10", { basis: "bill" })], year: null };
  const shown = renderMonth(scene({ months }));
  assert.ok(textOf(shown).includes("D'après une facture"));
  assert.ok(String(shown).includes("mdi:check-decagram"));
});

// Operation

const operation = {
  name: "Boucle",
  members: 30,
  household_plants: 17,
  other_plants: 1,
  months: [{ month: "2026-09", basis: "settled", production_kwh: 900, shared_kwh: 600, surplus_kwh: 300, self_consumption_rate: 0.667 }],
  year: { first: "2025-10", last: "2026-09", n_months: 1, production_kwh: 900, shared_kwh: 600, surplus_kwh: 300, self_consumption_rate: 0.667 },
};

test("the neighbourhood in counts and sums", () => {
  const text = textOf(renderOperation(scene({ operation })));
  for (const word of ["30", "18", "17 chez des habitants", "67 %", "600 kWh des 900 kWh"]) assert.ok(text.includes(word), word);
});

test("an operation that publishes nothing", () => {
  const nothing = { name: null, members: null, household_plants: null, other_plants: null, months: [], year: null };
  const text = textOf(renderOperation(scene({ operation: nothing })));
  assert.ok(text.includes("ne publie pas") && !/\d/.test(text), text);
});

// Operation, to its organiser

const organised = {
  name: "Boucle du pré",
  members: 12,
  consumers: 11,
  producers: 2,
  months: ["2026-08", "2026-09"].map((name, n) => ({ month: name, basis: n ? "provisional" : "settled", production_kwh: 900, shared_kwh: 600, surplus_kwh: 300, self_consumption_rate: 0.667 })),
  has_deadlines: true,
  next: { month: "2026-10", duty: "take_in", due: "2026-12-05" },
  late: ["check", "publish"].map((duty) => ({ month: "2026-09", duty, due: "2026-11-02" })),
  is_published: true,
  unpublished: ["2026-09"],
};

test("an operation to its organiser: counts, months, what is due, what is late", () => {
  const text = textOf(renderOrganised(scene({ organised })));
  for (const word of [
    ...["Boucle du pré", "12", "consommateurs : 11, producteurs : 2", "sam. 5 déc.", "Le fichier du gestionnaire de réseau, octobre 2026"],
    ...["En retard", "Vérifier, septembre 2026", "Publier, septembre 2026", "c'était pour le lun. 2 nov."],
    ...["En attente de publication : septembre 2026", "Provisoire, à publier", "Définitif (Enedis) 600 kWh 67 % de 900 kWh"],
  ]) assert.ok(text.includes(word), `${word}: ${text}`);
});

test("nothing late, nothing due, nothing taken in: said, and no number made up", () => {
  const calm = { ...organised, members: 0, consumers: 0, producers: 0, months: [], next: null, late: [], unpublished: [] };
  const text = textOf(renderOrganised(scene({ organised: calm })));
  for (const word of ["Rien n'est à faire", "Aucun mois n'attend", "Aucun mois n'est encore intégré"]) assert.ok(text.includes(word), word);
  assert.ok(!text.includes("En retard") && !/[1-9]/.test(text), text);
  const without = textOf(renderOrganised(scene({ organised: { ...calm, has_deadlines: false, is_published: false } })));
  assert.ok(without.includes("La liste") && without.includes("aucun dossier"), without);
});

test("of what is late the first are named and the others counted", () => {
  const late = Array.from({ length: 8 }, () => organised.late[0]);
  const shown = String(renderOrganised(scene({ organised: { ...organised, late } })));
  assert.equal(shown.match(/clock-alert/g).length, 5);
  assert.ok(textOf(shown).includes("et 3 de plus"));
});

test("the way to the settings is there for who may go it", () => {
  const address = "/config/integrations/integration/autoconsommation_collective#config_entry=entry";
  const asSeenBy = (/** @type {boolean} */ is_admin) => {
    const one = scene({ organised });
    return String(renderOrganised({ ...one, hass: { ...one.hass, user: { is_admin } } }));
  };
  assert.ok(asSeenBy(true).includes(`href="${address}"`));
  assert.ok(!asSeenBy(false).includes("href"));
});

// The dashboard

test("a dashboard of what is there", () => {
  const one = scene();
  const made = dashboard(one.hass, [one.membership], ["autoconsommation_collective:k_allocated", "autoconsommation_collective:k_dashboard_allocated"]);
  const text = JSON.stringify(made);
  for (const face of ["now", "day", "month", "operation"]) assert.ok(text.includes(`"face":"${face}"`), face);
  assert.ok(text.includes("k_allocated") && !text.includes("k_dashboard_allocated"));
  assert.equal(made.views.length, 2);
  assert.equal(dashboard(one.hass, [one.membership, { ...one.membership, config_entry: "b" }], []).views.length, 4);
  assert.equal(dashboard(one.hass, [], []).views.length, 1);
});

test("an organiser has a view of its own, beside its home's or alone", () => {
  const { hass, membership } = scene();
  const organiser = { ...membership, config_entry: "o", title: "Indre", organises: true };
  const both = dashboard(hass, [membership, organiser], ["autoconsommation_collective:k_allocated"]);
  assert.deepEqual(both.views.map(({ path }) => path), ["now", "months", "organised"]);
  assert.ok(JSON.stringify(both.views[1]).includes("k_allocated"));
  const [view] = dashboard(hass, [organiser], []).views;
  assert.deepEqual(view.sections[0].cards.map(({ face, config_entry }) => [face, config_entry]), [["operation", "o"]]);
  const two = dashboard(hass, [organiser, { ...organiser, config_entry: "p" }], []).views;
  assert.deepEqual(two.map(({ title, path }) => [title, path]), [["Indre", "organised-1"], ["Indre", "organised-2"]]);
});
