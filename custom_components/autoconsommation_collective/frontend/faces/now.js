// Now: can I switch something on? Large enough for a wall, and for older eyes.

import { fill } from "../format.js";
import { html } from "../html.js";

/** @typedef {import("../types.js").Scene} Scene */
/** @typedef {import("../types.js").Window} Window */

/** @type {Record<string, { icon: string, dots: number }>} */
const LEVELS = {
  excellent: { icon: "mdi:check-circle", dots: 4 },
  good: { icon: "mdi:check-circle-outline", dots: 3 },
  neutral: { icon: "mdi:minus-circle-outline", dots: 2 },
  avoid: { icon: "mdi:clock-outline", dots: 1 },
  unknown: { icon: "mdi:help-circle-outline", dots: 0 },
};

/**
 * The good window after the one in progress, else the next.
 * @param {Scene} scene
 * @returns {Window | null}
 */
export function nextWindow({ day }) {
  const now = day?.now;
  if (!now) return null;
  const at = Date.parse(now.at);
  const windows = day?.ahead?.windows ?? [];
  const found = windows.find((one) => Date.parse(one.start) > at);
  const told = now.window && Date.parse(now.window.start) > at ? now.window : null;
  return found ?? told;
}

/**
 * When a window is, as people say it.
 * @param {Scene} scene
 * @param {Window} one
 */
export function whenIs({ texts, format, day }, one) {
  const hours = fill(texts.from_to, { start: format.time(one.start), end: format.time(one.end) });
  const on = format.day(one.start);
  if (on === format.day(day?.now?.at ?? one.start)) return hours;
  const isTomorrow = day?.ahead && on === format.day(day.ahead.tomorrow);
  return `${isTomorrow ? texts.tomorrow : format.date(one.start)}, ${hours}`;
}

/** @param {Scene} scene */
export function renderNow(scene) {
  const { texts, format, day } = scene;
  const now = day?.now;
  const level = now?.level ?? "unknown";
  const { icon, dots } = LEVELS[level] ?? { icon: "mdi:help-circle-outline", dots: 0 };
  const isGood = level === "good" || level === "excellent";
  const current = isGood ? now?.window : null;
  const next = nextWindow(scene);
  /** @type {[string | undefined, string, string?][]} */
  const facts = [];
  if (current) {
    facts.push([texts.to_take, format.kwh(current.energy_kwh)]);
    facts.push([texts.until, format.time(current.end)]);
  }
  facts.push(
    next
      ? [texts.next_window, whenIs(scene, next), format.kwh(next.energy_kwh)]
      : [texts.next_window, texts.no_window ?? ""],
  );
  if (now?.allocated_today_kwh != null && !current) {
    facts.push([texts.allocated_today, format.kwh(now.allocated_today_kwh)]);
  }
  return html`<section class="now level-${level}">
    <p class="question">${scene.config.title ?? texts.question}</p>
    <div class="answer">
      <span class="sign" aria-hidden="true"><ha-icon icon="${icon}"></ha-icon></span>
      <div>
        <h2 class="word">${texts[`level_${level}`]}</h2>
        <span class="dots" aria-hidden="true">${[1, 2, 3, 4].map(
          (n) => html`<i class="${n <= dots && "on"}"></i>`,
        )}</span>
      </div>
    </div>
    <p class="reason">${now?.reason ?? texts.nothing_told}</p>
    <dl class="facts">${facts.map(
      ([name, value, more]) =>
        html`<div class="${more && "wide"}"><dt>${name}</dt><dd>${value}${more && html` <small>${more}</small>`}</dd></div>`,
    )}</dl>
    <p class="sure"><span class="tag estimated">${texts.estimated}</span> ${
      now?.confidence && texts[`confidence_${now.confidence}`]
    }</p>
  </section>`;
}
