// The tables below the map.
const figure = (s, cls) => element('td', {class: 'n ' + (cls || '')}, s)

// placeLink leads to a place.
const placeLink = (i, label) => element('a', {href: hashOf({at: i, from: 0}), title: `${pathOf(i)}  ${text('type', i)}`}, ...breakable(label))

// breakable lets a long path break before its steps.
const breakable = s => s.split(/(?=[.[])/).flatMap((part, k) => k ? [element('wbr'), part] : [part])

// The columns of the table of places: name, what it says, what it is sorted by, and when to leave it out.
function placeColumns() {
  const f = figures(state.model), all = f.total[0], first = state.model === 0
  const retained = columns.retained && first
  if (diff) return [
    ['new', i => bytes(f.total[i]), i => f.total[i]],
    ['old', i => bytes(f.totalBefore[i]), i => f.totalBefore[i], 'wide'],
    ['change', i => signed(f.total[i] - f.totalBefore[i]), i => Math.abs(f.total[i] - f.totalBefore[i])],
    ['%', i => change(f.total[i], f.totalBefore[i]), i => f.totalBefore[i] ? f.total[i] / f.totalBefore[i] : Infinity],
    ['own', i => signed(f.own[i] - f.before[i]), i => Math.abs(f.own[i] - f.before[i]), 'wide'],
    ['count', i => counts(column('old_count')[i], column('count')[i]), i => column('count')[i] - column('old_count')[i], 'wide'],
  ]
  return [
    ['total', i => bytes(f.total[i]), i => f.total[i]],
    ['%', i => all ? (100 * f.total[i] / all).toFixed(1) : '', i => f.total[i]],
    ['own', i => bytes(f.own[i] || 0), i => f.own[i] || 0],
    ...retained ? [['retained', i => columns.retained[i] ? (column('exact')[i] ? '' : '≥ ') + bytes(columns.retained[i]) : '', i => columns.retained[i]]] : [],
    ...first ? [['unused', i => bytes(unused(i)), unused, 'wide']] : [],
    ['count', i => column('count')[i] ? count(column('count')[i]) : '', i => column('count')[i], 'wide'],
    ...first ? [['each', i => column('count')[i] ? each(i) : '', i => column('count')[i] ? columns.own[0][i] / column('count')[i] : 0, 'wider']] : [],
  ]
}

const unused = i => column('spare')[i] + column('padding')[i] + column('rounding')[i]
const counts = (before, now) => before === now ? count(now) : `${count(before)} → ${count(now)}`

// branches are the n heaviest places below one, as indices in the order of the tree.
function branches(n) {
  const w = weights(diff || state.by === 'own' ? measures[0][0] : state.by, state.model)
  const kept = new Set(), queue = [state.at]
  let children = sorted(state.at, w).slice(state.from)
  for (const i of children.slice(0, n)) kept.add(i) // breadth before depth: all children first
  const open = children.slice(0, n)
  while (kept.size < n && open.length) {
    open.sort((a, b) => w.all[a] - w.all[b])
    for (const i of sorted(open.pop(), w)) { if (kept.size < n) { kept.add(i); open.push(i) } }
  }
  const rows = [{at: state.at, level: 0}]
  const walk = [...rest(state.at, children, kept, 1)].reverse()
  while (walk.length) {
    const row = walk.pop()
    rows.push(row)
    if (row.more) continue
    walk.push(...rest(row.at, sorted(row.at, w), kept, row.level + 1).reverse())
  }
  return rows
}

// rest are rows of the children that are kept, and one for the others.
function rest(at, children, kept, level) {
  const rows = children.filter(i => kept.has(i)).map(i => ({at: i, level}))
  const others = children.filter(i => !kept.has(i))
  const from = (at === state.at ? state.from : 0) + rows.length
  if (others.length) rows.push({at, level, more: others, from})
  return rows
}

// listed are the places that the search found, or all below in the order of a column.
function listed(by) {
  const list = []
  for (const next = [state.at]; next.length;) {
    const i = next.pop()
    if (!summary(i) && (!found || found.hit[i])) list.push(i)
    next.push(...kids[i])
  }
  const key = new Map(list.map(i => [i, by(i)]))
  return list.sort((a, b) => key.get(b) - key.get(a) || a - b).map(at => ({at, level: 0, flat: true}))
}

let rowLimit = 40
function drawPlaces() {
  const cols = placeColumns(), f = figures(state.model)
  let sort = cols.find(c => c[0] === state.sort)
  const asTree = !found && !sort
  if (!sort) sort = cols[diff ? 2 : 0]
  let rows = asTree ? branches(rowLimit) : listed(sort[2])
  const all = rows.length
  if (!asTree) rows = rows.slice(0, rowLimit)
  const heads = [['place', ''], ...cols].map(([name, , , cls], k) => element('th', {scope: 'col', class: (k ? 'n ' : '') + (cls || ''),
    'aria-sort': (k ? name === state.sort : asTree) ? (k ? 'descending' : 'other') : undefined},
  element('button', {type: 'button', title: k ? `sort by ${name}` : 'as a tree', onclick: () => set({sort: k ? name : ''})}, k ? name : found ? 'found' : 'place')))
  $('places').replaceChildren(element('caption', {class: 'hidden'}, `Places in ${pathOf(state.at)}`),
    element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows.map(r => drawRow(r, cols, f))))
  const left = asTree ? rows.some(r => r.more) : all > rows.length
  $('more').hidden = !left
  $('more').textContent = asTree ? 'Show more places' : `Show more of ${count(all)} places`
}

function drawRow(row, cols, f) {
  const {at, level} = row
  const where = element('td', {class: 'where'})
  where.style.setProperty('--indent', level)
  if (row.more) {
    const w = weights(measures[0][0], state.model), sum = row.more.reduce((s, i) => s + w.all[i], 0)
    where.append(element('a', {href: hashOf({at, from: row.from}), class: 'rest'}, count(row.more.length) + ' more'))
    const tr = element('tr', {'data-at': -1}, where)
    cols.forEach(([name, , , cls], k) => tr.append(figure(k ? '' : bytes(sum), cls)))
    return tr
  }
  where.append(placeLink(at, row.flat ? cut(pathOf(at), 120) : level ? stepOf(at) : pathOf(at)), ' ', element('span', {class: 'type'}, text('type', at) === pathOf(at) ? '' : cut(text('type', at), 100)))
  const tr = element('tr', {'data-at': at, class: (found && found.hit[at] ? 'hit' : '') + (level ? '' : row.flat ? '' : ' here')}, where)
  for (const [name, show, , cls] of cols) {
    const cell = figure(show(at), cls)
    if (name === '%' && !diff) bar(cell, f.total[at] / f.total[0], (f.own[at] || 0) / f.total[0])
    if (diff && (name === 'change' || name === '%')) cell.classList.add('g' + (step(f.total[at], f.totalBefore[at]) + 4), 'ink')
    tr.append(cell)
  }
  return tr
}

// bar draws shares of the total behind a figure: with all below, and of that its own.
function bar(cell, all, own) {
  cell.classList.add('bar')
  const outer = element('i', {'aria-hidden': 'true'}), inner = element('i', {'aria-hidden': 'true'})
  outer.style.width = 100 * (all || 0) + '%'
  inner.style.width = 100 * (all ? own / all : 0) + '%'
  outer.append(inner)
  cell.prepend(outer)
}

// table is a section with a table of rows; nothing where there are none. A cell is a string for a
// figure, or an element.
function table(title, note, heads, rows) {
  if (!rows.length) return ''
  const id = 'table-' + title.toLowerCase().replace(/[^a-z]+/g, '-')
  const body = element('tbody', {}, ...rows.slice(0, 12).map(tableRow))
  const section = element('section', {class: 'list', 'aria-labelledby': id}, element('h2', {id}, title), note ? element('p', {class: 'note'}, note) : '',
    element('div', {class: 'scroll'}, element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((h, k) => element('th', {scope: 'col', class: k && typeof rows[0][k] === 'string' ? 'n' : ''}, h)))), body)))
  if (rows.length > 12) {
    const more = element('button', {type: 'button', class: 'plain', onclick: () => { body.append(...rows.slice(12).map(tableRow)); more.remove() }}, `Show all ${count(rows.length)}`)
    section.append(more)
  }
  return section
}

const tableRow = row => element('tr', {}, ...row.map((c, k) => k || typeof c === 'string'
  ? element('td', {class: k && typeof c === 'string' ? 'n' : 'where flat'}, c) : element('td', {class: 'where flat'}, c)))

// linkTo leads to a place by its path, if the page has it.
function linkTo(path) {
  const at = byPath.get(path)
  return at ? placeLink(at[0], cut(path || pathOf(at[0]), 120)) : element('code', {}, cut(path, 120))
}

const lightType = t => element('a', {href: hashOf({at: 0, from: 0, find: `"${t}"`}), title: `show the places of type ${t}`}, cut(t, 100))

function sections() {
  const total = data.models[0].total
  const out = []
  const types = data.types || []
  const retained = types.some(t => t.retained)
  out.push(diff
    ? table('Types that changed', 'What the containers of a type own themselves.', ['type', 'new', 'old', 'change', 'count'],
      types.map(t => [lightType(t.type), bytes(t.total), bytes(t.old || 0), signed(t.total - (t.old || 0)), counts(t.old_count || 0, t.count)]))
    : table('Types', 'What the containers of a type own themselves: these sum to the total.',
      ['type', 'bytes', '%', ...retained ? ['retained'] : [], 'count'],
      types.map(t => [lightType(t.type), bytes(t.total), (100 * t.total / total).toFixed(1),
        ...retained ? [t.retained ? (t.exact ? '' : '≥ ') + bytes(t.retained) : ''] : [], count(t.count)])))
  out.push(table('What could be saved', 'Each saving is what it saves once those above it are done, so that they sum up.',
    ['place', 'bytes', 'values', 'how'],
    (data.waste || []).map(s => [linkTo(s.path), bytes(s.bytes), count(s.count), element('span', {}, element('b', {}, s.kind), ': ' + s.advice)])))
  out.push(table('Biggest entries', '', ['entry', ...data.biggest?.some(e => e.retained) ? ['retained'] : ['on the wire'], 'in'],
    (data.biggest || []).map((e, k) => [element('code', {}, cut(e.path || e.key || `entry ${k + 1}`, 120)), bytes(e.retained || e.bytes), placeLink(e.at, cut(pathOf(e.at), 80))])))
  out.push(table('Who holds it', 'Chains of references that lead to the value.', ['from a root', 'through'],
    (data.holders || []).map(c => [element('code', {}, c.expr), element('span', {}, c.types.map(t => cut(t, 60)).join(' → '), c.only ? ' (without it the value would be freed)' : '')])))
  out.push(table('Roots', data.shared ? `${bytes(data.shared)} are reached from two or more of them.` : '', ['root', 'holds', 'only it'],
    (data.roots || []).map(r => [linkTo(r.name), bytes(r.total), bytes(r.only)])))
  out.push(table('Not counted', 'Seen, and without a price under this model.', ['place', 'values', 'why'],
    (data.unaccounted || []).map(u => [linkTo(u.path), count(u.count), element('span', {}, `${u.type}: ${u.reason}`)])))
  out.push(table('Could be of any size', 'Bounds have no upper end because of these.', ['place', 'why'],
    (data.unbounded || []).map(u => [linkTo(u.path), element('span', {}, `${u.type}: ${u.reason}`)])))
  out.push(table('Assumed', 'What the data do not tell.', ['assumption'], (data.assumptions || []).map(a => [a])))
  return out.filter(s => s)
}
