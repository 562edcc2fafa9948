// What the card is told: followed while it is seen, asked for again when the connection is back.

import { DOMAIN } from "./entities.js";

/** @typedef {import("./types.js").Hass} Hass */
/** @typedef {import("./types.js").Connection} Connection */
/** @typedef {import("./types.js").Day} Day */
/** @typedef {import("./types.js").Membership} Membership */

/** The first retry; each one after it waits twice as long, up to the longest. */
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;
/** Months and the operation change when the organiser publishes, which is asked once an hour. */
export const ASK_AGAIN_MS = 30 * 60_000;

/** A day that several cards of a page follow together. */
class DayFeed {
  /**
   * @param {Connection} connection
   * @param {Record<string, string>} message
   */
  constructor(connection, message) {
    this.connection = connection;
    this.message = message;
    /** @type {Set<(day: Day) => void>} */
    this.listeners = new Set();
    /** @type {Day | null} */
    this.day = null;
    /** @type {(() => Promise<void>) | null} */
    this.unsubscribe = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.turn = 0;
    this.wait = RETRY_MS;
    this.again = () => this.start();
    connection.addEventListener("ready", this.again);
    this.start();
  }

  /** Ask anew. A subscription of before the connection was lost is gone with it. */
  async start() {
    clearTimeout(this.timer);
    const turn = (this.turn += 1);
    try {
      const unsubscribe = await this.connection.subscribeMessage(
        (/** @type {Day} */ message) => turn === this.turn && this.take(message),
        this.message,
        // Just after a start of Home Assistant the command may not be there yet: we ask again.
        { resubscribe: false },
      );
      if (turn !== this.turn) return void unsubscribe().catch(() => {});
      this.unsubscribe = unsubscribe;
      this.wait = RETRY_MS;
    } catch {
      if (turn !== this.turn) return;
      this.timer = setTimeout(this.again, this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_RETRY_MS);
    }
  }

  /** @param {Day} message only what is new; all of it where the entry was loaded anew */
  take(message) {
    this.day = message.loaded ? { ...this.day, ...message } : message;
    for (const listener of this.listeners) listener(this.day);
  }

  stop() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.connection.removeEventListener("ready", this.again);
    this.unsubscribe?.().catch(() => {});
  }
}

/** @type {WeakMap<Connection, Map<string, DayFeed>>} */
const feeds = new WeakMap();

/**
 * Follow a day until the returned function is called.
 * @param {Hass} hass
 * @param {string} entry
 * @param {(day: Day) => void} listener
 * @returns {() => void}
 */
export function followDay(hass, entry, listener) {
  const { connection } = hass;
  const language = hass.locale.language;
  const key = `${entry} ${language}`;
  const held = feeds.get(connection) ?? new Map();
  feeds.set(connection, held);
  const feed =
    held.get(key) ??
    new DayFeed(connection, { type: `${DOMAIN}/subscribe_day`, config_entry: entry, language });
  held.set(key, feed);
  feed.listeners.add(listener);
  if (feed.day) listener(feed.day);
  return () => {
    feed.listeners.delete(listener);
    if (feed.listeners.size === 0) {
      held.delete(key);
      feed.stop();
    }
  };
}

/**
 * Ask for something now, and again while it is seen; until the returned function is called.
 * @template T
 * @param {Hass} hass
 * @param {Record<string, string>} message
 * @param {(answer: T) => void} listener
 * @param {(answer: T) => boolean} [isFinal] whether there is no need to ask again soon
 * @returns {() => void}
 */
export function followAnswer(hass, message, listener, isFinal = () => true) {
  const { connection } = hass;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isOver = false;
  let wait = RETRY_MS;
  let turn = 0;
  const ask = async () => {
    clearTimeout(timer);
    const mine = (turn += 1);
    let isEnough = false;
    try {
      /** @type {T} */
      const answer = await hass.callWS(message);
      if (isOver || mine !== turn) return;
      listener(answer);
      isEnough = isFinal(answer);
    } catch {
      // Not loaded yet, or no connection: asked again.
      if (isOver || mine !== turn) return;
    }
    timer = setTimeout(ask, isEnough ? ASK_AGAIN_MS : wait);
    wait = isEnough ? RETRY_MS : Math.min(2 * wait, LONGEST_RETRY_MS);
  };
  connection.addEventListener("ready", ask);
  ask();
  return () => {
    isOver = true;
    clearTimeout(timer);
    connection.removeEventListener("ready", ask);
  };
}

/**
 * Follow which memberships there are; asked again soon until the card's own is loaded.
 * @param {Hass} hass
 * @param {string | undefined} entry without one: the first
 * @param {(told: Membership[]) => void} listener
 */
export function followMemberships(hass, entry, listener) {
  const own = (/** @type {Membership[]} */ told) => (entry ? told.find((one) => one.config_entry === entry) : told[0]);
  return followAnswer(hass, { type: `${DOMAIN}/memberships` }, listener, (told) => own(told)?.loaded ?? false);
}
