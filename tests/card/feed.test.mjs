// How the card follows: told in parts, shared on a page, asked for again after trouble.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ASK_AGAIN_MS, chosenOf, followAnswer, followMemberships, followTold } from "../../custom_components/autoconsommation_collective/frontend/feed.js";

/** A connection whose other side is this test. */
class Line {
  constructor() {
    this.ready = new Set();
    this.listeners = [];
    this.asked = [];
    this.ended = 0;
    this.isDown = false;
  }

  async subscribeMessage(listener, message, options) {
    this.asked.push({ message, options });
    if (this.isDown) throw { code: "unknown_command" };
    this.listeners.push(listener);
    return async () => void (this.ended += 1);
  }

  addEventListener(_name, listener) {
    this.ready.add(listener);
  }

  removeEventListener(_name, listener) {
    this.ready.delete(listener);
  }

  tell(message) {
    this.listeners.at(-1)(message);
  }
}

const settle = async () => {
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
};
const house = (line) => ({ connection: line, locale: { language: "fr" } });
const DAY = { type: "autoconsommation_collective/subscribe_day", config_entry: "entry", language: "fr" };

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("what is new is added to what was told; an entry loaded anew begins from nothing", async () => {
  const line = new Line();
  let day;
  followTold(house(line), DAY, (told) => (day = told));
  await settle();
  assert.deepEqual(line.asked[0].message, DAY);
  line.tell({ loaded: true, now: 1, loads: 2 });
  line.tell({ loaded: true, now: 3 });
  assert.deepEqual(day, { loaded: true, now: 3, loads: 2 });
  line.tell({ loaded: false });
  assert.deepEqual(day, { loaded: false });
});

test("cards of a page share what they follow, until the last one goes", async () => {
  const line = new Line();
  const told = [];
  const stop = followTold(house(line), DAY, () => told.push("first"));
  await settle();
  line.tell({ loaded: true });
  const stopOther = followTold(house(line), DAY, () => told.push("second"));
  assert.equal(line.asked.length, 1);
  assert.deepEqual(told, ["first", "second"]);
  stop();
  assert.equal(line.ended, 0);
  stopOther();
  assert.equal(line.ended, 1);
  assert.equal(line.ready.size, 0);
});

test("a command that is not there yet is asked for again, ever more rarely", async () => {
  const line = new Line();
  line.isDown = true;
  const stop = followTold(house(line), DAY, () => {});
  await settle();
  assert.equal(line.asked.length, 1);
  for (const [ms, times] of [[5_000, 2], [5_000, 2], [5_000, 3]]) {
    mock.timers.tick(ms);
    await settle();
    assert.equal(line.asked.length, times);
  }
  line.isDown = false;
  mock.timers.tick(20_000);
  await settle();
  assert.equal(line.listeners.length, 1);
  stop();
  mock.timers.tick(120_000);
  assert.equal(line.asked.length, 4);
});

test("a connection that is back is asked anew, and the old one is not listened to", async () => {
  const line = new Line();
  let day;
  followTold(house(line), DAY, (told) => (day = told));
  await settle();
  const before = line.listeners[0];
  for (const again of line.ready) again();
  await settle();
  assert.equal(line.asked.length, 2);
  assert.equal(line.asked[1].options.resubscribe, false);
  line.tell({ loaded: true, now: 2 });
  before({ loaded: true, now: 1 });
  assert.equal(day.now, 2);
});

test("an answer is asked for again: soon until it is final, then each half hour, at once when back", async () => {
  const line = new Line();
  const answers = [new Error("not loaded"), { loaded: false }, { loaded: true }];
  let asked = 0;
  const told = [];
  const hass = {
    ...house(line),
    callWS: async () => {
      const answer = answers[Math.min(asked, 2)];
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const stop = followAnswer(hass, { type: "x" }, (answer) => told.push(answer), (answer) => answer.loaded);
  await settle();
  assert.deepEqual([asked, told.length], [1, 0]);
  for (let n = 0; n < 2; n += 1) {
    mock.timers.tick(10_000);
    await settle();
  }
  assert.deepEqual(told.at(-1), { loaded: true });
  const soFar = asked;
  mock.timers.tick(ASK_AGAIN_MS - 1);
  await settle();
  assert.equal(asked, soFar);
  mock.timers.tick(1);
  await settle();
  assert.equal(asked, soFar + 1);
  for (const again of line.ready) again();
  await settle();
  assert.equal(asked, soFar + 2);
  stop();
  mock.timers.tick(2 * ASK_AGAIN_MS);
  await settle();
  assert.equal(asked, soFar + 2);
});

test("an answer that is not final is asked for ever more rarely", async () => {
  let asked = 0;
  const hass = { ...house(new Line()), callWS: async () => void (asked += 1) };
  const stop = followAnswer(hass, { type: "x" }, () => {}, () => false);
  await settle();
  for (const [ms, times] of [[5_000, 2], [10_000, 3], [20_000, 4], [40_000, 5], [60_000, 6], [60_000, 7]]) {
    mock.timers.tick(ms - 1);
    await settle();
    assert.equal(asked, times - 1);
    mock.timers.tick(1);
    await settle();
    assert.equal(asked, times);
  }
  stop();
});

test("memberships are asked for again soon until the card's own is loaded", async () => {
  const told = [{ config_entry: "first", loaded: false }, { config_entry: "second", loaded: true }];
  for (const [entry, isFinal] of [["second", true], ["first", false], ["gone", false], [undefined, false]]) {
    let asked = 0;
    const hass = { ...house(new Line()), callWS: async () => ((asked += 1), told) };
    const stop = followMemberships(hass, entry, () => {});
    await settle();
    mock.timers.tick(5_000);
    await settle();
    assert.equal(asked, isFinal ? 1 : 2, entry);
    stop();
  }
});

test("a membership comes first; an operation is shown where it is named or alone", () => {
  const member = { config_entry: "member", loaded: false, organises: false };
  const organiser = { config_entry: "organiser", loaded: true, organises: true };
  const other = { ...member, config_entry: "other", loaded: true };
  for (const [told, entry, chosen] of [
    [[member, organiser], undefined, member],
    [[member, other, organiser], undefined, other],
    [[organiser], undefined, organiser],
    [[member, organiser], "organiser", organiser],
    [[member, organiser], "gone", undefined],
    [[], undefined, undefined],
  ]) {
    assert.equal(chosenOf(told, entry), chosen);
  }
});
