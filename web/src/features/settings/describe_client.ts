// A session's client in a few words: of a browser's User-Agent only its name and its system. What is no
// browser's is shown as it came, shortened by the style sheet.
const BROWSERS: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Edge', /Edg(?:e|A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Samsung Internet', /SamsungBrowser\//],
  ['Firefox', /Firefox\/|FxiOS\//],
  ['Chrome', /Chrome\/|CriOS\//],
  ['Safari', /Safari\//],
];

const SYSTEMS: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X|Macintosh/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
];

const find = (list: typeof BROWSERS, text: string): string | undefined =>
  list.find(([, sign]) => sign.test(text))?.[0];

export interface ClientWords {
  readonly browser: string;
  readonly system?: string | undefined;
}

export function describeClient(userAgent: string): ClientWords {
  if (!userAgent.startsWith('Mozilla/')) return { browser: userAgent };
  const browser = find(BROWSERS, userAgent);
  return browser === undefined
    ? { browser: userAgent }
    : { browser, system: find(SYSTEMS, userAgent) };
}
