/**
 * View patches of the core (ABI.md, effect `view`) applied to plain immutable values. An item that a
 * patch leaves alone keeps its identity, and so does one that comes again unchanged: after a change
 * of leader the whole view comes anew, and what has not changed must not be drawn again.
 */

export interface Patch {
  readonly reset?: boolean;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly splice?: readonly [at: number, removed: number, inserted: readonly unknown[]];
}

export interface ViewState<Item> {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly items: readonly Item[];
}

export const EMPTY_VIEW: ViewState<never> = { fields: {}, items: [] };

/**
 * The state after `patch`. `keyOf` names an item for ever. Throws a RangeError on a splice outside
 * the list: a patch was lost, and the view has to be opened anew.
 */
export function applyPatch<Item>(
  state: ViewState<Item>,
  patch: Patch,
  keyOf: (item: Item) => string,
): ViewState<Item> {
  const base = patch.reset ? { fields: {}, items: [] } : state;
  const fields = patch.fields === undefined ? base.fields : mergeFields(base.fields, patch.fields);
  if (patch.splice === undefined && !patch.reset) {
    return fields === state.fields ? state : { fields, items: state.items };
  }
  const [at, removed, inserted] = patch.splice ?? [0, 0, []];
  if (at + removed > base.items.length) throw new RangeError('a splice outside the list');
  const replaced = patch.reset ? state.items : base.items.slice(at, at + removed);
  const items = [
    ...base.items.slice(0, at),
    ...keepIdentities(replaced, inserted as readonly Item[], keyOf),
    ...base.items.slice(at + removed),
  ];
  return { fields: patch.reset ? shareFields(state.fields, fields) : fields, items };
}

/** `null` takes a field away. */
function mergeFields(
  before: Readonly<Record<string, unknown>>,
  changed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
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

function shareFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const shared: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    shared[name] = JSON.stringify(old) === JSON.stringify(value) ? old : value;
  }
  return shared;
}
