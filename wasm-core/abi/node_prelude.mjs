// Stands before Emscripten 3.1.6's glue for Node, which as an ES module still asks for CommonJS names.
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = require('node:url').fileURLToPath(import.meta.url);
const __dirname = require('node:path').dirname(__filename);
const fetch = undefined; // Node's own reads no files; without it the glue takes `fs`
