// A channel's log as messages: who wrote each line, and the line whole. Lines of `===` (people who
// come, go and rename themselves) are no messages.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { kRoot } from '../support/server.mjs';

const kLine = /^\[\d\d:\d\d\](?: <([^>]+)>|\s+\* (\S+))/;
const kShared = join(kRoot, '..', 'shared', 'data', 'irc');
const kSample = join(kRoot, 'tests', 'data', 'irc', '2008-12-11.sample.txt');
// Two of them with names that differ only in case, one with a control character, the two largest.
const kFour = ['2004-12-25.train-c', '2008-12-11_11', '2011-05-29_19', '2016-12-19_20'];

/** [{nick, text}] in the order of the file, byte for byte. */
export function read_log(path) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('==='));
  return lines.map((line) => {
    const found = kLine.exec(line);
    if (!found) throw new Error(`${path}: neither a message nor ===: ${JSON.stringify(line)}`);
    return { nick: found[1] ?? found[2], text: line };
  });
}

/** The logs to replay: all there are, or four; the sample that the tests bring where there are none. */
export function logs_to_replay({ all }) {
  if (!existsSync(kShared)) return [kSample];
  if (!all) return kFour.map((name) => join(kShared, `${name}.raw.txt`));
  const names = readdirSync(kShared).filter((name) => name.endsWith('.raw.txt'));
  return [...names.sort().map((name) => join(kShared, name)), kSample];
}
