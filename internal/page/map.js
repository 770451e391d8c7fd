// element makes an element; text is only ever set as text.
function element(tag, attributes, ...content) {
  const e = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value)
  }
  e.append(...content.filter(c => c !== undefined && c !== ''))
  return e
}
const $ = id => document.getElementById(id)

// facts are all figures of a place, as terms and what they are.
function facts(i) {
  const f = figures(state.model), list = [], first = state.model === 0
  const all = f.total[0] || f.totalBefore[0]
  if (diff) {
    list.push(['with all below', `${bytes(f.totalBefore[i])} → ${bytes(f.total[i])}`, `${signed(f.total[i] - f.totalBefore[i])} ${change(f.total[i], f.totalBefore[i])}`])
    list.push(['own', `${bytes(f.before[i])} → ${bytes(f.own[i])}`, signed(f.own[i] - f.before[i])])
    list.push(['count', `${count(column('old_count')[i])} → ${count(column('count')[i])}`])
  } else {
    list.push(['with all below', bytes(f.total[i]), `${percent(f.total[i], all)}, ${exactly(f.total[i])}`])
    list.push(['own', bytes(f.own[i] || 0), percent(f.own[i] || 0, all)])
    if (column('count')[i]) list.push(['count', count(column('count')[i])])
  }
  if (first && column('count')[i] > 1) list.push(['each', each(i)])
  if (first && f.own[i]) {
    list.push(['parts', partsOf(i).filter(p => p[1]).map(([name, n]) => `${name} ${bytes(n)}`).join(', ')])
  }
  if (column('retained')[i]) list.push(['retained', (column('exact')[i] ? '' : 'at least ') + bytes(column('retained')[i])])
  const sharing = data.sharing?.find(s => s.at === i)
  if (sharing) list.push(['shared with', sharing.by.map(s => `${s.path} (${count(s.references)} ×)`).join(', ')])
  if (saved[i]) list.push(['could be saved', bytes(saved[i])])
  if (column('pinned')[i]) list.push(['pinned', bytes(column('pinned')[i]), 'kept alive and out of reach'])
  if (switchable && !diff) {
    list.push(['under', data.models.map((m, k) => `${m.name} ${bytes(figures(k).total[i])}`).join(', ')])
  }
  if (column('most')[i]) {
    list.push(['proven', column('most')[i] > 1.8e19 ? 'at least ' + bytes(column('least')[i])
      : bytes(column('least')[i]) + ' … ' + bytes(column('most')[i])])
  }
  if (text('rule', i)) list.push(['priced as', text('rule', i)])
  if (text('causes', i)) list.push(['may be off', text('causes', i)])
  return list
}

function each(i) {
  const n = column('count')[i], low = column('min')[i], high = column('max')[i]
  return low === high ? bytes(low) : `${bytes(low)} … ${bytes(Math.floor(columns.own[0][i] / n))} … ${bytes(high)}`
}

// The map: cells on the page, by place.
let cells = [], shown = new Map(), drawn = ''

function drawMap() {
  const map = $('map'), focused = map.contains(document.activeElement), here = {at: state.at, from: state.from}
  const w = weights(state.by, state.model)
  map.className = (kids[here.at].length ? state.view : 'anatomy') + (diff ? ' diff' : '')
  const width = map.clientWidth, height = map.clientHeight
  drawn = width + ' ' + height
  cells = !kids[here.at].length ? anatomy(here, w, width, height)
    : state.view === 'icicle' ? icicle(here, w, width, height)
    : state.by === 'own' ? flat(here, w, width, height) : treemap(here, w, width, height)
  shown = new Map()
  map.setAttribute('aria-label', `${state.view} of ${pathOf(here.at)}`)
  map.replaceChildren(...cells.map(drawCell))
  if (!cells.length) map.append(element('p', {class: 'nothing'}, emptyMap()))
  if (cells.length) cells[0].box.tabIndex = 0
  if (cells.length && focused) cells[0].box.focus({preventScroll: true})
}

function emptyMap() {
  const name = measures.find(m => m[0] === state.by)[1]
  return `Nothing to draw: ${pathOf(state.at)} has no bytes of the measure “${name}”.`
}

function drawCell(c, index) {
  const box = element('div', {class: 'cell ' + c.kind + (c.parted ? ' parted' : ''), role: 'treeitem',
    'aria-level': Math.max(c.level, 1), tabindex: -1})
  const s = box.style
  s.left = c.x + 'px'; s.top = c.y + 'px'; s.width = Math.max(c.w - 1, 1) + 'px'; s.height = Math.max(c.h - 1, 1) + 'px'
  c.box = box; c.index = index; box.cell = c
  color(c, s)
  label(c, box)
  box.ariaLabel = [box.textContent, spoken(c)].filter(s => s).join(', ')
  if (c.kind === 'place' || !shown.has(c.at)) shown.set(c.at, c)
  return box
}

// label names a cell as far as there is room: with its figure beside the name or below it, upright in
// a narrow cell, and not at all where less than a word would be seen.
function label(c, box) {
  const upright = c.w > 15 && c.w < 44 && c.h > 70, long = upright ? c.h : c.w
  if (!upright && c.h <= 13 || c.w <= 15) return
  const big = !c.parted && c.w > 200 && c.h > 90
  const letters = (long - 8) / (big ? 8.7 : 7.3)
  const name = c.kind === 'more' && letters < c.label.length ? '+' + c.label.replace(' more', '') : c.label
  if (letters < Math.min(name.length, 5)) return
  box.append(element('span', {class: 'name'}, short(name, letters)))
  const below = !c.parted && !upright && c.h >= 36, value = valueOf(c)
  if (below ? letters > value.length : letters > name.length + value.length + 1) box.append(' ', element('span', {class: 'figure'}, value))
  box.classList.add(upright ? 'upright' : below ? 'two' : c.parted && (state.view !== 'icicle' || c.h >= 36) ? 'top' : 'line')
  if (big) box.classList.add('big')
  if (big && !diff && !state.model && c.kind !== 'more' && c.kind !== 'part' && state.by !== 'retained') box.append(miniature(c.at))
}

// miniature shows what the bytes of a place are for.
function miniature(i) {
  const bar = element('span', {class: 'mini', 'aria-hidden': 'true'})
  for (const [name, n] of partsOf(i)) {
    if (!n) continue
    const piece = element('i', {class: name})
    piece.style.flexGrow = n
    bar.append(piece)
  }
  return bar
}

// short keeps both ends of a name that is much too long for its cell; a bit too long is cut by style.
const short = (s, room) => s.length <= room ? s : state.by === 'own' && state.view !== 'icicle' ? '…' + s.slice(1 - Math.floor(room))
  : s.length > room * 1.3 && room > 12 ? cut(s, Math.floor(room)) : s

// valueOf is the figure that a cell's area stands for.
function valueOf(c) {
  if (!diff) return state.by === 'retained' && c.kind === 'place' ? bytes(columns.retained[c.at]) : bytes(c.weight)
  return signed(grown(c))
}

// grown is by how much what a cell stands for has changed.
function grown(c) {
  const f = figures(state.model)
  return c.kind === 'place' ? f.total[c.at] - f.totalBefore[c.at]
    : c.kind === 'own' ? f.own[c.at] - f.before[c.at]
    : c.kind === 'more' ? c.rest.reduce((s, i) => s + (state.by === 'own' ? f.own[i] : f.total[i] - f.totalBefore[i]), 0) : 0
}

function growth(c) {
  const f = figures(state.model)
  const [now, before] = c.kind === 'own' || c.kind === 'part' ? [f.own[c.at], f.before[c.at]]
    : c.kind === 'more' ? [c.rest.reduce((s, i) => s + f.total[i], 0), c.rest.reduce((s, i) => s + f.totalBefore[i], 0)]
    : [f.total[c.at], f.totalBefore[c.at]]
  return step(now, before)
}

// step is one of nine steps from gone (-4) to new (4), by the share of the larger side.
function step(now, before) {
  if (now === before) return 0
  if (!before || !now) return now ? 4 : -4
  const g = (now - before) / Math.max(now, before), large = Math.abs(g)
  return Math.sign(g) * (large < 0.005 ? 0 : large < 0.1 ? 1 : large < 0.33 ? 2 : 3)
}

function color(c, style) {
  if (c.kind === 'part') c.box.classList.add(c.part)
  else if (diff) c.box.classList.add('g' + (growth(c) + 4))
  else c.box.classList.add(c.hue < 0 ? 'h8' : 'h' + c.hue)
  style.setProperty('--level', Math.min(c.level, 6))
}

// spoken is what the name of a cell says besides what is written in it.
function spoken(c) {
  const what = c.kind === 'own' ? `${pathOf(c.at)}, its own bytes` : c.kind === 'more' ? `${c.label} in ${pathOf(c.at)}`
    : c.kind === 'part' ? c.part : `${pathOf(c.at)}, ${text('type', c.at)}`
  const of = weights(state.by, state.model).all[0]
  return `${what}: ${valueOf(c)}` + (diff ? '' : `, ${percent(c.weight, of)}`)
}

// follow zooms to what a cell stands for.
function follow(c) {
  if (c.kind === 'more') go({at: c.at, from: c.from})
  else if (c.kind === 'place') go({at: c.end, from: 0})
  else if (c.kind === 'own') go({at: c.at, from: 0})
}

// The tip tells all figures of the cell under the pointer, or of the one in focus.
function showTip(c, x, y) {
  const tip = $('tip')
  const title = c.kind === 'more' ? `${c.label} in ${pathOf(c.at)}` : c.kind === 'own' && state.by !== 'own' ? pathOf(c.at) + ' itself' : pathOf(c.at)
  tip.replaceChildren(element('b', {}, cut(title, 200)))
  if (c.kind === 'more') {
    tip.append(element('p', {}, `${valueOf(c)} together; choose it to see them.`))
  } else {
    tip.append(element('code', {}, cut(text('type', c.at), 200)))
    if (c.kind === 'part') tip.append(element('p', {}, `${c.part} ${bytes(c.weight)}: ${parts.find(p => p[0] === c.part)[1]}`))
    tip.append(factList(c.at))
  }
  tip.hidden = false
  tip.style.left = Math.max(8, Math.min(x + 16, innerWidth - tip.offsetWidth - 8)) + 'px'
  tip.style.top = Math.max(8, y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 12 : y + 18) + 'px'
}

function factList(i) {
  const list = element('dl', {})
  for (const [term, value, more] of facts(i)) {
    list.append(element('dt', {}, term), element('dd', {}, value, more ? element('small', {}, ' ' + more) : ''))
  }
  return list
}

const hideTip = () => { $('tip').hidden = true }

// point marks a place on the map and in the table.
function point(i) {
  for (const e of document.querySelectorAll('.pointed')) e.classList.remove('pointed')
  if (i < 0) return
  shown.get(i)?.box.classList.add('pointed')
  document.querySelector(`#places tr[data-at="${i}"]`)?.classList.add('pointed')
}

function listenToMap() {
  const map = $('map'), cellOf = e => e.target.closest?.('.cell')?.cell
  map.addEventListener('pointermove', e => {
    const c = cellOf(e)
    if (!c || e.pointerType === 'touch') return hideTip()
    showTip(c, e.clientX, e.clientY)
    if (!c.box.classList.contains('pointed')) point(c.at)
  })
  map.addEventListener('pointerleave', () => { hideTip(); point(-1) })
  map.addEventListener('click', e => { const c = cellOf(e); if (c) follow(c) })
  map.addEventListener('focusin', e => {
    const c = cellOf(e), box = c?.box.getBoundingClientRect()
    if (c && c.box.matches(':focus-visible')) { showTip(c, box.left, Math.min(box.bottom, innerHeight) - 24); point(c.at) }
  })
  map.addEventListener('focusout', hideTip)
  map.addEventListener('keydown', e => {
    const c = cellOf(e)
    if (c) press(e, c)
  })
}

// press moves as in a tree: up and down to the next cell, right into a cell, left out of it.
function press(e, c) {
  const next = {
    ArrowDown: () => cells[c.index + 1], ArrowUp: () => cells[c.index - 1],
    ArrowRight: () => cells.find(d => d.level > c.level && d !== c && within(d, c)) || cells[c.index + 1],
    ArrowLeft: () => cells.findLast(d => d.level < c.level && d !== c && within(c, d)),
    Home: () => cells[0], End: () => cells[cells.length - 1],
  }[e.key]
  if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); follow(c) }
  if (e.key === 'Backspace' && state.at) { e.preventDefault(); up() }
  if (!next) return
  e.preventDefault()
  const to = next()
  if (!to) return
  c.box.tabIndex = -1
  to.box.tabIndex = 0
  to.box.focus()
}

const within = (c, d) => state.view === 'icicle' ? c.x > d.x && c.y >= d.y - 0.5 && c.y + c.h <= d.y + d.h + 0.5
  : c.x >= d.x - 0.5 && c.y >= d.y - 0.5 && c.x + c.w <= d.x + d.w + 0.5 && c.y + c.h <= d.y + d.h + 0.5
