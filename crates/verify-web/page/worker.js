// A thread of the checker: its own instance of the module, and the files that the reader dropped.
'use strict';
let wasm, files, read = 0, faults = 0, told = 0;
const reader = new FileReaderSync();
// To ask the browser for a few bytes takes as long as to ask for a MiB, and an archive of many members is asked for a few bytes
// very often: such reads are answered out of whole blocks, of which the last ones used are kept.
const BLOCK = 1 << 20, KEPT = 16, blocks = new Map();
function fetched(number, at, length) { return new Uint8Array(reader.readAsArrayBuffer(files[number].slice(at, at + length))); }
function block(number, at) {
  const key = `${number} ${at}`, bytes = blocks.get(key) ?? fetched(number, at, BLOCK);
  blocks.delete(key);
  blocks.set(key, bytes);
  if (blocks.size > KEPT) { blocks.delete(blocks.keys().next().value); }
  return bytes;
}
function copy(bytes, to) { new Uint8Array(wasm.memory.buffer).set(bytes, to); return bytes.length; }
const imports = { page: {
  read(number, at, to, length) {
    try {
      if (length >= BLOCK / 4) { return copy(fetched(number, at, length), to); }
      let came = 0;
      while (came < length) {
        const within = (at + came) % BLOCK, bytes = block(number, at + came - within).subarray(within, within + length - came);
        if (!bytes.length) { break; }
        came += copy(bytes, to + came);
      }
      return came;
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
// Of the files of a package the page lists a thousand and counts the rest; more would only be carried about.
function lightened(answer) {
  let left = 1000;
  for (const item of answer.manifest?.items ?? []) {
    item.count = item.files.length;
    item.files = item.files.slice(0, left);
    left -= item.files.length;
  }
  return answer;
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
    const answer = lightened(ask(data.question));
    tell(performance.now());
    postMessage({ answer });
  } catch (error) {
    postMessage({ failed: String(error && error.message || error) });
  }
};
