// Runs a vector in this browser: `window.run_vector(text)` gives {outcome, report}.
import create from './godwit_conformance_page.mjs';

const module = await create();

window.run_vector = (text) => {
  const bytes = new TextEncoder().encode(text);
  module.HEAPU8.set(bytes, module._vector_in(bytes.length));
  const outcome = module._vector_run();
  const at = module._vector_out();
  return { outcome, report: new TextDecoder().decode(module.HEAPU8.slice(at, at + module._vector_out_size())) };
};
window.ready = true;
