// Operation: the neighbourhood in numbers, and nobody by name.

import { patterns, scale, stackedBar, ticks } from "../chart.js";
import { entityOf, numberOf } from "../entities.js";
import { fill } from "../format.js";
import { html } from "../html.js";
import { rate } from "./month.js";

/** @typedef {import("../types.js").Scene} Scene */

const HEIGHT = 150;
const BOTTOM = 24;
const TOP = 8;
const LEFT = 56;
const WIDEST = 56;
/** A year, and the same month of the year before. */
const SHOWN = 13;
/** Translation keys of the entities that tell what is expected of everybody now. */
export const LIVE = ["estimated_community_production", "estimated_community_surplus"];

/** @param {Scene} scene */
export function renderOperation(scene) {
  const { texts, format, operation, config, membership, hass } = scene;
  if (!operation) return html`<p class="notice">${texts.waiting}</p>`;
  const [production, surplus] = LIVE.map((key) => {
    const entity = entityOf(hass, membership?.device_id, key);
    const value = numberOf(hass, entity);
    const unit = entity && hass.states[entity]?.attributes.unit_of_measurement;
    return value === null ? null : unit === "kW" ? 1000 * value : value;
  });
  const plants =
    operation.household_plants === null && operation.other_plants === null
      ? null
      : (operation.household_plants ?? 0) + (operation.other_plants ?? 0);
  const year = operation.year;
  return html`<section class="operation">
    <header><h2>${config.title ?? texts.operation_title}</h2></header>
    ${operation.name && html`<p class="subject">${operation.name}</p>`}
    <dl class="tiles">
      <div><dt>${texts.members}</dt><dd>${operation.members ?? "–"}</dd></div>
      <div><dt>${texts.plants}</dt><dd>${plants ?? "–"}${operation.household_plants ? html`<small> ${operation.household_plants} ${texts.plants_homes}</small>` : ""}</dd></div>
      <div class="shared"><dt>${texts.production_now}</dt><dd>${production == null ? "–" : `≈\u00a0${format.power(production)}`}</dd></div>
      <div class="surplus"><dt>${texts.surplus_now}</dt><dd>${surplus == null ? "–" : `≈\u00a0${format.power(surplus)}`}</dd></div>
    </dl>
    ${
      operation.months.length === 0
        ? html`<p class="notice small">${texts.nothing_published}</p>`
        : html`${
            year &&
            html`<h3>${fill(texts.last_year, { n: year.n_months })}</h3>
              <div class="rates">${rate(scene, "surplus", texts.self_consumption, year.self_consumption_rate, texts.self_consumption_of, year.shared_kwh, year.production_kwh, "")}</div>`
          }${renderBars(scene, operation.months)}`
    }
  </section>`;
}

/**
 * Months as bars: what was shared, and what was not.
 * @param {Scene} scene
 * @param {import("../types.js").SharedMonth[]} months
 */
export function renderBars(scene, months) {
  const { texts, format, width } = scene;
  const all = months.slice(-SHOWN);
  const marks = ticks(Math.max(1, ...all.map((month) => month.production_kwh ?? 0)), 3);
  const bottom = HEIGHT - BOTTOM;
  const y = scale(0, marks[marks.length - 1] ?? 1, bottom, TOP);
  const room = (width - LEFT - 8) / all.length;
  const wide = Math.min(WIDEST, room * 0.62);
  const words = (/** @type {typeof all[number]} */ month) =>
    fill(texts.bar_operation, {
      month: format.month(month.month),
      basis: texts[month.basis ?? ""],
      shared: format.kwh(month.shared_kwh),
      surplus: format.kwh(month.surplus_kwh),
    });
  return html`<h3>${texts.operation_months}</h3>
    <svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${texts.chart_operation}. ${all.map(words).join(" ; ")}">
      ${patterns("operation")}
      ${marks.map(
        (value) => html`<line class="grid" x1="${LEFT}" x2="${width}" y1="${y(value)}" y2="${y(value)}"/>
          <text class="mark-y" x="${LEFT - 6}" y="${y(value) + 4}">${format.number(value, 0)}${value === marks[marks.length - 1] && " kWh"}</text>`,
      )}
      ${all.map((month, n) => {
        const x = LEFT + n * room;
        return html`<g><title>${words(month)}</title>${stackedBar({ x: x + (room - wide) / 2, width: wide, bottom, lower: bottom - y(month.shared_kwh ?? 0), upper: bottom - y(month.surplus_kwh ?? 0), isEstimate: month.basis !== "settled", name: "operation", classes: ["shared", "surplus"] })}
          <text class="mark-x" x="${x + room / 2}" y="${HEIGHT - 7}">${format.month(month.month, room > 34 ? "short" : "narrow")}</text></g>`;
      })}
    </svg>
    <ul class="legend"><li><i class="swatch shared"></i>${texts.shared}</li><li><i class="swatch surplus"></i>${texts.surplus}</li>
      ${all.some(({ basis }) => basis !== "settled") && html`<li><i class="swatch hatched"></i>${texts.provisional}</li>`}</ul>`;
}
