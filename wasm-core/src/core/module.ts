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
  open(mount: MountPath, done: Done<LoadReport & { readonly term: number }>): void;
  loadParts(mount: MountPath, term: number, take: (last: boolean) => boolean, done: Done<LoadReport>): void;
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
  _core_call(kind: number, size: number, nowMs: number, wallMs: number): number;
  _core_out(): number;
  _core_out_size(): number;
  _core_deadline(): number;
  _core_load(mount: number, rest: number, nowMs: number, wallMs: number): number;
  _core_trace(): void;
}

/** A module of which the storage is there already, while its code is still being compiled. */
export interface StartingModule {
  readonly storage: StorageOverride;
  readonly ready: Promise<CoreModule>;
}

/** What the glue is given. It becomes the module itself, and has its storage when the call returns. */
export interface ModuleOptions {
  locateFile?: (name: string) => string;
  print?: (line: string) => void;
  printErr?: (line: string) => void;
  instantiateWasm?: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => object;
  onAbort?: (reason: unknown) => void;
  storage?: StorageOverride;
}

export type CreateCoreModule = (options: ModuleOptions) => Promise<CoreModule>;

/** A module whose glue has run; its code is instantiated once it is wanted. */
interface GluedModule extends StartingModule {
  want(onDiagnostic: (line: string) => void): void;
}

/**
 * Compiles once per worker, while it downloads where the browser can (and the server names the type
 * `application/wasm`), else after it; every later instance of the core reuses the compilation. What
 * needs no instance can be done ahead, while a worker waits to lead.
 */
export class ModuleLoader {
  private compiled: Promise<WebAssembly.Module> | undefined;
  private ahead: GluedModule | undefined;

  constructor(
    private readonly create: CreateCoreModule,
    private readonly wasmUrl: string,
  ) {}

  /** Downloads and compiles, or does so already. A failure is told by `start`. */
  prepareCode(): void {
    this.code().catch(() => undefined);
  }

  /** Runs the glue for the next `start`. */
  prepareGlue(): void {
    this.ahead ??= this.glue();
  }

  start(onDiagnostic: (line: string) => void): StartingModule {
    const module = this.ahead ?? this.glue();
    this.ahead = undefined;
    module.want(onDiagnostic);
    return module;
  }

  private glue(): GluedModule {
    let diagnose = (_line: string): void => undefined;
    let want = (): void => undefined;
    const wanted = new Promise<void>((resolve) => {
      want = resolve;
    });
    const options: ModuleOptions = {
      print: (line) => diagnose(line),
      printErr: (line) => diagnose(line),
      locateFile: () => this.wasmUrl,
    };
    const ready = new Promise<CoreModule>((resolve, reject) => {
      options.instantiateWasm = (imports, done) => {
        wanted
          .then(() => this.code())
          .then(async (module) => done(await WebAssembly.instantiate(module, imports), module))
          .catch(reject);
        return {};
      };
      this.create(options).then(resolve, reject);
    });
    const { storage } = options;
    if (storage === undefined) throw new Error('the module has no storage');
    return {
      storage,
      ready,
      want(onDiagnostic) {
        diagnose = onDiagnostic;
        want();
      },
    };
  }

  private code(): Promise<WebAssembly.Module> {
    if (this.compiled === undefined) {
      const compiled = this.compile();
      this.compiled = compiled;
      compiled.catch(() => {
        if (this.compiled === compiled) this.compiled = undefined; // a later download may succeed
      });
    }
    return this.compiled;
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
