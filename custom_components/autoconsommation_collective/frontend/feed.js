// What the card is told: followed while it is seen, asked for again when the connection is back.

import { DOMAIN } from "./entities.js";

/** @typedef {import("./types.js").Hass} Hass */
/** @typedef {import("./types.js").Connection} Connection */
/** @typedef {import("./types.js").Membership} Membership */

/** The first retry; each one after it waits twice as long, up to the longest. */
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;
/** Months and the operation change when the organiser publishes, which is asked once an hour. */
export const ASK_AGAIN_MS = 30 * 60_000;

/** @typedef {{ loaded: boolean }} Told in parts, each as it is new */

/** What several cards of a page follow together. */
class Feed {
  /**
   * @param {Connection} connection
   * @param {Record<string, string>} message
   */
  constructor(connection, message) {
    this.connection = connection;
    this.message = message;
    /** @type {Set<(told: any) => void>} */
    this.listeners = new Set();
    /** @type {Told | null} */
    this.told = null;
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
        (/** @type {Told} */ message) => turn === this.turn && this.take(message),
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

  /** @param {Told} message only what is new; all of it where the entry was loaded anew */
  take(message) {
    this.told = message.loaded ? { ...this.told, ...message } : message;
    for (const listener of this.listeners) listener(this.told);
  }

  stop() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.connection.removeEventListener("ready", this.again);
    this.unsubscribe?.().catch(() => {});
  }
}

/** @type {WeakMap<Connection, Map<string, Feed>>} */
const feeds = new WeakMap();

/**
 * Follow what is told from now on, whole each time, until the returned function is called.
 * @template T
 * @param {Hass} hass
 * @param {Record<string, string>} message that subscribes
 * @param {(told: T) => void} listener
 * @returns {() => void}
 */
export function followTold({ connection }, message, listener) {
  const key = JSON.stringify(message);
  const held = feeds.get(connection) ?? new Map();
  feeds.set(connection, held);
  const feed = held.get(key) ?? new Feed(connection, message);
  held.set(key, feed);
  feed.listeners.add(listener);
  if (feed.told) listener(feed.told);
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
 * The one that a card shows: the one it names, else the first that is loaded; an operation that
 * is organised here only where it is named or there is no membership.
 * @param {Membership[]} told
 * @param {string | undefined} entry
 */
export function chosenOf(told, entry) {
  if (entry) return told.find((one) => one.config_entry === entry);
  const members = told.filter((one) => !one.organises);
  const those = members.length > 0 ? members : told;
  return those.find((one) => one.loaded) ?? those[0];
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
