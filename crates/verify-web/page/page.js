// What the reader sees. Every decision is made by the checker in the workers; here its answers are only shown.
'use strict';
const WORDS = JSON.parse(document.getElementById('words').textContent);
const find = (id) => document.getElementById(id);
let language = 'en', shown = null, crew = [], started = 0;

// --- words

function word(key, values) {
  const text = WORDS[language].words[key] ?? WORDS.en.words[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : text;
}
function speak(tag) {
  language = find('language').value = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = WORDS[tag].direction;
  document.title = word('title');
  for (const element of document.querySelectorAll('[data-word]')) { element.textContent = word(element.dataset.word); }
  if (shown) { render(shown); }
}
function wanted() {
  for (const tag of navigator.languages ?? [navigator.language]) {
    const short = tag.toLowerCase().split('-')[0];
    if (WORDS[short]) { return short; }
  }
  return 'en';
}
const number = (value) => new Intl.NumberFormat(language, { numberingSystem: 'latn' }).format(value);
// A number with its unit, in this order also where lines run from right to left.
const latin = (text) => `\u2066${text}\u2069`;
function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let step = 0, value = bytes;
  while (value >= 1024 && step < 4) { value /= 1024; step += 1; }
  const short = new Intl.NumberFormat(language, { numberingSystem: 'latn', maximumFractionDigits: step ? 1 : 0 }).format(value);
  return step ? word('size', { short: latin(`${short} ${units[step]}`), exact: number(bytes) }) : word('bytes', { exact: number(bytes) });
}
function duration(seconds) {
  if (!isFinite(seconds)) { return '…'; }
  const whole = Math.max(0, Math.round(seconds)), minutes = Math.floor(whole / 60);
  return minutes ? word('minutes', { minutes: number(minutes), seconds: number(whole % 60) }) : word('seconds', { seconds: number(whole) });
}
// What comes from evidence: characters that deceive the eye are shown as their numbers.
function exact(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => '\\u{' + c.codePointAt(0).toString(16) + '}');
}

// --- elements

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) { if (value !== undefined) { element.setAttribute(key, value); } }
  for (const child of children.flat(Infinity)) { if (child !== null && child !== undefined) { element.append(child); } }
  return element;
}
const foreign = (text, tag = 'bdi') => make(tag, { class: 'exact', dir: 'auto', translate: 'no' }, exact(text));
const code = (text) => make('code', { dir: 'ltr', translate: 'no' }, exact(text));
function rows(pairs) {
  const kept = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return make('div', { class: 'scroll' }, make('table', {}, make('tbody', {},
    kept.map(([name, value]) => make('tr', {}, make('th', { scope: 'row' }, word(name)), make('td', {}, value))))));
}

// --- the work

async function module() {
  const text = atob(find('module').textContent), packed = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) { packed[at] = text.charCodeAt(at); } // Uint8Array.from takes ten times as long
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}
function hire(compiled, files) {
  const address = URL.createObjectURL(new Blob([find('worker').textContent], { type: 'text/javascript' }));
  const worker = new Worker(address);
  const hand = { worker, settle: null };
  worker.onmessage = ({ data }) => {
    if (data.progress !== undefined) { return advance(data.progress); }
    const settle = hand.settle;
    hand.settle = null;
    if (!settle) { return; }
    data.failed ? settle.reject(new Error(data.failed)) : settle.resolve(data.answer);
  };
  worker.onerror = (event) => hand.settle?.reject(new Error(event.message || 'worker'));
  crew.push(worker);
  hand.ask = (message) => new Promise((resolve, reject) => { hand.settle = { resolve, reject }; worker.postMessage(message); });
  return hand.ask({ module: compiled, files }).then(() => hand);
}
function dismiss() { crew.forEach((worker) => worker.terminate()); crew = []; }

let total = 0, done = 0;
function advance(bytes) {
  done += bytes;
  const seconds = (performance.now() - started) / 1000, rate = done / Math.max(seconds, .001);
  find('bar').value = total ? Math.min(1, done / total) : 0;
  find('work-numbers').textContent = word('progress', {
    done: size(done), total: size(total), rate: size(rate), left: duration((total - done) / rate) });
}
async function check(files) {
  dismiss();
  shown = null;
  const run = started = performance.now();
  total = files.reduce((sum, { file }) => sum + file.size, 0); done = 0;
  show('work');
  find('work-name').replaceChildren(foreign(files.length === 1 ? files[0].name : files[0].name.split('/')[0]));
  advance(0);
  try {
    const compiled = await module();
    const first = await hire(compiled, files);
    const { pieces, error, code } = await first.ask({ question: { ask: 'pieces' } });
    if (error) { throw new Error(code === 'encrypted' ? word('trouble-encrypted') : error); }
    total += pieces.reduce((sum, piece) => sum + piece.size, 0) ;
    const queue = [...pieces], finished = [];
    const others = Math.min(Math.max(1, navigator.hardwareConcurrency || 2), 16, pieces.length);
    const hands = [first, ...await Promise.all(Array.from({ length: Math.max(0, others - 1) }, () => hire(compiled, files)))];
    await Promise.all(hands.map(async (hand) => {
      for (let piece = queue.shift(); piece; piece = queue.shift()) {
        const answer = await hand.ask({ question: { ask: 'work', piece } });
        if (answer.error) { throw new Error(answer.error); }
        finished.push(answer);
      }
    }));
    const keys = await trusted();
    const [certificates, stamp_certificates] = [await chosen('authority-file'), await chosen('stamp-file')];
    const question = { ask: 'verdict', done: finished, keys, certificates, stamp_certificates, now: Math.floor(Date.now() / 1000) };
    const answer = await first.ask({ question });
    if (answer.error) { throw new Error(answer.error); }
    if (run !== started) { return; }
    shown = { ...answer, seconds: (performance.now() - run) / 1000, name: files.length === 1 ? files[0].name : files[0].name.split('/')[0] };
    render(shown);
    show('result');
    document.querySelector('#result h2').focus();
  } catch (error) {
    if (run !== started) { return; }
    find('trouble-words').textContent = exact(error.message);
    show('trouble');
  } finally {
    if (run === started) { dismiss(); }
  }
}
async function trusted() {
  const chosen = await Promise.all([...find('key-file').files].map((file) => file.text()));
  return [find('key').value, ...chosen].filter((text) => text.trim());
}
async function chosen(id) {
  const bytes = await Promise.all([...find(id).files].map((file) => file.arrayBuffer()));
  return bytes.map((buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')));
}
function show(id) {
  for (const other of ['start', 'work', 'trouble', 'result']) { find(other).hidden = other !== id; }
  find('status').textContent = word({ work: 'working', trouble: 'trouble', result: shown ? `verdict-${shown.verdict.outcome}` : 'start', start: 'start' }[id]);
}

// --- what came out

const SIGNS = { holds: '✔', 'does-not-match': '✘', incomplete: '?', passed: '✔', failed: '✘', 'not-checked': '?' };

function render(answer) {
  const { verdict } = answer;
  find('result').replaceChildren(
    banner(answer),
    answer.disclosure ? part('disclosure', ...disclosure(answer)) : '',
    part('means', meaning(answer)),
    part('not-checked', list(verdict.checks.filter((check) => check.result !== 'passed').map(judged), 'nothing-left-out'), left(verdict)),
    part('checked', list(verdict.checks.filter((check) => check.result === 'passed').map(judged), 'nothing-checked')),
    part('case', caseOf(answer)),
    part('holders', ...holders(answer)),
    part('authority', ...authority(answer)),
    part('unread', ...unread(answer)),
    part('withheld', ...withheld(answer)),
    expert(answer),
    make('p', { class: 'no-print' }, button('again', again), ' ', button('print', () => print())));
}
function part(key, ...content) {
  const id = `part-${key}`;
  return make('section', { 'aria-labelledby': id }, make('h2', { id }, word(`part-${key}`)), content);
}
function button(key, action) {
  const made = make('button', { type: 'button' }, word(key));
  made.addEventListener('click', action);
  return made;
}
function banner({ verdict, disclosure, name, seconds }) {
  const heading = make('h2', { tabindex: '-1' }, make('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[verdict.outcome]), word(`verdict-${verdict.outcome}`));
  const counts = { passed: 0, failed: 0, 'not-checked': 0 };
  verdict.checks.forEach((check) => { counts[check.result] += 1; });
  return make('section', { class: `verdict ${verdict.outcome}` }, heading,
    disclosure ? make('p', {}, word('verdict-part', { shown: number(disclosure.files + disclosure.media), withheld: number(disclosure.withheld_count) })) : null,
    make('p', {}, word('counts', { passed: number(counts.passed), failed: number(counts.failed), open: number(counts['not-checked']) })),
    make('p', {}, foreign(name), ' · ', word('took', { time: duration(seconds) })));
}
function meaning({ verdict: { outcome }, disclosure }) {
  const means = disclosure && outcome === 'holds' ? 'means-holds-part' : `means-${outcome}`;
  const nots = [disclosure ? 'not-part' : null, 'not-1', 'not-2', 'not-3', 'not-4'].filter(Boolean);
  return [make('p', {}, word(means)), make('h3', {}, word('does-not-mean')), make('ul', {}, nots.map((key) => make('li', {}, word(key))))];
}
// What a part of a package shows and withholds, and whether that is proven: what the checks of it came to, and nothing else.
function disclosure({ verdict, disclosure: it, manifest }) {
  const results = verdict.checks.filter(({ id }) => ['disclosure', 'disclosure-signature', 'disclosure-ranges', 'log-part'].includes(id)).map(({ result }) => result);
  const state = results.includes('failed') ? 'wrong' : results.includes('not-checked') || !results.length ? 'open' : 'proven';
  const shown = it.files + it.media;
  const names = (manifest?.items ?? []).flatMap((item) => item.files.filter((file) => file.role !== 'medium-range').map((file) => [foreign(item.id), foreign(nameOf(file)), size(file.size)]));
  const ranges = it.ranges.map((range) => [foreign(range.item ?? '?'), code(number(range.offset)), size(range.length)]);
  const kinds = it.kinds.map((kind) => [foreign(kind.item), sizeClass(kind.size_class), number(kind.count), foreign(it.grounds[kind.ground]?.reason ?? '?'), foreign(it.grounds[kind.ground]?.authority ?? '?')]);
  const mark = { proven: 'passed', wrong: 'failed', open: 'not-checked' }[state];
  return [
    make('p', {}, word('disclosure-is', { entries: number(shown + it.withheld_count), shown: number(shown), withheld: number(it.withheld_count) })),
    make('p', { class: mark }, make('span', { class: 'mark', 'aria-hidden': 'true' }, `${SIGNS[mark]} `), make('strong', {}, word(`disclosure-${state}`)), ' ', state === 'proven' ? word('disclosure-key') : null),
    make('p', {}, word('disclosure-unjudged')),
    make('h3', {}, word('disclosure-shown')),
    rows([['shown-files', number(it.files)], ['shown-media', it.media ? number(it.media) : null],
      ['shown-ranges', it.range_count ? word('ranges-size', { count: number(it.range_count), size: size(it.range_bytes) }) : null]]),
    it.log ? make('p', {}, word('disclosure-log', { shown: number(it.log.shown), withheld: number(it.log.withheld) })) : null,
    folded(word('shown-list', { count: number(it.files) }), ['withheld-item', 'file-name', 'gap-length'], names, it.files),
    folded(word('range-list', { count: number(it.range_count) }), ['withheld-item', 'gap-offset', 'gap-length'], ranges, it.range_count),
    make('h3', {}, word('disclosure-withheld')),
    kinds.length ? grid(['withheld-item', 'withheld-class', 'withheld-count', 'withheld-reason', 'withheld-authority'], kinds) : make('p', {}, word('nothing-withheld'))];
}
function nameOf(file) {
  const name = file.original_name;
  return typeof name === 'string' ? name : name?.text ?? file.path;
}
function sizeClass(name) {
  if (name === 'empty') { return word('class-empty'); }
  if (name === 'larger') { return word('class-larger', { size: latin('4 GiB') }); }
  return word('class-up-to', { size: latin(exact(name).replace(/(\d)([A-Z])/, '$1 $2')) });
}
// A table with a heading for each column; rows beyond the first thousand are counted.
function grid(heads, lines, total = lines.length) {
  const head = make('thead', {}, make('tr', {}, heads.map((key) => make('th', { scope: 'col' }, word(key)))));
  const body = make('tbody', {}, lines.slice(0, 1000).map((cells) => make('tr', {}, cells.map((cell) => make('td', {}, cell)))));
  const shown = Math.min(lines.length, 1000);
  return [make('div', { class: 'scroll' }, make('table', {}, head, body)), total > shown ? make('p', {}, word('more', { count: number(total - shown) })) : null];
}
const folded = (summary, heads, lines, total) => lines.length ? make('details', {}, make('summary', {}, summary), grid(heads, lines, total)) : null;
function list(items, none) {
  return items.length ? make('ul', { class: 'checks' }, items) : make('p', {}, word(none));
}
function judged(check) {
  const title = WORDS[language].words[`check-${check.id}`] ?? WORDS.en.words[`check-${check.id}`];
  const findings = check.findings.slice(0, 50).map((finding) => make('li', {}, foreign(finding.place),
    finding.offset !== undefined ? [' ', word('at', { offset: number(finding.offset) })] : null, ': ',
    make('span', { lang: 'en', dir: 'ltr' }, exact(finding.text))));
  const more = check.findings.length > 50 ? make('li', {}, word('more', { count: number(check.findings.length - 50) })) : null;
  const body = [make('span', { class: 'mark' }, `${SIGNS[check.result]} ${word(check.result)}`), ' ', title ?? make('span', { lang: 'en' }, exact(check.title)),
    make('div', { class: 'reason', lang: 'en', dir: 'ltr' }, exact(check.reason))];
  if (check.findings.length) { body.push(make('details', check.result === 'failed' ? { open: '' } : {}, make('summary', {}, word('findings', { count: number(check.findings.length) })), make('ul', { class: 'findings' }, findings, more))); }
  return make('li', { class: check.result }, body);
}
function left(verdict) {
  const done = new Set(verdict.checks.map((check) => `${check.title}: ${check.reason}`));
  const others = verdict.not_checked.filter((text) => !done.has(text));
  return others.length ? make('ul', {}, others.map((text) => make('li', { lang: 'en', dir: 'ltr' }, exact(text)))) : null;
}
function caseOf({ case: it, package: facts }) {
  return rows([
    ['case-number', it && foreign(it.number)], ['case-title', it && foreign(it.title)], ['case-examiner', it && foreign(it.examiner)],
    ['case-agency', it && foreign(it.agency)], ['case-created', it && stamp(it.created)],
    ['files', `${number(facts.payload_files)}, ${size(facts.payload_bytes)}`],
    ['signer', facts.signer ? code(facts.signer.fingerprint) : word('no-signer')]]);
}
// What an event of the log may say besides; everything else in its details is of the program that wrote it.
const TOLD = ['from', 'to', 'place', 'at', 'seal', 'condition', 'authority', 'handling', 'corrects', 'text'];
const stamp = (text) => make('time', { datetime: text, dir: 'ltr' }, exact(text));
function holders({ story }) {
  const records = story.records;
  if (!records.length) { return [make('p', {}, word('no-log'))]; }
  const lines = records.slice(0, 2000).map((record) => {
    if (record.withheld) { return make('li', { class: 'quiet' }, word('record-withheld', { count: number(record.withheld) })); }
    const said = Object.entries(record.details ?? {}).filter(([key]) => TOLD.includes(key));
    const object = [...Object.entries(record.object ?? {}), ...said].flatMap(([key, value]) => [' ', make('span', { class: 'quiet' }, WORDS[language].words[`event-${key}`] ?? exact(key)), ' ',
      foreign([value].flat().map((one) => typeof one === 'string' ? one : JSON.stringify(one)).join(', '))]);
    const action = WORDS[language].words[`action-${record.action}`] ?? WORDS.en.words[`action-${record.action}`] ?? exact(record.action);
    return make('li', {}, stamp(record.time), ' ', make('strong', {}, action), ' ', foreign(record.actor ?? ''), record.role ? [' (', foreign(record.role), ')'] : null,
      object.length ? make('div', { class: 'reason' }, object) : null, record.reason ? make('div', { class: 'reason' }, foreign(record.reason)) : null);
  });
  const more = story.shortened || records.length > 2000 ? make('p', {}, word('log-shortened')) : null;
  return [make('p', { class: 'quiet' }, word('as-it-says')), make('ol', { class: 'line' }, lines), more];
}
function value(it) {
  if (it === null || it === undefined) { return make('p', {}, word('not-stated')); }
  if (typeof it !== 'object') { return make('p', {}, foreign(it)); }
  const flat = [];
  const walk = (node, path) => {
    if (node !== null && typeof node === 'object') { for (const [key, below] of Object.entries(node)) { walk(below, path ? `${path}.${key}` : key); } }
    else { flat.push([path, String(node)]); }
  };
  walk(it, '');
  return make('div', { class: 'scroll' }, make('table', {}, make('tbody', {}, flat.slice(0, 500).map(([key, text]) => make('tr', {}, make('th', { scope: 'row' }, field(key)), make('td', {}, foreign(text)))))));
}
// The path of a member in words, as far as they are known.
function field(path) {
  const steps = path.split('.').filter((step) => !/^\d+$/.test(step)).map((step) => {
    const known = WORDS[language].words[`field-${step}`] ?? WORDS.en.words[`field-${step}`];
    return known ?? foreign(step);
  });
  return steps.flatMap((step, at) => at ? [' · ', step] : [step]);
}
// Limits of use and marks of handling stand first: they bind whoever reads on.
function authority({ case: it, manifest, story }) {
  const { use_limits: limits, handling, format, ...rest } = typeof it?.authority === 'object' ? it.authority ?? {} : {};
  const marked = story.records.filter((record) => record.action === 'marked' && Array.isArray(record.details?.handling)).at(-1);
  const marks = manifest?.handling?.length ? manifest.handling : marked ? marked.details.handling : [handling ?? []].flat();
  const words = (texts, none) => texts.length ? make('ul', {}, texts.map((text) => make('li', {}, foreign(text)))) : make('p', {}, word(none));
  const { format: _, ...scope } = typeof it?.scope === 'object' ? it.scope ?? {} : {};
  const whole = (text, members) => typeof text === 'string' ? text : Object.keys(members).length ? members : null;
  return [make('h3', {}, word('use-limits')), words([limits ?? []].flat(), 'use-limits-none'),
    make('h3', {}, word('handling')), words(marks, 'handling-none'),
    make('h3', {}, word('legal-basis')), value(whole(it?.authority, rest)),
    make('h3', {}, word('scope')), value(whole(it?.scope, scope))];
}
function unread({ story }) {
  const all = story.acquisitions.flatMap(({ place, record }) => (record.gaps ?? []).map((gap) => ({ place, ...gap })));
  if (!story.acquisitions.length) { return [make('p', {}, word('no-media'))]; }
  if (!all.length) { return [make('p', {}, word('nothing-unread'))]; }
  const head = make('thead', {}, make('tr', {}, ['gap-where', 'gap-offset', 'gap-length', 'gap-cause'].map((key) => make('th', { scope: 'col' }, word(key)))));
  const body = make('tbody', {}, all.slice(0, 500).map((gap) => make('tr', {}, make('td', {}, foreign(gap.place)), make('td', {}, code(number(gap.offset))), make('td', {}, size(Number(gap.length))), make('td', {}, foreign(gap.cause ?? '')))));
  return [make('p', {}, word('unread-words')), ...story.acquisitions.map(map), make('div', { class: 'scroll' }, make('table', {}, head, body)),
    all.length > 500 ? make('p', {}, word('more', { count: number(all.length - 500) })) : null];
}
// The medium as a bar: hatched where it could not be read. A gap is drawn at least one unit wide, however small it is.
function map({ place, record }) {
  const total = Number(record.size_bytes), svg = (name, attributes, ...children) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value); }
    element.append(...children);
    return element;
  };
  const gaps = (record.gaps ?? []).slice(0, 2000).map((gap) => svg('rect', { x: 1000 * gap.offset / total, y: 0, width: Math.max(2, 1000 * gap.length / total), height: 30, fill: 'currentColor' }));
  const label = word('map', { place: exact(place), count: number((record.gaps ?? []).length), total: size(total) });
  return make('figure', {}, svg('svg', { viewBox: '0 0 1000 32', role: 'img', 'aria-label': label, width: '100%', preserveAspectRatio: 'none' },
    svg('rect', { x: 0, y: 0, width: 1000, height: 30, fill: 'none', stroke: 'currentColor' }), ...gaps), make('figcaption', { class: 'quiet' }, label));
}
// Every place of the list that is withheld, with its ground; what they come to stands at the top of the page.
function withheld({ disclosure: it, verdict }) {
  // That nothing is missing is said only after the list of what was sealed was compared.
  const whole = verdict.checks.some(({ id, result }) => id === 'disclosure' && result === 'passed');
  if (!it?.withheld_count) { return [make('p', {}, word(whole ? 'whole' : 'nothing-withheld'))]; }
  const grounds = it.grounds.map((ground) => [foreign(ground.reason), foreign(ground.authority), number(ground.count)]);
  const each = it.withheld.map((entry) => [code(number(entry.index)), foreign(entry.item), sizeClass(entry.size_class), foreign(it.grounds[entry.ground]?.reason ?? '?')]);
  return [...grid(['withheld-reason', 'withheld-authority', 'withheld-count'], grounds),
    folded(word('withheld-each', { count: number(it.withheld_count) }), ['withheld-place', 'withheld-item', 'withheld-class', 'withheld-reason'], each, it.withheld_count)];
}
function expert(answer) {
  const facts = answer.package;
  const files = (answer.manifest?.items ?? []).flatMap((item) => item.files.map((file) => [item.id, file]));
  const count = (answer.manifest?.items ?? []).reduce((sum, item) => sum + item.count, 0);
  const digests = answer.story.acquisitions.flatMap(({ place, record }) => [...Object.entries(record.digests ?? {}), ['tree', record.tree?.root]].map(([name, digest]) => make('tr', {}, make('td', {}, foreign(place)), make('td', {}, name), make('td', {}, code(digest)))));
  const listed = files.map(([id, file]) => make('tr', {}, make('td', {}, foreign(id)), make('td', {}, foreign(file.path)), make('td', {}, number(file.size)), make('td', {}, code(file.sha256))));
  return make('section', { 'aria-labelledby': 'part-expert' }, make('h2', { id: 'part-expert' }, word('part-expert')),
    make('p', { lang: 'en', dir: 'ltr' }, exact(answer.sentence)),
    rows([['log-records', number(facts.log_records)], ['log-root', facts.log_root && code(facts.log_root)], ['bag', foreign(facts.bag)], ['signer-key', facts.signer && code(facts.signer.key)]]),
    make('details', {}, make('summary', {}, word('digests')), make('div', { class: 'scroll' }, make('table', {}, make('tbody', {}, digests)))),
    make('details', {}, make('summary', {}, word('file-list', { count: number(count) })), make('div', { class: 'scroll' }, make('table', {}, make('tbody', {}, listed))),
      count > files.length ? make('p', {}, word('more', { count: number(count - files.length) })) : null),
    make('details', {}, make('summary', {}, word('all-as-data')), make('pre', { class: 'exact scroll', dir: 'ltr', tabindex: '0', role: 'region', 'aria-label': word('all-as-data') }, exact(JSON.stringify(answer.verdict, null, 1)).replace(/\\u\{a\}/g, '\n'))));
}

// --- what the reader does

function again() { started = 0; dismiss(); shown = null; find('file').value = ''; find('folder').value = ''; show('start'); find('file').focus(); }
async function gather(entry, path, files) {
  if (entry.isFile) {
    files.push({ name: path + entry.name, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) { return; }
    for (const child of batch) { await gather(child, `${path}${entry.name}/`, files); }
  }
}
async function dropped(event) {
  event.preventDefault();
  find('drop').classList.remove('over');
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [];
  for (const entry of entries) { await gather(entry, '', files); }
  if (!entries.length) { files.push(...[...event.dataTransfer.files].map((file) => ({ name: file.name, file }))); }
  if (files.length) { check(files); }
}
for (const [tag, { name }] of Object.entries(WORDS)) { find('language').append(make('option', { value: tag, lang: tag }, name)); }
find('language').addEventListener('change', (event) => speak(event.target.value));
find('file').addEventListener('change', (event) => { const [file] = event.target.files; if (file) { check([{ name: file.name, file }]); } });
find('folder').addEventListener('change', (event) => {
  const files = [...event.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  if (files.length) { check(files); }
});
for (const id of ['key-file', 'authority-file', 'stamp-file']) {
  find(id).addEventListener('change', ({ target }) => find(`${id}-chosen`).replaceChildren(...[...target.files].flatMap((file) => [foreign(file.name), ' '])));
}
for (const name of ['dragenter', 'dragover']) { document.addEventListener(name, (event) => { event.preventDefault(); find('drop').classList.add('over'); }); }
document.addEventListener('dragleave', () => find('drop').classList.remove('over'));
document.addEventListener('drop', dropped);
find('cancel').addEventListener('click', again);
document.querySelector('#trouble .again').addEventListener('click', again);
speak(wanted());
