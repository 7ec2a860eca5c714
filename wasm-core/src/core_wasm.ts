/**
 * Where the WebAssembly comes from: `@godwit/core-wasm` is the folder that CMake's preset `wasm` builds
 * (build/wasm/wasm-core), an alias of whoever bundles this package. `?url` asks the bundler for the
 * address of the file, hashed by its content.
 */
/// <reference path="./wasm_modules.d.ts" />
import create from '@godwit/core-wasm/godwit_core.mjs';
import url from '@godwit/core-wasm/godwit_core.wasm?url';
import type { CreateCoreModule } from './core/module';

export const createCore: CreateCoreModule = create;
export const wasmUrl: string = url;
