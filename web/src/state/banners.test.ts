import { describe, expect, it } from 'vitest';

import { SIGNED_OUT } from '../testing/fake_client';
import { noticesFor } from './banners';

const kinds = (change: Partial<typeof SIGNED_OUT>): readonly string[] =>
  noticesFor({ ...SIGNED_OUT, ...change }).map((notice) => notice.kind);

describe('notices', () => {
  it('[UI8] all is well: nothing is said', () => {
    expect(kinds({})).toEqual([]);
  });

  it('[UI8] a session that ended comes first and silences the network', () => {
    expect(
      kinds({ sessionEnded: true, connection: { state: 'offline', synced: false }, failed: 2 }),
    ).toEqual(['sessionEnded', 'failed']);
  });

  it('[UI8] a core that has stopped is told before all else', () => {
    expect(kinds({ halted: true, connection: { state: 'offline', synced: false } })).toEqual([
      'halted',
    ]);
  });

  it('[UI8] storage in memory is told before the network', () => {
    expect(
      kinds({
        storage: { state: 'memory', reason: 'insecure' },
        connection: { state: 'offline', synced: false },
      }),
    ).toEqual(['memory', 'offline']);
  });

  it('[UI8] offline says whether what is written is kept', () => {
    const connection = { state: 'offline', synced: false } as const;
    expect(noticesFor({ ...SIGNED_OUT, connection })).toMatchObject([{ keeps: true }]);
    expect(noticesFor({ ...SIGNED_OUT, connection, storage: { state: 'memory' } })).toMatchObject([
      { reason: 'failed' },
      { keeps: false },
    ]);
  });
});
