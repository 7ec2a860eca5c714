/** Patches of views: splices, resets, and identities that stay. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { LiveValue } from '../../src/live';
import { applyPatch, EMPTY_VIEW, type ViewState } from '../../src/patches';
import { isNewer } from '../../src/tabs/messages';
import { UnkeptIntents } from '../../src/unkept';
import { Views } from '../../src/views';
import { fakeStorage } from './fake_storage';

interface Item {
  readonly id: string;
  readonly n: number;
}
const key = (item: Item): string => item.id;
const item = (id: string, n = 0): Item => ({ id, n });
const start: ViewState<Item> = { fields: { a: 1 }, items: [item('x'), item('y'), item('z')] };

test('[CO8] a splice changes what it names and nothing else', () => {
  const next = applyPatch(start, { splice: [1, 1, [item('y', 1), item('w')]] }, key);
  assert.deepEqual(next.items.map((one) => [one.id, one.n]), [['x', 0], ['y', 1], ['w', 0], ['z', 0]]);
  assert.equal(next.items[0], start.items[0]);
  assert.equal(next.items[3], start.items[2]);
  assert.equal(next.fields, start.fields);
  assert.equal(start.items.length, 3);
});

test('[CO8] a reset replaces all and keeps the identity of what is the same', () => {
  const next = applyPatch(start, { reset: true, fields: { b: 2 }, splice: [0, 0, [item('y'), item('z', 5), item('n')]] }, key);
  assert.deepEqual(next.fields, { b: 2 });
  assert.equal(next.items[0], start.items[1]);
  assert.notEqual(next.items[1], start.items[2]);
  assert.deepEqual(applyPatch(start, { reset: true }, key), { fields: {}, items: [] });
});

test('[CO8] fields merge, null takes one away, and a patch of fields keeps the list', () => {
  const next = applyPatch(start, { fields: { b: [1], a: null } }, key);
  assert.deepEqual(next.fields, { b: [1] });
  assert.equal(next.items, start.items);
  assert.equal(applyPatch(start, {}, key), start);
});

test('[CO8] a splice outside the list is refused', () => {
  assert.throws(() => applyPatch(start, { splice: [2, 2, []] }, key), RangeError);
  assert.throws(() => applyPatch(EMPTY_VIEW, { splice: [1, 0, []] }, () => ''), RangeError);
});

test('[CO8] moves take an item from place to place, change what they name, add and remove', () => {
  const next = applyPatch(start, { moves: [[2, 0, { n: 7, x: null }], [-1, 1, { id: 'w', n: 1, x: null }], [2, -1]] }, key);
  assert.deepEqual(next.items, [{ id: 'z', n: 7 }, { id: 'w', n: 1 }, { id: 'y', n: 0 }]);
  assert.equal(next.items[2], start.items[1]);
  assert.equal(next.fields, start.fields);
  assert.deepEqual(start.items.map(({ id }) => id), ['x', 'y', 'z']);
});

test('[CO8] a reset by moves keeps the identity of what is the same', () => {
  const next = applyPatch(start, { reset: true, moves: [[-1, 0, { id: 'y', n: 0 }], [-1, 1, { id: 'x', n: 5 }]] }, key);
  assert.equal(next.items[0], start.items[1]);
  assert.notEqual(next.items[1], start.items[0]);
});

test('[CO8] a move outside the list is refused', () => {
  for (const move of [[3, 0], [0, 3, {}], [-1, 4, {}]] as const) {
    assert.throws(() => applyPatch(start, { moves: [move] }, key), RangeError);
  }
});

test('[CO9] a view that a patch does not fit is opened anew', () => {
  const opened: unknown[] = [];
  const views = new Views({ open: (...spec) => opened.push(spec), close: () => undefined, older: () => undefined });
  const chat = views.openConversation('7');
  views.show(3, JSON.stringify({ splice: [5, 1, []] }));
  assert.deepEqual(opened, [[3, 'conversation', '7'], [3, 'conversation', '7']]);
  views.show(3, JSON.stringify({ reset: true, fields: { title: 't' }, splice: [0, 0, [{ localId: 'a' }]] }));
  assert.deepEqual(chat.get()?.items, [{ localId: 'a' }]);
  chat.close();
});

test('[SY55] loadOlder resolves once the page is shown, and at once where there is none', async () => {
  const asked: number[] = [];
  const views = new Views({ open: () => undefined, close: () => undefined, older: (_, request) => asked.push(request) });
  const chat = views.openConversation('7');
  views.show(3, JSON.stringify({ reset: true, fields: { hasOlder: true, loadingOlder: false } }));
  let done = false;
  const loading = chat.loadOlder().then(() => { done = true; });
  views.show(3, JSON.stringify({ fields: { loadingOlder: true } }));
  views.olderDone(asked[0] as number);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(done, false);
  views.show(3, JSON.stringify({ fields: { loadingOlder: false, hasOlder: false }, splice: [0, 0, [{ localId: 'old' }]] }));
  await loading;
  await chat.loadOlder();
  assert.equal(asked.length, 1);
});

test('[CO8] a listener hears of changes until it leaves, and not of what is the same', () => {
  const live = new LiveValue(1);
  let heard = 0;
  const listener = (): void => void (heard += 1);
  const stops = [live.subscribe(listener), live.subscribe(listener)];
  live.set(2);
  live.set(2);
  stops[0]?.();
  live.set(3);
  assert.equal(heard, 3);
});

test('[LD4] what is not kept survives the tab in its order, per account, until it is kept', () => {
  const storage = fakeStorage();
  const send = (tempId: string) => ({ t: 'send', tempId, chatId: '7', text: tempId }) as const;
  const life = new UnkeptIntents(storage, '1');
  for (const tempId of ['c', 'a', 'b']) life.add(send(tempId));
  life.drop(['a']);
  storage.setItem('godwit.unkept.1.torn', '{"order":');
  const next = new UnkeptIntents(storage, '1');
  assert.deepEqual(next.restore().map((intent) => intent.tempId), ['c', 'b']);
  next.add(send('d'));
  assert.deepEqual(new UnkeptIntents(storage, '1').restore().map((intent) => intent.tempId), ['c', 'b', 'd']);
  assert.deepEqual(new UnkeptIntents(storage, '2').restore(), []);
  next.clear();
  assert.equal(storage.length, 0);
});

test('[LD39] versions compare by their numbers', () => {
  assert.ok(isNewer('0.10.0', '0.9.9'));
  assert.ok(!isNewer('0.1.0', '0.1.0'));
  assert.ok(!isNewer('1.0', '1.0.1'));
});
