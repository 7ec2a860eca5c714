/**
 * View patches of the core (ABI.md, effect `view`) applied to plain immutable values. An item that a
 * patch leaves alone keeps its identity, and so does one that comes again unchanged: after a change
 * of leader the whole view comes anew, and what has not changed must not be drawn again.
 */

type Fields = Readonly<Record<string, unknown>>;

/** An item's way from one place to another, -1 being nowhere, and the fields that it changes. */
export type Move = readonly [from: number, to: number, changed?: Fields];

export interface Patch {
  readonly reset?: boolean;
  readonly fields?: Fields;
  readonly splice?: readonly [at: number, removed: number, inserted: readonly unknown[]];
  readonly moves?: readonly Move[];
}

export interface ViewState<Item> {
  readonly fields: Fields;
  readonly items: readonly Item[];
}

export const EMPTY_VIEW: ViewState<never> = { fields: {}, items: [] };

/**
 * The state after `patch`. `keyOf` names an item for ever. Throws a RangeError on a splice or a move
 * outside the list: a patch was lost, and the view has to be opened anew.
 */
export function applyPatch<Item>(
  state: ViewState<Item>,
  patch: Patch,
  keyOf: (item: Item) => string,
): ViewState<Item> {
  const base = patch.reset ? { fields: {}, items: [] } : state;
  const fields = patch.fields === undefined ? base.fields : mergeFields(base.fields, patch.fields);
  if (patch.splice === undefined && patch.moves === undefined && !patch.reset) {
    return fields === state.fields ? state : { fields, items: state.items };
  }
  const spliced = patch.splice === undefined ? base.items : applySplice(base.items, patch.splice, keyOf);
  const items = patch.moves === undefined ? spliced : applyMoves(spliced, patch.moves);
  if (!patch.reset) return { fields, items };
  return { fields: shareFields(state.fields, fields), items: keepIdentities(state.items, items, keyOf) };
}

function applySplice<Item>(
  items: readonly Item[],
  [at, removed, inserted]: NonNullable<Patch['splice']>,
  keyOf: (item: Item) => string,
): readonly Item[] {
  if (at + removed > items.length) throw new RangeError('a splice outside the list');
  const replaced = items.slice(at, at + removed);
  return [
    ...items.slice(0, at),
    ...keepIdentities(replaced, inserted as readonly Item[], keyOf),
    ...items.slice(at + removed),
  ];
}

function applyMoves<Item>(before: readonly Item[], moves: readonly Move[]): readonly Item[] {
  const items = [...before];
  for (const [from, to, changed = {}] of moves) {
    const left = from < 0 ? items.length : items.length - 1;
    if (from > left || to > left) throw new RangeError('a move outside the list');
    const old = from < 0 ? {} : (items.splice(from, 1)[0] as Fields);
    if (to >= 0) items.splice(to, 0, mergeFields(old, changed) as Item);
  }
  return items;
}

/** `null` takes a field away. */
function mergeFields(before: Fields, changed: Fields): Fields {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function keepIdentities<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] {
  if (before.length === 0 || after.length === 0) return after;
  const known = new Map(before.map((item) => [keyOf(item), item]));
  return after.map((item) => {
    const old = known.get(keyOf(item));
    return old !== undefined && JSON.stringify(old) === JSON.stringify(item) ? old : item;
  });
}

function shareFields(before: Fields, after: Fields): Fields {
  const shared: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    shared[name] = JSON.stringify(old) === JSON.stringify(value) ? old : value;
  }
  return shared;
}
