declare module '@godwit/core-wasm/godwit_core.mjs' {
  const create: import('./core/module').CreateCoreModule;
  export default create;
}

declare module '@godwit/core-wasm/godwit_core.wasm?url' {
  const url: string;
  export default url;
}
