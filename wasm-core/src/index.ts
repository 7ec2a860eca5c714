/** Godwit's headless client: see README.md for an example, types.ts for the contract. */
export { createClient, CORE_VERSION, type ClientOptions } from './client';
export { isGodwitError } from './rest';
export type * from './types';
