// All processes of a program that we started and that leads a group of its own, as Playwright starts
// browsers: what is left of a browser whose first process is gone still writes, and holds the profile
// and its databases against the next one.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const kLookAgainMs = 5; // the system tells only a parent when a process has gone: everybody else looks

/** SIGKILL to every process of the group that `leader` leads. Resolves once none of them lives. */
export async function kill_group(leader) {
  for (let left = living(leader); left.length > 0; left = living(leader)) {
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone by itself
      }
    }
    await delay(kLookAgainMs);
  }
}

/** The processes of the group that are not dead; a zombie is only an entry. */
function living(group) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const [state, , of] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return Number(of) === group && state !== 'Z';
    } catch {
      return false; // gone while we looked
    }
  });
}
