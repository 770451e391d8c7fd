'use strict'
// The account: columns with a figure for each place, parents before children. A place is known by
// its index; 0 is the value itself.
const data = JSON.parse(document.getElementById('data').textContent)
const diff = data.kind === 'diff'
const columns = data.places
const size = columns.parent.length
const zeros = new Float64Array(size)
const column = name => columns[name] || zeros
const text = (name, i) => columns[name] ? data.strings[columns[name][i]] : ''
const parent = columns.parent
const models = data.models.map(m => m.name)
const switchable = columns.own.length > 1

const none = []
const kids = new Array(size).fill(none)
const depth = new Int32Array(size)
for (let i = 1; i < size; i++) {
  const up = parent[i]
  depth[i] = depth[up] + 1
  if (kids[up] === none) kids[up] = []
  kids[up].push(i)
}

// sums are a figure of each place with all that is below it.
function sums(own) {
  const total = Float64Array.from(own || zeros)
  for (let i = size - 1; i > 0; i--) total[parent[i]] += total[i]
  return total
}

// figures are what places own, and hold with all below, under a model; of a diff on both sides.
const figuresByModel = []
function figures(model) {
  const m = switchable ? model : 0
  if (figuresByModel[m]) return figuresByModel[m]
  const own = columns.own[m] || zeros, before = columns.old && columns.old[m] || zeros
  return figuresByModel[m] = {own, before, total: sums(own), totalBefore: sums(before)}
}

// paths tell places apart in links: by path, and by a number where a pointer and what it points to
// share one. What is very deep is called by the end of its path.
const longest = 500
const paths = new Array(size)
const byPath = new Map()
for (let i = 0; i < size; i++) {
  const above = i ? paths[parent[i]] : ''
  const whole = columns.more && columns.more[i] ? above + ' … more' : above + text('step', i)
  paths[i] = whole.length > longest ? '…' + whole.slice(-longest) : whole
  const same = byPath.get(paths[i])
  if (same) same.push(i)
  else byPath.set(paths[i], [i])
}
const pathOf = i => paths[i] || (i ? '*' : data.type || 'all')
const summary = i => columns.more ? columns.more[i] : 0

// stepOf is what tells a place from its siblings.
function stepOf(i) {
  if (summary(i)) return count(summary(i)) + ' more'
  return (text('step', i) || (i ? '*' : data.type || 'all')) + (column('loop')[i] ? '…' : '')
}

// The measures by which the map is sized. Those of parts, retained and savings are of the first
// model alone.
const saved = new Float64Array(size)
for (const s of data.waste || []) {
  const at = byPath.get(s.path)
  if (at) saved[at[0]] += s.bytes
}
const measures = diff ? [
  ['size', 'larger side', 'Areas are the larger of the two sides.'],
  ['change', 'change', 'Areas are by how many bytes a place grew or shrank.'],
] : [
  ['total', 'total', 'Areas are bytes, each place with all that is below it.'],
  ['own', 'own', 'Areas are what the containers at a place own themselves, without what is below.'],
  ['unused', 'unused', 'Areas are spare, padding and rounding: bytes that hold nothing.'],
]
if (columns.retained) measures.push(['retained', 'retained', 'Areas are what would be freed if the references ' +
  'at a place were gone. What several places share is retained by none of them, so that these figures do not sum to the total.'])
if (data.waste && data.waste.length) measures.push(['waste', 'savings', 'Areas are what could be saved: see the list below.'])
const firstModelOnly = new Set(['unused', 'retained', 'waste'])

// weights are what each place has of a measure by itself, and with all below.
const weightsByKey = new Map()
function weights(by, model) {
  const key = by + ' ' + model
  if (!weightsByKey.has(key)) weightsByKey.set(key, weigh(by, figures(model)))
  return weightsByKey.get(key)
}

function weigh(by, f) {
  const self = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    self[i] = by === 'size' ? Math.max(f.own[i], f.before[i])
      : by === 'change' ? Math.abs(f.own[i] - f.before[i])
      : by === 'unused' ? column('spare')[i] + column('padding')[i] + column('rounding')[i]
      : by === 'waste' ? saved[i]
      : f.own[i] || 0
  }
  if (by !== 'retained') return {by, self, all: sums(self)}
  const below = new Float64Array(size), all = new Float64Array(size)
  for (let i = size - 1; i >= 0; i--) {
    all[i] = Math.max(columns.retained[i], below[i])
    self[i] = all[i] - below[i]
    if (i) below[parent[i]] += all[i]
  }
  return {by, self, all}
}

// sorted are the children of a place that weigh something, the heaviest first.
const sorted = (i, w) => kids[i].filter(k => w.all[k] > 0).sort((a, b) => w.all[b] - w.all[a] || a - b)

// Words and figures as the text of memsize has them.
const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
function bytes(n) {
  if (n < 1024) return n + ' B'
  let value = n / 1024, unit = 0
  while (value >= 999.5 && unit < units.length - 1) { value /= 1024; unit++ }
  return fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2) + ' ' + units[unit]
}
// fixed rounds halves to even digits, as Go does.
function fixed(value, digits) {
  const scaled = value * 10 ** digits, down = Math.floor(scaled)
  return ((scaled - down === 0.5 ? down + down % 2 : Math.round(scaled)) / 10 ** digits).toFixed(digits)
}
const count = n => n.toLocaleString('en')
// exactly is a figure to the byte; beyond 2⁵³ a browser does not have it.
const exactly = n => (n > Number.MAX_SAFE_INTEGER ? 'about ' : '') + count(n) + (n === 1 ? ' byte' : ' bytes')
const percent = (n, of) => of ? (100 * n / of).toFixed(1) + ' %' : ''
const signed = n => n > 0 ? '+' + bytes(n) : n < 0 ? '−' + bytes(-n) : '±0'
const change = (now, before) => before === now ? '' : !before ? 'new' : !now ? 'gone'
  : (now > before ? '+' : '−') + (100 * Math.abs(now - before) / before).toFixed(1) + ' %'
const cut = (s, n) => s.length <= n ? s : s.slice(0, Math.ceil(n * 2 / 3)) + '…' + s.slice(-Math.floor(n / 3))

const parts = [
  ['used', 'elements up to the length'],
  ['spare', 'capacity beyond the length'],
  ['padding', 'holes and tails of structs'],
  ['overhead', 'links, buckets, control words'],
  ['rounding', 'what the allocator rounds away'],
]
// partsOf are the five parts of what a place owns, under the first model.
function partsOf(i) {
  const rest = parts.slice(1).map(([name]) => [name, column(name)[i]])
  const own = diff && !columns.own[0]?.[i] ? (columns.old?.[0]?.[i] || 0) : columns.own[0]?.[i] || 0
  return [['used', Math.max(own - rest.reduce((s, r) => s + r[1], 0), 0)], ...rest]
}
