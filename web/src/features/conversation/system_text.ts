// Words for the lines that tell what happened to a chat. They come as codes and ids; names are those
// of the members as they are now, and "someone" for people who have left.
import type { Participant, SystemLine } from '@godwit/core/types';

import { t } from '../../i18n';

export interface NameSource {
  readonly members: readonly Participant[];
  readonly ownId: string;
}

function nameOf(id: unknown, names: NameSource): string {
  if (id === names.ownId) return t('system.you');
  return names.members.find((member) => member.userId === id)?.displayName ?? t('system.someone');
}

function textField(line: SystemLine, field: string): string {
  const value = line[field];
  return typeof value === 'string' ? value : '';
}

function roleWord(role: string): string {
  if (role === 'owner') return t('role.owner');
  return role === 'admin' ? t('role.admin') : t('role.member');
}

export function systemText(
  line: SystemLine,
  senderId: string,
  senderName: string,
  names: NameSource,
): string {
  const actor = senderId === names.ownId ? t('system.you') : senderName || nameOf(senderId, names);
  const whom = (): string =>
    line['userId'] === names.ownId ? t('system.youWhom') : nameOf(line['userId'], names);
  switch (line.kind) {
    case 'created':
      return t('system.created', { actor });
    case 'renamed':
      return t('system.renamed', { actor });
    case 'settings':
      return t('system.settings', { actor });
    case 'member_added':
      return t('system.memberAdded', { actor, whom: whom() });
    case 'member_left':
      return t('system.memberLeft', { actor });
    case 'member_removed':
      return t('system.memberRemoved', { actor, whom: whom() });
    case 'role_changed':
      return t('system.roleChanged', {
        actor,
        whom: whom(),
        role: roleWord(textField(line, 'role')),
      });
    default:
      return t('system.other');
  }
}
