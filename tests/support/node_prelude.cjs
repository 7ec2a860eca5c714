// Stands before Emscripten 3.1.6's glue of a test program for Node.
var fetch; // Node's own reads no files; without it the glue takes `fs`
var Module = { preRun: [() => Object.assign(ENV, process.env)] }; // else getenv() finds nothing of ours
