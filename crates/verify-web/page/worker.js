// A thread of the checker: its own instance of the module, and the files that the reader dropped.
'use strict';
let wasm, files, read = 0, faults = 0, told = 0;
const reader = new FileReaderSync();
const imports = { page: {
  read(number, at, to, length) {
    try {
      const bytes = new Uint8Array(reader.readAsArrayBuffer(files[number].slice(at, at + length)));
      new Uint8Array(wasm.memory.buffer).set(bytes, to);
      return bytes.length;
    } catch {
      return 0;
    }
  },
  progress(bytes, met) {
    read += bytes; faults = met;
    const now = performance.now();
    if (now - told > 100) { tell(now); }
  },
} };
function tell(now) { postMessage({ progress: read, faults }); read = 0; told = now; }
function put(text) {
  const bytes = new TextEncoder().encode(text);
  const at = wasm.exhibit_buffer(bytes.length); // first: it may make the memory grow, and then its buffer is another one
  new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes);
}
function ask(question) {
  put(JSON.stringify(question));
  const length = wasm.exhibit_answer();
  return JSON.parse(new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, wasm.exhibit_at(), length)));
}
onmessage = async ({ data }) => {
  try {
    if (data.module) {
      files = data.files.map((file) => file.file);
      wasm = (await WebAssembly.instantiate(data.module, imports)).exports;
      put(JSON.stringify(data.files.map(({ name, file }) => ({ name, size: file.size }))));
      wasm.exhibit_files();
      postMessage({ ready: true });
      return;
    }
    const answer = ask(data.question);
    tell(performance.now());
    postMessage({ answer });
  } catch (error) {
    postMessage({ failed: String(error && error.message || error) });
  }
};
