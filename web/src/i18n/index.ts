// The one door to words and formats. `t` is typed by the keys and by the values that each sentence
// names; plurals go through Intl.PluralRules, dates and numbers through Intl. The language is chosen
// once, at load, among those that exist.
import { en } from './messages.en';

type Plural = { readonly one: string; readonly other: string };
type Sentence = string | Plural;

export type MessageKey = keyof typeof en;
export type Dictionary = { readonly [K in MessageKey]: Sentence };

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type NamesOf<E> = E extends string
  ? Names<E>
  : E extends Plural
    ? Names<E['other']> | 'count'
    : never;
type Values<K extends MessageKey> = {
  readonly [N in NamesOf<(typeof en)[K]>]: N extends 'count' ? number : string;
};
type Arguments<K extends MessageKey> = [NamesOf<(typeof en)[K]>] extends [never]
  ? []
  : [values: Values<K>];

const dictionaries: Readonly<Record<string, Dictionary>> = { en };

/** The first of the person's languages that Godwit speaks, with its region; English otherwise. */
export function chooseLocale(wanted: readonly string[]): string {
  return wanted.find((tag) => (tag.split('-')[0] ?? '') in dictionaries) ?? 'en';
}

export const locale = chooseLocale(typeof navigator === 'undefined' ? [] : navigator.languages);
const dictionary: Dictionary = dictionaries[locale.split('-')[0] ?? 'en'] ?? en;
const pluralRules = new Intl.PluralRules(locale);
const numberFormat = new Intl.NumberFormat(locale);

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numberFormat.format(value) : value;
  });
}

export function t<K extends MessageKey>(key: K, ...[values]: Arguments<K>): string {
  const entry = dictionary[key];
  const filled: Readonly<Record<string, string | number>> = values ?? {};
  if (typeof entry === 'string') return fill(entry, filled);
  const category = pluralRules.select(Number(filled['count'] ?? 0));
  const template = category === 'one' ? entry.one : entry.other;
  return fill(template, filled);
}

export function formatNumber(value: number): string {
  return numberFormat.format(value);
}
