// Month: what came from the neighbours, settled or estimated, month by month and over the year.

import { patterns, ring, scale, stackedBar, ticks } from "../chart.js";
import { fill } from "../format.js";
import { html } from "../html.js";

/** @typedef {import("../types.js").Scene} Scene */
/** @typedef {import("../types.js").Month} Month */
/** @typedef {import("../types.js").HomeTotals} HomeTotals */
/** @typedef {import("../types.js").Basis} Basis */

const HEIGHT = 168;
const BOTTOM = 26;
const TOP = 8;
const LEFT = 52;
const WIDEST = 56;
/** A year, and the same month of the year before. */
const SHOWN = 13;
/** Below, it is said that a part is missing. */
const KNOWN_ENOUGH = 0.98;

/**
 * The month that is shown: the one that was chosen, else the last.
 * @param {Scene} scene
 * @returns {Month | undefined}
 */
function shownMonth({ months, chosen }) {
  const all = months?.months ?? [];
  return all.find(({ month }) => month === chosen.month) ?? all[all.length - 1];
}

/**
 * Whether the sums of a month no longer change.
 * @param {Basis} basis
 */
const isOfficial = (basis) => basis === "settled" || basis === "bill";

/**
 * How sure a number is, as a tag: by word, by sign and by edge, not by colour alone.
 * @param {Scene} scene
 * @param {Basis} basis
 */
function basisTag({ texts }, basis) {
  const icon = isOfficial(basis) ? "mdi:check-decagram" : "mdi:approximately-equal";
  return html`<span class="tag ${basis}"><ha-icon icon="${icon}" aria-hidden="true"></ha-icon>${texts[basis]}</span>`;
}

/** @param {Scene} scene */
export function renderMonth(scene) {
  const { texts, months, chosen, config } = scene;
  const isYear = chosen.period === "year";
  return html`<section class="month">
    <header>
      <h2>${config.title ?? texts.month_title}</h2>
      <div class="tabs" role="group" aria-label="${texts.month_title}">${(
        /** @type {const} */ (["month", "year"])
      ).map(
        (one) => html`<button type="button" data-do="period" data-value="${one}" data-key="period-${one}"
          aria-pressed="${String(chosen.period === one)}">${texts[`${one}_word`]}</button>`,
      )}</div>
    </header>
    ${
      !months || months.months.length === 0
        ? html`<p class="notice">${months ? texts.no_months : texts.waiting}</p>`
        : html`${isYear ? renderYear(scene) : renderOne(scene)}${renderBars(scene)}`
    }
  </section>`;
}

/** @param {Scene} scene */
function renderOne(scene) {
  const { texts, format, months } = scene;
  const month = shownMonth(scene);
  const all = months?.months ?? [];
  if (!month) return "";
  const place = all.indexOf(month);
  const isLast = place === all.length - 1;
  const turn = (/** @type {"previous" | "following"} */ word, /** @type {number} */ to) => {
    const other = all[to]?.month;
    return html`<button type="button" class="icon" data-do="month" data-value="${other ?? ""}" data-key="${word}"
      aria-label="${texts[word]}" aria-disabled="${String(!other)}"><ha-icon icon="mdi:chevron-${word === "previous" ? "left" : "right"}"></ha-icon></button>`;
  };
  const isPartial = month.known_part < KNOWN_ENOUGH;
  return html`<div class="pager">${turn("previous", place - 1)}
      <h3 aria-live="polite">${format.month(month.month)} ${isLast && month.basis === "estimated" && html`<small>${texts.so_far}</small>`}</h3>
      ${turn("following", place + 1)}</div>
    <p class="sure">${basisTag(scene, month.basis)} ${isPartial && fill(texts.partly, { part: format.percent(month.known_part) })}</p>
    ${renderTotals(scene, month, !isOfficial(month.basis))}
    <p class="hint">${texts.misleading}</p>
    <p><button type="button" class="plain" data-do="statement" data-value="${month.month}" data-key="statement">${texts.statement}</button></p>`;
}

/** @param {Scene} scene */
function renderYear(scene) {
  const { texts, format, months } = scene;
  const year = months?.year;
  if (!year) return html`<p class="notice">${texts.no_year}</p>`;
  const title = fill(texts.year_title, { first: format.month(year.first), last: format.month(year.last) });
  return html`<div class="pager"><h3>${title}</h3></div>
    <p class="sure">${basisTag(scene, "settled")} ${fill(texts.year_months, { n: year.n_months })}</p>
    ${renderTotals(scene, year, false)}`;
}

/**
 * Energies, money, and both rates with what they are the rates of.
 * @param {Scene} scene
 * @param {HomeTotals} totals
 * @param {boolean} isEstimate
 */
function renderTotals(scene, totals, isEstimate) {
  const { texts, format, months } = scene;
  const about = isEstimate ? "≈\u00a0" : "";
  const operation = totals.operation;
  const shared =
    totals.injected_kwh !== null && totals.surplus_kwh !== null
      ? totals.injected_kwh - totals.surplus_kwh
      : null;
  return html`<dl class="tiles ${isEstimate && "estimate"}">
      <div class="shared"><dt>${texts.allocated}</dt><dd>${about}${format.kwh(totals.allocated_kwh)}</dd></div>
      <div class="supplier"><dt>${texts.supplier}</dt><dd>${about}${format.kwh(totals.supplier_kwh)}</dd></div>
      <div class="saved"><dt>${texts.saved}</dt><dd>${totals.saved_eur !== null && "≈\u00a0"}${format.eur(totals.saved_eur)}<small> ${texts.saved_hint}</small></dd></div>
      ${months?.produces && html`<div class="injected"><dt>${texts.injected}</dt><dd>${about}${format.kwh(totals.injected_kwh)}${shared !== null && html`<small> ${texts.injected_shared} ${format.kwh(shared)}</small>`}</dd></div>`}
    </dl>
    <div class="rates">
      ${rate(scene, "shared", texts.self_production, totals.self_production_rate, texts.self_production_of, totals.allocated_kwh, totals.consumption_kwh, about)}
      ${rate(scene, "surplus", texts.self_consumption, operation?.self_consumption_rate ?? null, texts.self_consumption_of, operation?.shared_kwh ?? null, operation?.production_kwh ?? null, "")}
    </div>`;
}

/**
 * A rate never stands without its kWh.
 * @param {Scene} scene
 * @param {string} kind
 * @param {string | undefined} name
 * @param {number | null} value
 * @param {string | undefined} sentence
 * @param {number | null} part
 * @param {number | null} whole
 * @param {string} about
 */
export function rate({ texts, format }, kind, name, value, sentence, part, whole, about) {
  const isKnown = value !== null && part !== null && whole !== null;
  return html`<div class="rate">
    <div class="dial">${ring(isKnown ? value : null, kind)}<strong>${isKnown && about}${format.percent(isKnown ? value : null)}</strong></div>
    <div><h4>${name}</h4><p>${isKnown ? fill(sentence, { part: format.kwh(part), whole: format.kwh(whole) }) : texts.not_told}</p></div>
  </div>`;
}

/** @param {Scene} scene */
function renderBars(scene) {
  const { texts, format, months, chosen, width } = scene;
  const all = (months?.months ?? []).slice(-SHOWN);
  if (all.length < 2) return "";
  const drawn = (/** @type {Month} */ month) => month.consumption_kwh ?? month.allocated_kwh ?? 0;
  const marks = ticks(Math.max(1, ...all.map(drawn)), 3);
  const bottom = HEIGHT - BOTTOM;
  const y = scale(0, marks[marks.length - 1] ?? 1, bottom, TOP);
  const room = (width - LEFT - 8) / all.length;
  const wide = Math.min(WIDEST, room * 0.62);
  const shown = chosen.period === "month" ? shownMonth(scene)?.month : null;
  return html`<div class="bars" role="group" aria-label="${texts.chart_months}" style="height:${HEIGHT}px">
    <svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" aria-hidden="true">${patterns("month")}
      ${marks.map(
        (value) => html`<line class="grid" x1="${LEFT}" x2="${width}" y1="${y(value)}" y2="${y(value)}"/>
          <text class="mark-y" x="${LEFT - 6}" y="${y(value) + 4}">${format.number(value, value % 1 ? 1 : 0)}${value === marks[marks.length - 1] && " kWh"}</text>`,
      )}
      ${all.map((month, n) => {
        const x = LEFT + n * room;
        const allocated = month.allocated_kwh ?? 0;
        const supplier = Math.max(0, drawn(month) - allocated);
        return html`${month.month === shown && html`<rect class="cursor" x="${x + 1}" y="${TOP}" width="${room - 2}" height="${HEIGHT - TOP}" rx="4"/>`}
          ${stackedBar({ x: x + (room - wide) / 2, width: wide, bottom, lower: bottom - y(allocated), upper: bottom - y(supplier), isEstimate: !isOfficial(month.basis), name: "month", classes: ["shared", "supplier"] })}
          <text class="mark-x" x="${x + room / 2}" y="${HEIGHT - 8}">${format.month(month.month, room > 34 ? "short" : "narrow")}</text>`;
      })}
    </svg>
    ${all.map((month, n) => {
      const words = {
        month: format.month(month.month),
        basis: texts[month.basis],
        allocated: format.kwh(month.allocated_kwh),
        supplier: format.kwh(month.supplier_kwh),
      };
      return html`<button type="button" class="pick" data-do="month" data-value="${month.month}" data-key="bar-${month.month}"
        style="left:${LEFT + n * room}px;width:${room}px" aria-pressed="${String(month.month === shown)}" aria-label="${fill(texts.bar_month, words)}"></button>`;
    })}
  </div>
  <ul class="legend"><li><i class="swatch shared"></i>${texts.allocated}</li><li><i class="swatch supplier"></i>${texts.supplier}</li>
    ${all.some(({ basis }) => !isOfficial(basis)) && html`<li><i class="swatch hatched"></i>${texts.estimated}</li>`}</ul>`;
}
