// The lanes below the day's drawing: each appliance's runs, its deadline, and what to ask of it.

import { scale } from "../chart.js";
import { entityOf } from "../entities.js";
import { fill } from "../format.js";
import { html } from "../html.js";

/** @typedef {import("../types.js").Scene} Scene */
/** @typedef {import("../types.js").Load} Load */
/** @typedef {import("../types.js").Run} Run */
/** @typedef {import("./day.js").Span} Span */

const LANE = 30;
const DAY_MINUTES = 24 * 60;

/** @type {Record<string, string>} */
const ICONS = {
  water_heater: "mdi:water-boiler",
  car: "mdi:car-electric",
  appliance: "mdi:washing-machine",
  deferrable: "mdi:timer-outline",
  surplus: "mdi:solar-power",
};

/**
 * Minutes since midnight of a time told as HH:MM.
 * @param {string} told
 */
export function minutesOf(told) {
  const [hours, minutes] = told.split(":").map(Number);
  return 60 * (hours ?? 0) + (minutes ?? 0);
}

/**
 * A time as it is told, HH:MM.
 * @param {number} minutes
 */
export function toldMinutes(minutes) {
  const within = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

/**
 * When a load must be ready, in each day that is drawn; the first one to come can be moved.
 * @param {Scene} scene
 * @param {Span} span
 * @param {string} readyBy
 */
export function deadlines({ day, format }, span, readyBy) {
  const ahead = day?.ahead;
  if (!ahead) return [];
  const now = Date.parse(day?.now?.at ?? ahead.today);
  const each = [ahead.today, ahead.tomorrow]
    .map((midnight) => ({
      midnight: Date.parse(midnight),
      at: format.atMinutes(Date.parse(midnight), minutesOf(readyBy)),
    }))
    .filter(({ at }) => at >= span.start && at < span.end);
  const coming = each.find(({ at }) => at > now) ?? each[0];
  return each.map((one) => ({ ...one, isMovable: one === coming }));
}

/**
 * @param {Scene} scene
 * @param {Span} span
 * @param {Load[]} loads
 */
export function renderLoads(scene, span, loads) {
  const { texts } = scene;
  if (loads.length === 0) return html`<p class="notice small">${texts.no_loads}</p>`;
  return html`<h3 id="loads">${texts.loads}</h3>
    <ul class="lanes" aria-labelledby="loads">${loads.map((load) => renderLane(scene, span, load))}</ul>
    <ul class="legend"><li><i class="swatch shared"></i>${texts.from_neighbours}</li>
      <li><i class="swatch supplier"></i>${texts.from_supplier}</li></ul>`;
}

/**
 * @param {Scene} scene
 * @param {Span} span
 * @param {Load} load
 */
function renderLane(scene, span, load) {
  const { texts, format, chosen, hass, day } = scene;
  const isOpen = chosen.load === load.id;
  const now = Date.parse(day?.now?.at ?? day?.ahead?.today ?? "");
  const runs = load.runs.filter((run) => Date.parse(run.end) > now);
  const next = runs[0];
  const words = next
    ? fill(texts.load_runs, {
        start: format.time(next.start),
        end: format.time(next.end),
        kwh: format.kwh(next.kwh),
      })
    : texts.load_none;
  const readyBy = chosen.drafts[load.id] ?? load.ready_by;
  const movable = readyBy && entityOf(hass, load.device_id, "ready_by");
  const inSpan = (/** @type {Run} */ run) =>
    Date.parse(run.end) > span.start && Date.parse(run.start) < span.end;
  return html`<li class="lane">
    <button type="button" class="lane-head" data-do="load" data-value="${load.id}" data-key="load-${load.id}"
      aria-expanded="${String(isOpen)}">
      <ha-icon icon="${ICONS[load.kind] ?? "mdi:power-plug-outline"}" aria-hidden="true"></ha-icon>
      <span class="lane-name">${load.name}<small>${texts[`status_${load.status}`]}</small></span>
      <span class="lane-next">${words}<small>${load.is_controlled ? texts.follows : texts.observed}</small></span>
      <ha-icon class="turn" icon="${isOpen ? "mdi:chevron-up" : "mdi:chevron-down"}" aria-hidden="true"></ha-icon>
    </button>
    <div class="track" data-load="${load.id}">
      <svg width="${span.width}" height="${LANE}" viewBox="0 0 ${span.width} ${LANE}" role="img"
        aria-label="${fill(texts.plan, { name: load.name, runs: told(scene, runs) })}">
        <rect class="rail" x="${span.left}" y="${LANE / 2 - 1}" width="${span.right - span.left}" height="2"/>
        ${load.ran.filter(inSpan).map((run) => block(span, run, "ran"))}
        ${runs.filter(inSpan).map((run) => block(span, run, load.is_controlled ? "planned" : "advised"))}
        ${now > span.start && now < span.end && html`<line class="now-line" x1="${span.x(now)}" x2="${span.x(now)}" y1="0" y2="${LANE}"/>`}
      </svg>
      ${readyBy && deadlines(scene, span, readyBy).map((one) => renderDeadline(scene, span, load, readyBy, one, Boolean(movable)))}
    </div>
    ${isOpen && renderPanel(scene, load, readyBy)}
  </li>`;
}

/**
 * The runs in words, as a drawing is told to who does not see it.
 * @param {Scene} scene
 * @param {Run[]} runs
 */
function told({ texts, format }, runs) {
  if (runs.length === 0) return texts.load_none;
  return runs
    .map((run) => fill(texts.load_runs, { start: format.time(run.start), end: format.time(run.end), kwh: format.kwh(run.kwh) }))
    .join(" ; ");
}

/**
 * A run; what of it should come from the neighbours is filled from below.
 * @param {Span} span
 * @param {Run} run
 * @param {"ran" | "planned" | "advised"} kind
 */
function block(span, run, kind) {
  const from = span.x(Math.max(span.start, Date.parse(run.start)));
  const to = span.x(Math.min(span.end, Date.parse(run.end)));
  const height = LANE - 8;
  const part = scale(0, 1, 0, height)(run.kwh > 0 ? Math.min(1, run.covered_kwh / run.kwh) : 0);
  const width = Math.max(3, to - from - 1);
  return html`<g class="block ${kind}"><rect class="body" x="${from}" y="4" width="${width}" height="${height}" rx="4"/>
    ${part > 0.5 && html`<rect class="cover" x="${from}" y="${4 + height - part}" width="${width}" height="${part}" rx="${Math.min(4, part / 2)}"/>`}
    <rect class="rim" x="${from}" y="4" width="${width}" height="${height}" rx="4"/></g>`;
}

/**
 * @param {Scene} scene
 * @param {Span} span
 * @param {Load} load
 * @param {string} readyBy
 * @param {{ at: number, midnight: number, isMovable: boolean }} one
 * @param {boolean} hasEntity
 */
function renderDeadline(scene, span, load, readyBy, one, hasEntity) {
  const { texts, format } = scene;
  const place = `left:${span.x(one.at)}px`;
  if (!one.isMovable || !hasEntity) {
    return html`<span class="deadline" style="${place}" aria-hidden="true"><i></i></span>`;
  }
  const minutes = minutesOf(readyBy);
  return html`<span class="deadline movable" style="${place}" role="slider" tabindex="0"
    data-deadline="${load.id}" data-midnight="${one.midnight}" data-key="deadline-${load.id}"
    aria-label="${fill(texts.ready_by_name, { name: load.name })}" aria-valuemin="0" aria-valuemax="${DAY_MINUTES - 1}"
    aria-valuenow="${minutes}" aria-valuetext="${format.clock(minutes)}"><i></i><b>${format.clock(minutes)}</b></span>`;
}

/**
 * What to ask of a load. Buttons are there for what its device has.
 * @param {Scene} scene
 * @param {Load} load
 * @param {string | null | undefined} readyBy
 */
function renderPanel(scene, load, readyBy) {
  const { texts, format, hass } = scene;
  const press = (/** @type {string} */ key, /** @type {boolean} */ isShown, /** @type {string} */ kind = "") => {
    const entity = isShown && entityOf(hass, load.device_id, key);
    return (
      entity &&
      html`<button type="button" class="${kind}" data-do="press" data-value="${entity}"
        data-key="${key}-${load.id}">${texts[key]}<span class="sr"> : ${load.name}</span></button>`
    );
  };
  const control = entityOf(hass, load.device_id, "control");
  const ready = readyBy && entityOf(hass, load.device_id, "ready_by");
  return html`<div class="panel">
    <p>${load.reason}</p>
    ${load.ran.map((run) => html`<p class="past">${fill(texts.load_ran, { start: format.time(run.start), end: format.time(run.end), kwh: format.kwh(run.kwh) })}</p>`)}
    <div class="buttons">
      ${press("run_now", load.is_controlled, "strong")}
      ${press("arm", true)}
      ${press("skip", load.is_controlled)}
      ${
        control &&
        html`<button type="button" data-do="control" data-value="${control}" data-on="${String(load.is_controlled)}"
          data-key="control-${load.id}">${load.is_controlled ? texts.stop_following : texts.follow}<span class="sr"> : ${load.name}</span></button>`
      }
      ${
        ready &&
        html`<label>${texts.ready_by} <input type="time" step="900" value="${readyBy}" data-ready="${load.id}"
          data-key="ready-${load.id}" aria-label="${fill(texts.ready_by_name, { name: load.name })}"></label>`
      }
    </div>
  </div>`;
}
