// Day: what is expected of today and tomorrow, step by step, beside what really happened.

import { patterns, scale, stepBand, stepLine, stretches, ticks } from "../chart.js";
import { entityOf } from "../entities.js";
import { fill } from "../format.js";
import { html } from "../html.js";
import { renderLoads } from "./loads.js";

/** @typedef {import("../types.js").Scene} Scene */
/** @typedef {import("../types.js").Step} Step */
/** @typedef {{ start: number, end: number, left: number, right: number, width: number,
 *   x: (at: number) => number }} Span what is drawn, from when to when, and where */

const LEFT = 52;
const RIGHT = 12;
const TOP = 18;
const BOTTOM = 48;
const HEIGHT = 240;
/** Of the supplier's hours, in pixels. */
const STRIP = 10;
/** From this width on, both days fit side by side. */
const WIDE = 620;
/** Translation key of the entity that tells what the forecast lacks. */
export const OUTLOOK = "outlook_status";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A night of standby must not fill the drawing. */
const SMALLEST_AXIS_W = 400;

/**
 * Whether both days are drawn.
 * @param {Scene} scene
 */
const isWide = ({ width }) => width >= WIDE;

/**
 * What is drawn: both days, or the one that was chosen.
 * @param {Scene} scene
 * @returns {Span | null}
 */
export function spanOf(scene) {
  const ahead = scene.day?.ahead;
  if (!ahead) return null;
  const [today, tomorrow, end] = [ahead.today, ahead.tomorrow, ahead.end].map(Date.parse);
  const [from, to] = isWide(scene)
    ? [today, end]
    : scene.chosen.day === "today"
      ? [today, tomorrow]
      : [tomorrow, end];
  const [left, right] = [LEFT, Math.max(LEFT + 100, scene.width - RIGHT)];
  const [first, last] = [from ?? 0, to ?? 0];
  return { start: first, end: last, left, right, width: scene.width, x: scale(first, last, left, right) };
}

/**
 * One step with what is known of it: the past where it is over, else what is expected; in W.
 * @typedef {{ n: number, from: number, to: number, isPast: boolean, drawn: number | null,
 *   shared: number | null, base: number | null, low: number | null, share: number | null,
 *   high: number | null, step: Step }} Slot
 */

/**
 * The steps of a span.
 * @param {Scene} scene
 * @param {Span} span
 * @returns {Slot[]}
 */
export function slotsOf({ day }, span) {
  const ahead = day?.ahead;
  if (!ahead) return [];
  const watts = (/** @type {number | null | undefined} */ kwh) =>
    kwh === null || kwh === undefined ? null : (kwh * 60_000) / ahead.step_minutes;
  const today = Date.parse(ahead.today);
  const slots = ahead.steps.map((step) => {
    const from = Date.parse(step.start);
    const n = Math.round((from - today) / (ahead.step_minutes * MINUTE));
    const drawn = watts(day?.past?.consumption_kwh[n]);
    return {
      n,
      from,
      to: Date.parse(step.end),
      isPast: n < (day?.past?.consumption_kwh.length ?? 0),
      drawn,
      shared: watts(day?.past?.allocated_kwh[n]),
      base: watts(step.consumption_kwh),
      low: watts(step.allocated_low_kwh),
      share: watts(step.allocated_kwh),
      high: watts(step.allocated_high_kwh),
      step,
    };
  });
  return slots.filter((slot) => slot.from >= span.start && slot.to <= span.end);
}

/**
 * Instants at which the axis of time has a word: whole hours, by the clock on the wall.
 * @param {Scene} scene
 * @param {Span} span
 */
export function hourMarks({ format }, span) {
  const room = (span.right - span.left) / ((span.end - span.start) / HOUR);
  const every = [1, 2, 3, 6, 12].find((hours) => hours * room >= 46) ?? 12;
  const marks = [];
  for (let at = span.start; at < span.end; at += HOUR) {
    const minutes = format.minutes(at);
    if (minutes % (every * 60) === 0) marks.push({ at, minutes });
  }
  return marks;
}

/**
 * Stretches of steps at the supplier's lowest price, where prices differ at all.
 * @param {Slot[]} slots
 */
export function cheapStretches(slots) {
  const prices = slots.map((slot) => slot.step.supplier_eur_per_kwh);
  const known = prices.filter((price) => price !== null);
  const lowest = Math.min(...known);
  if (known.length === 0 || Math.max(...known) - lowest < 0.0005) return [];
  return stretches(slots, (slot) => slot.step.supplier_eur_per_kwh === lowest)
    .filter(({ key }) => key)
    .map(({ first, after }) => ({ from: slots[first]?.from ?? 0, to: slots[after - 1]?.to ?? 0 }));
}

/** @param {Scene} scene */
export function renderDay(scene) {
  const { texts, day, chosen, config, membership } = scene;
  const span = spanOf(scene);
  if (!span || !day?.ahead) return html`<p class="notice">${texts.no_steps}</p>`;
  const slots = slotsOf(scene, span);
  const loads = Object.values(day.loads ?? {});
  const missing = outlookTrouble(scene);
  return html`<section class="day">
    <header>
      <h2>${config.title ?? (membership && texts.day_title)}</h2>
      ${
        !isWide(scene) &&
        html`<div class="tabs" role="group" aria-label="${texts.day_title}">${(
          /** @type {const} */ (["today", "tomorrow"])
        ).map(
          (one) => html`<button type="button" data-do="day" data-value="${one}" data-key="day-${one}"
            aria-pressed="${String(chosen.day === one)}">${texts[one === "today" ? "Today" : "Tomorrow"]}</button>`,
        )}</div>`
      }
    </header>
    ${slots.length === 0 ? html`<p class="notice">${texts.no_steps}</p>` : renderChart(scene, span, slots)}
    ${!config.hide_loads && renderLoads(scene, span, loads)}
    ${missing && html`<p class="hint">${missing}</p>`}
    <div class="foot">
      <button type="button" class="plain" data-do="table" data-key="table"
        aria-expanded="${String(chosen.table)}">${chosen.table ? texts.hide_table : texts.show_table}</button>
      ${day.ahead.attribution && html`<small>${day.ahead.attribution}</small>`}
    </div>
    ${chosen.table && renderTable(scene, slots)}
  </section>`;
}

/**
 * What the forecast lacks most, in the words of its entity; nothing where it lacks nothing.
 * @param {Scene} scene
 */
function outlookTrouble({ hass, texts, membership, day }) {
  const entity = entityOf(hass, membership?.device_id, OUTLOOK);
  const state = entity && hass.states[entity];
  if (!state || !hass.formatEntityState || !day?.ahead?.missing.length) return null;
  return fill(texts.outlook, { state: hass.formatEntityState(state) });
}

/**
 * @param {Scene} scene
 * @param {Span} span
 * @param {Slot[]} slots
 */
function renderChart(scene, span, slots) {
  const { texts, format, day, chosen } = scene;
  const bottom = HEIGHT - BOTTOM;
  const highest = Math.max(
    SMALLEST_AXIS_W,
    ...slots.map((slot) =>
      Math.max(slot.isPast ? (slot.drawn ?? 0) : 0, slot.high ?? 0, slot.base ?? 0),
    ),
  );
  const marks = ticks(highest, 4);
  const y = scale(0, marks[marks.length - 1] ?? 1, bottom, TOP);
  const x = span.x;
  const now = Date.parse(day?.now?.at ?? day?.ahead?.today ?? "");
  const coming = slots.filter((slot) => !slot.isPast);
  const line = (/** @type {"low" | "share" | "high" | "base"} */ key) =>
    coming.map((slot) => {
      const value = slot[key];
      return { from: x(slot.from), to: x(slot.to), value: value === null ? null : y(value) };
    });
  const good = (day?.ahead?.windows ?? [])
    .map((one) => ({ from: Date.parse(one.start), to: Date.parse(one.end), one }))
    .filter(({ from, to }) => to > span.start && from < span.end);
  const clip = (/** @type {number} */ at) => x(Math.min(span.end, Math.max(span.start, at)));
  const cheap = cheapStretches(slots);
  const hours = hourMarks(scene, span);
  const midnight = Date.parse(day?.ahead?.tomorrow ?? "");
  const cursor = chosen.cursor === null ? undefined : slots.find((slot) => slot.n === chosen.cursor);
  return html`<div class="chart" tabindex="0" role="slider" data-chart="day" data-key="chart"
      aria-label="${texts.chart_day}" aria-valuemin="${slots[0]?.n}"
      aria-valuemax="${slots[slots.length - 1]?.n}" aria-valuenow="${cursor?.n ?? slots[0]?.n}"
      aria-valuetext="${readout(scene, cursor ?? slots.find((slot) => slot.to > now) ?? slots[0])}">
    <svg width="${span.width}" height="${HEIGHT}" viewBox="0 0 ${span.width} ${HEIGHT}" aria-hidden="true">
      ${patterns("day")}
      ${good.map(({ from, to, one }) => {
        const [first, last] = [clip(from), clip(to)];
        return html`<rect class="good" x="${first}" y="${TOP}" width="${last - first}" height="${bottom - TOP}"/>
          <rect x="${first}" y="${TOP}" width="${last - first}" height="${bottom - TOP}" fill="url(#day-good)"/>
          ${
            last - first > 56 &&
            html`<text class="good-word" x="${(first + last) / 2}" y="${TOP - 5}">≈ ${format.kwh(one.energy_kwh)}</text>`
          }`;
      })}
      ${marks.map(
        (value) => html`<line class="grid" x1="${span.left}" x2="${span.right}" y1="${y(value)}" y2="${y(value)}"/>
          <text class="mark-y" x="${span.left - 6}" y="${y(value) + 4}">${value === 0 ? "0" : format.power(value)}</text>`,
      )}
      ${slots
        .filter((slot) => slot.isPast && slot.drawn !== null)
        .map((slot) => {
          const [first, last] = [x(slot.from) + 0.5, x(slot.to) - 0.5];
          const drawn = slot.drawn ?? 0;
          const shared = Math.min(drawn, slot.shared ?? 0);
          const width = Math.max(0.5, last - first);
          return html`<rect class="bar supplier" x="${first}" y="${y(drawn)}" width="${width}" height="${y(shared) - y(drawn)}"/>
            <rect class="bar shared" x="${first}" y="${y(shared)}" width="${width}" height="${bottom - y(shared)}"/>`;
        })}
      <path class="band" d="${stepBand(line("low"), line("high"))}"/>
      <path class="edge" d="${stepLine(line("high"))}"/>
      <path class="base" d="${stepLine(line("base"))}"/>
      <path class="share" d="${stepLine(line("share"))}"/>
      ${cheap.map(
        ({ from, to }) => html`<rect class="cheap" x="${x(from)}" y="${bottom + 2}" width="${x(to) - x(from)}" height="${STRIP - 2}" rx="2"/>`,
      )}
      ${hours.map(
        ({ at, minutes }) => html`<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${bottom}" y2="${bottom + STRIP + 3}"/>
          <text class="mark-x" x="${x(at)}" y="${bottom + STRIP + 17}">${minutes === 0 && at === midnight ? texts.tomorrow : format.clock(minutes)}</text>`,
      )}
      ${midnight > span.start && midnight < span.end && html`<line class="midnight" x1="${x(midnight)}" x2="${x(midnight)}" y1="${TOP}" y2="${bottom}"/>`}
      ${
        now > span.start &&
        now < span.end &&
        html`<line class="now-line" x1="${x(now)}" x2="${x(now)}" y1="${TOP - 4}" y2="${bottom + STRIP}"/>
          <text class="now-word" x="${Math.min(span.right - 34, Math.max(span.left + 34, x(now)))}" y="${HEIGHT - 2}">${texts.now}</text>`
      }
      ${cursor && html`<rect class="cursor" x="${x(cursor.from)}" y="${TOP}" width="${x(cursor.to) - x(cursor.from)}" height="${bottom - TOP}"/>`}
    </svg>
  </div>
  <p class="readout" aria-hidden="true">${readout(scene, cursor ?? slots.find((slot) => slot.to > now) ?? slots[0])}</p>
  <ul class="legend">
    ${slots.some((slot) => slot.isPast) && html`<li><i class="swatch shared"></i>${texts.past_share}</li><li><i class="swatch supplier"></i>${texts.past_supplier}</li>`}
    <li><i class="swatch line share"></i>${texts.share}</li>
    <li><i class="swatch band"></i>${texts.share_band}</li>
    <li><i class="swatch line base"></i>${texts.base}</li>
    ${good.length > 0 && html`<li><i class="swatch good"></i>${texts.good_time}</li>`}
    ${cheap.length > 0 && html`<li><i class="swatch cheap"></i>${texts.cheap}</li>`}
  </ul>`;
}

/**
 * What is known of a step, in words.
 * @param {Scene} scene
 * @param {Slot | undefined} slot
 */
function readout({ texts, format }, slot) {
  if (!slot) return "";
  const power = (/** @type {number | null} */ watts) => (watts === null ? "–" : format.power(watts));
  const parts = [`${format.time(slot.from)} – ${format.time(slot.to)}`];
  if (slot.isPast && slot.drawn !== null) {
    parts.push(fill(texts.readout_past, { drawn: power(slot.drawn), share: power(slot.shared) }));
  } else if (!slot.isPast) {
    parts.push(
      fill(texts.readout_share, { share: power(slot.share), low: power(slot.low), high: power(slot.high) }),
      fill(texts.readout_base, { base: power(slot.base) }),
    );
    const price = slot.step.supplier_eur_per_kwh;
    if (price !== null) parts.push(fill(texts.price_at, { cents: format.number(100 * price, 1) }));
  }
  if (slot.step.level === "good" || slot.step.level === "excellent") parts.push(texts.good_time ?? "");
  return parts.join(" · ");
}

/**
 * The same as a table, for who does not see the drawing.
 * @param {Scene} scene
 * @param {Slot[]} slots
 */
function renderTable(scene, slots) {
  const { texts, format } = scene;
  const power = (/** @type {number | null} */ watts) => (watts === null ? "–" : format.power(watts));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${texts.day_title}" data-key="scroll"><table>
    <thead><tr><th scope="col">${texts.time}</th><th scope="col">${texts.past_supplier}</th>
      <th scope="col">${texts.past_share}</th><th scope="col">${texts.share}</th>
      <th scope="col">${texts.base}</th><th scope="col">${texts.good_time}</th></tr></thead>
    <tbody>${slots.map(
      (slot) => html`<tr><th scope="row">${format.time(slot.from)}</th>
        <td>${slot.isPast ? power(slot.drawn === null ? null : Math.max(0, slot.drawn - (slot.shared ?? 0))) : ""}</td>
        <td>${slot.isPast ? power(slot.shared) : ""}</td>
        <td>${slot.isPast ? "" : power(slot.share)}</td><td>${power(slot.base)}</td>
        <td>${slot.step.level === "good" || slot.step.level === "excellent" ? "✓" : ""}</td></tr>`,
    )}</tbody></table></div>`;
}
