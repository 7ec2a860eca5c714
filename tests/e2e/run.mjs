// Real browsers against a real server and the built app.
//   node tests/e2e/run.mjs [--kills N] [WORD…]      ends with `N passed, N failed`
// --kills: how often a browser is killed with messages queued (5 unless told).
import { close } from '../support/checks.mjs';
import { app_deaths } from './deaths.mjs';
import { devices } from './devices.mjs';
import { everyday } from './everyday.mjs';
import { report } from './report.mjs';
import { Stage } from './stage.mjs';
import { tabs } from './tabs.mjs';
import { two_browsers } from './two_browsers.mjs';

const kills_at = process.argv.indexOf('--kills');
const kills = kills_at > 0 ? Number(process.argv.splice(kills_at, 2)[1]) : 5;

const stage = await Stage.open();
await two_browsers(stage, { kills });
await devices(stage);
await everyday(stage);
await app_deaths(stage);
await report(stage);
await tabs(stage);
await stage.close();
close();
