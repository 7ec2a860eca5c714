import { expect, it } from 'vitest';

import { ME, PEOPLE, asMember } from '../../testing/fake_people';
import { systemText } from './system_text';

const names = { ownId: ME.userId, members: [asMember(ME), ...PEOPLE.map(asMember)] };

const say = (line: { kind: string; [field: string]: unknown }, by = '7307'): string =>
  systemText(line, by, by === ME.userId ? 'Tamar Beridze' : 'Oskar', names);

it('[UI16] every kind of system line has its words', () => {
  expect(say({ kind: 'created' })).toBe('Oskar started this chat');
  expect(say({ kind: 'created' }, ME.userId)).toBe('You started this chat');
  expect(say({ kind: 'renamed' })).toBe('Oskar renamed the chat');
  expect(say({ kind: 'settings' })).toBe('Oskar changed the settings of this chat');
  expect(say({ kind: 'member_added', userId: '7308', role: 'member' })).toBe(
    'Oskar added Mara Voss',
  );
  expect(say({ kind: 'member_removed', userId: ME.userId })).toBe('Oskar removed you');
  expect(say({ kind: 'member_left', userId: '7307' })).toBe('Oskar left');
  expect(say({ kind: 'role_changed', userId: '7308', role: 'admin' })).toBe(
    'Oskar made Mara Voss an admin',
  );
});

it('[UI16] an unknown kind and hostile fields still give a sentence', () => {
  expect(say({ kind: 'teleported' })).toBe('Something changed in this chat');
  expect(say({ kind: 'member_added', userId: { x: 1 } })).toBe('Oskar added Someone');
  expect(say({ kind: 'role_changed', userId: 7, role: [] })).toBe('Oskar made Someone a member');
});
