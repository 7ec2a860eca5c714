/**
 * The WebAssembly module as the worker sees it: the C ABI of ABI.md, the heap, and the storage
 * override (storage/idbfs_safe.js). Nothing else of Emscripten is used.
 */

/** The mounts by their number in the ABI. */
export const MOUNTS = ['/q', '/h', '/c'] as const;
export type MountPath = (typeof MOUNTS)[number];

type Done<T> = (error: Error | null, value?: T) => void;

export interface LoadReport {
  readonly files: number;
  readonly unreadable: readonly string[];
}

export interface StorageOverride {
  attach(mount: MountPath, database: string, durability: 'strict' | 'relaxed'): void;
  takeTerm(mount: MountPath, done: Done<number>): void;
  load(mount: MountPath, done: Done<LoadReport>): void;
  persistBatch(
    mount: MountPath,
    puts: readonly string[],
    deletes: readonly string[],
    term: number | null,
    done: Done<void>,
  ): void;
  checkFence(mount: MountPath, term: number, done: Done<void>): void;
  close(mount: MountPath): void;
  /** Called when the browser itself has closed the connection of a mount. */
  onClosed: ((mount: MountPath) => void) | null;
}

export interface CoreModule {
  /** Replaced when the memory grows: read it anew after every call. */
  readonly HEAPU8: Uint8Array;
  readonly storage: StorageOverride;
  _core_init(seedLow: number, seedHigh: number, wallMs: number): void;
  _core_in(size: number): number;
  _core_call(kind: number, nowMs: number, wallMs: number): number;
  _core_out(): number;
  _core_out_size(): number;
  _core_deadline(): number;
  _core_load(mount: number, nowMs: number, wallMs: number): number;
  _core_trace(): void;
}

export interface ModuleOptions {
  locateFile?: (name: string) => string;
  print?: (line: string) => void;
  printErr?: (line: string) => void;
  instantiateWasm?: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => object;
  onAbort?: (reason: unknown) => void;
}

export type CreateCoreModule = (options: ModuleOptions) => Promise<CoreModule>;

/**
 * Compiles once per worker, while it downloads where the browser can (and the server names the type
 * `application/wasm`), else after it; every later instance of the core reuses the compilation.
 */
export class ModuleLoader {
  private compiled: Promise<WebAssembly.Module> | undefined;

  constructor(
    private readonly create: CreateCoreModule,
    private readonly wasmUrl: string,
  ) {}

  async load(onDiagnostic: (line: string) => void): Promise<CoreModule> {
    this.compiled ??= this.compile();
    let compiled: WebAssembly.Module;
    try {
      compiled = await this.compiled;
    } catch (error) {
      this.compiled = undefined; // a failed download may succeed the next time
      throw error;
    }
    return new Promise((resolve, reject) => {
      this.create({
        print: onDiagnostic,
        printErr: onDiagnostic,
        locateFile: () => this.wasmUrl,
        instantiateWasm: (imports, done) => {
          WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled), reject);
          return {};
        },
      }).then(resolve, reject);
    });
  }

  private async compile(): Promise<WebAssembly.Module> {
    const response = await fetch(this.wasmUrl, { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`the core cannot be fetched: ${response.status}`);
    const type = response.headers.get('content-type') ?? '';
    if (typeof WebAssembly.compileStreaming === 'function' && type.startsWith('application/wasm')) {
      return WebAssembly.compileStreaming(response);
    }
    return WebAssembly.compile(await response.arrayBuffer());
  }
}
