// Conformance and hostile input against the real server over real sockets, then its deaths.
//   node tests/integration/run.mjs [WORD…]     only checks whose title has one of the words
// GODWIT_SERVER names the binary; GODWIT_SEED repeats a run of the kills. Ends with
// `N passed, N failed`.
import { close } from '../support/checks.mjs';

const kSuites = [
  './wire/handshake.mjs',
  './wire/operations.mjs',
  './wire/idempotency.mjs',
  './wire/private_and_live.mjs',
  './wire/sync.mjs',
  './wire/history.mjs',
  './wire/accounts.mjs',
  './wire/chats.mjs',
  './wire/bad_frames.mjs',
  './wire/bad_http.mjs',
  './wire/bad_start.mjs',
  './kill_server/kills.mjs',
];

for (const suite of kSuites) {
  console.log(`# ${suite}`);
  await import(suite);
}
close();
