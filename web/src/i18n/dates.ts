// Times as people read them. Every function is pure in (time, now), so that a day that begins while
// the page is open shows as soon as `now` is asked again.
import { locale, t } from './index';

const timeFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const weekdayFormat = new Intl.DateTimeFormat(locale, { weekday: 'long' });
const weekdayShortFormat = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const dayFormat = new Intl.DateTimeFormat(locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const dayYearFormat = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const shortDayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const shortDayYearFormat = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'numeric',
  year: '2-digit',
});
const fullFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
const relativeFormat = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

const DAY_MS = 86_400_000;

/** A number that is the same for two times of one local calendar day, and grows with the days. */
export function dayNumber(time: number): number {
  const date = new Date(time);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

export function timeOfDay(time: number): string {
  return timeFormat.format(time);
}

export function fullTime(time: number): string {
  return fullFormat.format(time);
}

export function isoTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

/** The heading over a day of messages; `today` is a dayNumber. */
export function dayHeading(time: number, today: number): string {
  const age = today - dayNumber(time);
  if (age === 0) return t('day.today');
  if (age === 1) return t('day.yesterday');
  if (age > 1 && age < 7) return weekdayFormat.format(time);
  const sameYear = new Date(time).getFullYear() === new Date(today * DAY_MS).getUTCFullYear();
  return (sameYear ? dayFormat : dayYearFormat).format(time);
}

/** The few characters at the end of a row in the list of chats. */
export function listTime(time: number, now: number): string {
  const age = dayNumber(now) - dayNumber(time);
  if (age <= 0) return timeFormat.format(time);
  if (age === 1) return t('day.yesterday');
  if (age < 7) return weekdayShortFormat.format(time);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? shortDayFormat : shortDayYearFormat).format(time);
}

/** "3 minutes ago", "yesterday": for last seen and sessions. */
export function ago(time: number, now: number): string {
  const minutes = Math.round((time - now) / 60_000);
  if (minutes > -1) return relativeFormat.format(0, 'minute');
  if (minutes > -60) return relativeFormat.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (hours > -24) return relativeFormat.format(hours, 'hour');
  const days = dayNumber(time) - dayNumber(now);
  return days > -30 ? relativeFormat.format(days, 'day') : dayYearFormat.format(time);
}
