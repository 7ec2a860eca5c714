// Invented people, with names in many scripts.
import type { Participant, Person } from '@godwit/core/types';

export const ME: Person = { userId: '7301', username: 'tamar', displayName: 'Tamar Beridze' };

export const PEOPLE: readonly Person[] = [
  { userId: '7302', username: 'nino', displayName: 'ნინო ჯავახიშვილი' },
  { userId: '7303', username: 'layla', displayName: 'ليلى حداد' },
  { userId: '7304', username: 'noam', displayName: 'נועם לוי' },
  { userId: '7305', username: 'haruka', displayName: '佐藤 はるか' },
  { userId: '7306', username: 'arjun', displayName: 'अर्जुन मेहता' },
  { userId: '7307', username: 'oskar', displayName: 'Oskar Lindqvist' },
  { userId: '7308', username: 'mara', displayName: 'Mara Voss' },
  { userId: '7309', username: 'olena', displayName: 'Олена Ткаченко' },
  { userId: '7310', username: 'wei', displayName: '陈伟' },
  { userId: '7311', username: 'ana', displayName: 'Ana Sofía Reyes' },
];

export function person(userId: string): Person {
  return PEOPLE.find((one) => one.userId === userId) ?? ME;
}

export const asMember = (one: Person): Participant => ({ ...one, role: 'member' });
