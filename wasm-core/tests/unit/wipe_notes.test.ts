/** What a sign-out that was cut off leaves is deleted by the next start; until then a note says so. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { WipeNotes, type FreeLocks } from '../../src/wipe_notes';
import { fakeStorage } from './fake_storage';

/** Every lock is free, but those of `taken`. */
function fakeLocks(taken: readonly string[], asked: () => void = () => undefined): FreeLocks {
  return {
    request: async (name, _options, granted) => {
      asked();
      await granted(taken.includes(name) ? null : {});
    },
  };
}

const lockOf = (userId: string): string => `core:${userId}`;

test('[ST8] what a sign-out left is deleted by the next start, for each person noted, and the note goes', async () => {
  const storage = fakeStorage();
  for (const userId of ['1', '22']) new WipeNotes(storage).add(userId);
  storage.setItem('godwit.wiping.../', ''); // no account: names no database
  const wiped: string[] = [];
  const next = new WipeNotes(storage);
  const wipe = async (userId: string): Promise<boolean> => {
    assert.ok(next.userIds().includes(userId), 'the note stands until all is gone');
    wiped.push(userId);
    return true;
  };
  for (const locks of [fakeLocks([]), undefined]) await next.finish(wipe, locks, lockOf);
  assert.deepEqual(wiped, ['1', '22']);
  assert.deepEqual(next.userIds(), []);
});

test('[ST8] where the deletion fails, or throws, the note is left to the next start', async () => {
  const notes = new WipeNotes(fakeStorage());
  notes.add('1');
  notes.add('22');
  await notes.finish(async (userId) => {
    if (userId === '1') throw new Error('no');
    return false;
  }, fakeLocks([]), lockOf);
  assert.deepEqual(notes.userIds(), ['1', '22']);
  await notes.finish(async () => true, undefined, lockOf);
  assert.deepEqual(notes.userIds(), []);
});

test('[ST8] nothing is deleted under a person who leads in another tab, or has signed in again meanwhile', async () => {
  const notes = new WipeNotes(fakeStorage());
  notes.add('1');
  notes.add('22');
  const wiped: string[] = [];
  const wipe = async (userId: string): Promise<boolean> => wiped.push(userId) > 0;
  await notes.finish(wipe, fakeLocks(['core:1'], () => notes.drop('22')), lockOf);
  assert.deepEqual(wiped, []);
  assert.deepEqual(notes.userIds(), ['1']);
});
