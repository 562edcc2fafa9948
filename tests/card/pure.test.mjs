// Numbers, times, markup, axes: what faces are made of.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ring, scale, stepBand, stepLine, stretches, ticks } from "../../custom_components/autoconsommation_collective/frontend/chart.js";
import { moved } from "../../custom_components/autoconsommation_collective/frontend/deadline.js";
import { checked, FACE_NAMES } from "../../custom_components/autoconsommation_collective/frontend/editor.js";
import { entityOf, faceFor, organisedBy } from "../../custom_components/autoconsommation_collective/frontend/entities.js";
import { fill, Format } from "../../custom_components/autoconsommation_collective/frontend/format.js";
import { minutesOf, toldMinutes } from "../../custom_components/autoconsommation_collective/frontend/faces/loads.js";
import { html } from "../../custom_components/autoconsommation_collective/frontend/html.js";
import { TEXTS, textsOf } from "../../custom_components/autoconsommation_collective/frontend/texts.js";
import { MIDNIGHT, ZONE } from "../../script/simulation/scenes.mjs";

const HOUR = 3_600_000;
const french = new Format({ language: "fr" }, ZONE);
/** Spaces of any kind as one: which one a language uses is Node's business. */
const plain = (/** @type {string} */ text) => text.replace(/\s/g, " ");

test("what is filled into markup is escaped, markup is not", () => {
  const name = `<img src=x onerror="alert('1')">&`;
  assert.equal(
    String(html`<b title="${name}">${html`<i>${1}</i>`}${[html`<u/>`, false, null, undefined]}</b>`),
    `<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;"><i>1</i><u/></b>`,
  );
});

test("the same texts in both languages, with the same placeholders", () => {
  assert.deepEqual(Object.keys(TEXTS.fr), Object.keys(TEXTS.en));
  for (const [key, text] of Object.entries(TEXTS.en)) {
    const places = (/** @type {string} */ one) => [...new Set(one.match(/\{\w+\}/g) ?? [])].sort();
    assert.deepEqual(places(TEXTS.fr[key]), places(text), key);
    assert.ok(text.trim() === text && text.length > 0, key);
  }
});

test("the language counts, not the country; English where there is none", () => {
  assert.equal(textsOf("fr-CA"), TEXTS.fr);
  assert.equal(textsOf("de"), TEXTS.en);
  assert.equal(textsOf(undefined), TEXTS.en);
});

test("numbers as the user writes them", () => {
  assert.equal(plain(french.kwh(1.84)), "1,8 kWh");
  assert.equal(plain(french.kwh(1234.5)), "1 235 kWh");
  assert.equal(french.kwh(null), "–");
  assert.equal(plain(french.eur(-1.5)), "-1,50 €");
  assert.equal(plain(french.percent(0.384)), "38 %");
  assert.equal(french.percent(null), "–");
  assert.equal(plain(french.power(850)), "850 W");
  assert.equal(plain(french.power(2210)), "2,2 kW");
  const pointed = new Format({ language: "fr", number_format: "comma_decimal" }, ZONE);
  assert.equal(plain(pointed.kwh(1.84)), "1.8 kWh");
});

test("times as the clock on the wall shows them", () => {
  const cases = [
    [{ language: "fr" }, "14 h 30", "6 h"],
    [{ language: "en", time_format: "24" }, "14:30", "06:00"],
    [{ language: "en", time_format: "12" }, "2:30 PM", "6 AM"],
    [{ language: "en-GB", time_format: "language" }, "14:30", "06:00"],
    [{ language: "en-US", time_format: "language" }, "2:30 PM", "6 AM"],
  ];
  for (const [locale, half, whole] of cases) {
    const format = new Format(locale, ZONE);
    assert.equal(format.time(MIDNIGHT + 14.5 * HOUR), half, JSON.stringify(locale));
    assert.equal(format.time(MIDNIGHT + 6 * HOUR), whole, JSON.stringify(locale));
  }
});

test("a time of the day is found again, also when the clocks change", () => {
  for (const day of ["2026-11-20T00:00+01:00", "2026-03-29T00:00+01:00", "2026-10-25T00:00+02:00"]) {
    const midnight = Date.parse(day);
    for (let minutes = 0; minutes < 24 * 60; minutes += 15) {
      const at = french.atMinutes(midnight, minutes);
      const isLeftOut = day.startsWith("2026-03-29") && minutes >= 120 && minutes < 180;
      if (!isLeftOut) assert.equal(french.minutes(at), minutes, `${day} ${minutes}`);
    }
  }
});

test("months and fills", () => {
  assert.equal(french.month("2026-01"), "janvier 2026");
  assert.equal(fill("{a} of {b}{c}", { a: 1, b: null }), "1 of ");
  assert.equal(fill(undefined, {}), "");
});

test("a scale meets both its ends, and survives an empty one", () => {
  const x = scale(10, 20, 100, 0);
  assert.deepEqual([x(10), x(15), x(20)], [100, 50, 0]);
  assert.equal(scale(5, 5, 0, 100)(5), 0);
});

test("an axis begins at zero, reaches the value, and is round", () => {
  for (const highest of [0.3, 1, 7, 99, 101, 840, 2400, 12345]) {
    const marks = ticks(highest, 4);
    assert.equal(marks[0], 0);
    assert.ok(marks.at(-1) >= highest - 1e-9 && marks.length >= 3 && marks.length <= 7, String(marks));
    const step = marks[1];
    assert.ok([1, 2, 2.5, 5].includes(Math.round((step / 10 ** Math.floor(Math.log10(step))) * 10) / 10), String(step));
  }
  assert.deepEqual(ticks(0, 4), [0, 1]);
  assert.deepEqual(ticks(Number.NaN, 4), [0, 1]);
});

test("a hole breaks lines and bands", () => {
  const line = [5, null, 6].map((value, n) => ({ from: n, to: n + 1, value }));
  assert.equal(stepLine(line), "M0 5H1M2 6H3");
  const low = [1, null, 1, 2].map((value, n) => ({ from: n, to: n + 1, value }));
  const high = [3, 3, 4, 5].map((value, n) => ({ from: n, to: n + 1, value }));
  assert.equal(stepBand(low, high), "M0 3H1L1 1H0ZM2 4H3L3 5H4L4 2H3L3 1H2Z");
  assert.equal(stepBand([], []), "");
});

test("stretches cover everything once", () => {
  assert.deepEqual(stretches([1, 1, 2, 1], (n) => n), [
    { first: 0, after: 2, key: 1 },
    { first: 2, after: 3, key: 2 },
    { first: 3, after: 4, key: 1 },
  ]);
});

test("a ring of what is not known is empty", () => {
  assert.equal(String(ring(null, "shared")).match(/<circle/g).length, 1);
  assert.equal(String(ring(0.5, "shared")).match(/<circle/g).length, 2);
});

test("keys move a deadline by quarters and hours, and not out of the day", () => {
  assert.equal(moved("ArrowRight", 18 * 60), 18 * 60 + 15);
  assert.equal(moved("ArrowLeft", 7), 0);
  assert.equal(moved("PageUp", 23 * 60 + 30), 23 * 60 + 45);
  assert.equal(moved("Home", 600), 0);
  assert.equal(moved("End", 600), 23 * 60 + 45);
  assert.equal(moved("Tab", 600), null);
});

test("told times and minutes are each other's inverse", () => {
  for (let minutes = 0; minutes < 24 * 60; minutes += 5) assert.equal(minutesOf(toldMinutes(minutes)), minutes);
});

test("a card is suggested for our entities alone", () => {
  const entities = {
    "sensor.a": { entity_id: "sensor.a", platform: "autoconsommation_collective", translation_key: "settled_allocated_month" },
    "sensor.b": { entity_id: "sensor.b", platform: "autoconsommation_collective", translation_key: "estimated_community_surplus" },
    "button.c": { entity_id: "button.c", platform: "autoconsommation_collective", translation_key: "run_now" },
    "sensor.d": { entity_id: "sensor.d", platform: "autoconsommation_collective", translation_key: "signal" },
    "sensor.e": { entity_id: "sensor.e", platform: "other", translation_key: "signal" },
  };
  const faces = [...Object.keys(entities), "sensor.gone"].map((id) => faceFor({ entities }, id));
  assert.deepEqual(faces, ["month", "operation", "day", "now", null, null]);
});

test("of an organiser's entity the card names the entry, as it would show a membership else", () => {
  const of = (/** @type {string} */ translation_key) => ({ entity_id: "sensor.a", platform: "autoconsommation_collective", translation_key, device_id: "d" });
  const devices = { d: { primary_config_entry: "entry" } };
  const due = { entities: { "sensor.a": of("next_due") }, devices };
  assert.deepEqual([faceFor(due, "sensor.a"), organisedBy(due, "sensor.a")], ["operation", "entry"]);
  assert.equal(organisedBy({ entities: { "sensor.a": of("signal") }, devices }, "sensor.a"), undefined);
});

test("nothing is asked of anybody outside", async () => {
  const { readdir, readFile } = await import("node:fs/promises");
  const folder = new URL("../../custom_components/autoconsommation_collective/frontend/", import.meta.url);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js"));
  assert.ok(names.length > 10);
  for (const name of names) {
    const text = await readFile(new URL(name.replaceAll("\\", "/"), folder), "utf-8");
    assert.doesNotMatch(text, /https?:|\/\/\w+\.\w|fetch\(|XMLHttpRequest|import\(["'`](?!\.)/, name);
  }
});

test("a face that is none is refused, and the error names those that are", () => {
  assert.deepEqual(checked({ type: "x" }), { type: "x" });
  for (const face of FACE_NAMES) assert.equal(checked({ type: "x", face }).face, face);
  assert.throws(() => checked({ type: "x", face: "week" }), /now, day, month, operation/);
});

test("an entity is found by what it means, in whatever the registry is now", () => {
  const one = { entity_id: "sensor.x", platform: "autoconsommation_collective", translation_key: "signal", device_id: "d" };
  const hass = { entities: { a: one, b: { ...one, entity_id: "sensor.y", platform: "other", device_id: "e" } } };
  assert.equal(entityOf(hass, "d", "signal"), "sensor.x");
  assert.equal(entityOf(hass, "d", "other"), undefined);
  assert.equal(entityOf(hass, "e", "signal"), undefined);
  assert.equal(entityOf(hass, null, "signal"), undefined);
  assert.equal(entityOf({ entities: { a: { ...one, entity_id: "sensor.z" } } }, "d", "signal"), "sensor.z");
});
