/** A value to subscribe to. Listeners are called after each change, in the order they subscribed. */
import type { Live } from './types';

export class LiveValue<T> implements Live<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {
    this.get = this.get.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  get(): T {
    return this.value;
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that one function subscribed twice is two subscriptions.
    const own = (): void => listener();
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }
}
