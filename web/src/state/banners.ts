// Which notices the app's state calls for, most important first. Pure.
import type { AppState, DamagedItem, Storage } from '@godwit/core/types';

export type Notice =
  | { readonly kind: 'halted' }
  | { readonly kind: 'sessionEnded' }
  | { readonly kind: 'memory'; readonly reason: NonNullable<Storage['reason']> }
  | { readonly kind: 'offline'; readonly keeps: boolean; readonly retryAt: number | undefined }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'polling' }
  | { readonly kind: 'failed'; readonly count: number }
  | { readonly kind: 'damaged'; readonly items: readonly DamagedItem[] }
  | { readonly kind: 'update' };

export function noticesFor(app: AppState): readonly Notice[] {
  const notices: Notice[] = [];
  if (app.halted === true) notices.push({ kind: 'halted' });
  if (app.sessionEnded) notices.push({ kind: 'sessionEnded' });
  if (app.storage.state === 'memory') {
    notices.push({ kind: 'memory', reason: app.storage.reason ?? 'failed' });
  }
  const { state, retryAt } = app.connection;
  if (!app.sessionEnded && app.halted !== true) {
    if (state === 'offline') {
      notices.push({ kind: 'offline', keeps: app.storage.state === 'durable', retryAt });
    } else if (state === 'connecting') notices.push({ kind: 'connecting' });
    else if (state === 'polling') notices.push({ kind: 'polling' });
  }
  if (app.damaged.length > 0) notices.push({ kind: 'damaged', items: app.damaged });
  if (app.failed > 0) notices.push({ kind: 'failed', count: app.failed });
  if (app.updateWaiting) notices.push({ kind: 'update' });
  return notices;
}
