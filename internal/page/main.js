// The state is in the address after the #, so that a link leads to any view and the back button
// leads back.
const initial = {at: 0, from: 0, view: 'treemap', by: measures[0][0], model: 0, find: '', sort: ''}
let state = {...initial}
let found = null // what the search found: hit by place, below by place, how many

function hashOf(changes) {
  const s = {...state, ...changes}, out = []
  const put = (name, value) => out.push(name + '=' + encodeURIComponent(value))
  if (s.at) {
    put('at', paths[s.at])
    const nth = byPath.get(paths[s.at]).indexOf(s.at)
    if (nth) put('nth', nth)
  }
  if (s.from) put('from', s.from)
  if (s.view !== initial.view) put('view', s.view)
  if (s.by !== initial.by) put('by', s.by)
  if (s.model) put('model', models[s.model])
  if (s.find) put('find', s.find)
  if (s.sort) put('sort', s.sort)
  return '#' + out.join('&')
}

function readHash() {
  const q = {}
  for (const pair of location.hash.slice(1).split('&')) {
    const [name, value] = pair.split('=')
    try { q[name] = decodeURIComponent(value || '') } catch { /* not an address of ours */ }
  }
  const at = byPath.get(q.at ?? paths[0])?.[+q.nth || 0] || 0
  const model = switchable && q.model ? Math.max(models.indexOf(q.model), 0) : 0
  const by = measures.some(m => m[0] === q.by) && !(model && firstModelOnly.has(q.by)) ? q.by : initial.by
  return {at, from: Math.max(Math.floor(+q.from) || 0, 0), view: q.view === 'icicle' ? 'icicle' : 'treemap', by, model,
    find: q.find || '', sort: q.sort || ''}
}

// set changes the state, as a new entry of the browser's history.
function set(changes) {
  const to = hashOf(changes)
  if (to === (location.hash || '#')) return
  if (to === '#') history.pushState(null, '', '#')
  else location.hash = to
  if (to === '#') show()
}
const go = place => set(place)
const up = () => set(state.from ? {from: 0} : {at: Math.max(parent[state.at], 0), from: 0})

// show draws what the address tells.
function show() {
  const before = state
  state = readHash()
  if (before.at !== state.at || before.find !== state.find) rowLimit = 40
  if ($('find').value !== state.find) $('find').value = state.find
  hideTip()
  search()
  drawModel()
  drawControls()
  drawMap()
  drawHere()
  drawPlaces()
  light()
}

// search finds places by path or type; a query in quotes is a whole type.
function search() {
  const query = state.find.trim().toLowerCase()
  found = null
  if (!query) return
  const exact = query.length > 2 && query.startsWith('"') && query.endsWith('"') ? query.slice(1, -1) : ''
  const hit = new Uint8Array(size), below = new Float64Array(size)
  const types = data.strings.map(s => exact ? s.toLowerCase() === exact : s.toLowerCase().includes(query))
  let places = 0, own = 0
  for (let i = 0; i < size; i++) {
    if (summary(i)) continue
    if (types[columns.type ? columns.type[i] : 0] || !exact && paths[i].toLowerCase().includes(query)) {
      hit[i] = 1
      places++
      own += figures(state.model).own[i] || 0
    }
  }
  for (let i = size - 1; i > 0; i--) below[parent[i]] += below[i] + hit[i]
  found = {hit, below, places, own}
}

// light lights up on the map what was found.
function light() {
  $('map').classList.toggle('searching', !!found)
  $('status').textContent = !found ? '' : found.places ? `${count(found.places)} ${found.places === 1 ? 'place' : 'places'}, ${bytes(found.own)} own`
    : 'nothing found'
  if (!found) return
  for (const c of cells) {
    const inside = c.kind === 'more' ? c.rest.some(i => found.hit[i] || found.below[i])
      : c.kind === 'place' && !found.hit[c.end] && !c.parted && found.below[c.at] > 0
    const hit = c.kind === 'more' || c.kind === 'part' ? false : found.hit[c.at] || c.kind === 'place' && found.hit[c.end]
    c.box.classList.toggle('hit', !!hit)
    c.box.classList.toggle('holds', !hit && inside)
    c.box.classList.toggle('frame', !hit && !inside && c.kind === 'place' && found.below[c.at] > 0)
  }
  for (const row of document.querySelectorAll('.list tbody tr')) {
    row.classList.toggle('hit', row.textContent.toLowerCase().includes(state.find.trim().toLowerCase()))
  }
}

function drawControls() {
  const crumbs = [], hidden = []
  for (let i = state.at; i >= 0; i = parent[i]) crumbs.unshift(i)
  const kept = crumbs.length > 8 ? [crumbs[0], -1, ...crumbs.slice(-6)] : crumbs
  $('path').replaceChildren(...kept.map(i => element('li', {}, i < 0 ? '…'
    : element('a', {href: hashOf({at: i, from: 0}), 'aria-current': i === state.at && !state.from ? 'location' : undefined}, cut(stepOf(i), 60)))))
  if (state.from) $('path').append(element('li', {}, element('span', {'aria-current': 'location'}, `from the ${count(state.from + 1)}th on`)))
  for (const b of document.querySelectorAll('[data-view]')) b.setAttribute('aria-pressed', b.dataset.view === state.view)
  for (const b of document.querySelectorAll('[data-model]')) b.setAttribute('aria-pressed', +b.dataset.model === state.model)
  $('by').replaceChildren(...measures.map(([value, label]) => element('option', {value, selected: value === state.by,
    disabled: state.model && firstModelOnly.has(value)}, label)))
  $('by').value = state.by
  $('hint').textContent = measures.find(m => m[0] === state.by)[2]
}

// drawHere tells all figures of the place that the map shows.
function drawHere() {
  const i = state.at
  const biggest = (data.biggest || []).filter(e => e.at === i).slice(0, 5)
  const saving = (data.waste || []).filter(s => byPath.get(s.path)?.[0] === i)
  $('here').replaceChildren(element('h2', {}, element('span', {class: 'path'}, cut(pathOf(i), 160)), ' ', element('span', {class: 'type'}, text('type', i) === pathOf(i) ? '' : cut(text('type', i), 160))),
    factList(i),
    ...biggest.length ? [element('p', {class: 'note'}, 'Biggest: ' + biggest.map((e, k) => `${cut(e.path || e.key || 'entry ' + (k + 1), 60)} ${bytes(e.retained || e.bytes)}`).join(', '))] : [],
    ...saving.map(s => element('p', {class: 'note'}, `${s.kind}, ${bytes(s.bytes)}: ${s.advice}`)))
}

const modelWords = {go: 'of Go memory', core: 'as Bitcoin Core counts', crate: 'as the bitcoin-mem crate counts'}
const wordsOf = name => modelWords[name] || `under the model ${name}`

// The head answers: how much, of what kind, where most of it lies. It is drawn once but for what
// depends on the model.
function drawHead() {
  if (data.home) $('home').href = data.home
  $('home').hidden = !data.home
  for (const l of data.links || []) $('links').append(element('a', {href: l.URL}, l.Name))
  $('title').textContent = data.title
  $('type').textContent = data.type && data.type !== data.title ? data.type : ''
  $('partial').hidden = !data.truncated
  $('partial').textContent = data.truncated ? `Partial: ${data.truncated}. The figures are those of what was seen.` : ''
  $('notes').replaceChildren(...insights().map(s => element('li', {}, ...[s].flat())), ...(data.notes || []).map(s => element('li', {}, s)))
  $('models').hidden = data.models.length < 2
  $('models').append(...data.models.map((m, k) => element('button', {type: 'button', 'data-model': k, disabled: k > 0 && !switchable,
    title: switchable ? wordsOf(m.name) : 'the tree has the figures of the first model alone',
    onclick: () => set({model: k, by: k && firstModelOnly.has(state.by) ? initial.by : state.by})},
  element('b', {}, m.name), ' ', bytes(m.total) + (diff ? ` (${signed(m.total - data.old[k].total)})` : ''))))
}

function drawModel() {
  const m = data.models[state.model], before = data.old?.[state.model]
  $('total').textContent = diff ? signed(m.total - before.total) : bytes(m.total)
  $('words').textContent = diff ? `${change(m.total, before.total) || 'no change'}: ${bytes(before.total)} → ${bytes(m.total)} ${wordsOf(m.name)}`
    : `${wordsOf(m.name)}, ${exactly(m.total)} in ${count(m.blocks)} ${m.blocks === 1 ? 'block' : 'blocks'}, ${m.exactness || data.exactness}`
  $('total').className = !diff || m.total === before.total ? '' : m.total > before.total ? 'more' : 'less'
  $('bar').replaceChildren()
  $('parts').replaceChildren()
  for (const [name, why] of parts) {
    const piece = element('i', {class: name})
    piece.style.width = (m.total ? 100 * m[name] / m.total : 0) + '%'
    if (m[name]) $('bar').append(piece)
    $('parts').append(element('li', {class: m[name] ? '' : 'none'}, element('i', {class: name, 'aria-hidden': 'true'}),
      element('span', {}, element('b', {}, name), ' ', bytes(m[name]), ' ', element('small', {}, before ? signed(m[name] - before[name]) : percent(m[name], m.total))), element('small', {class: 'why'}, why)))
  }
}

// insights are sentences on what stands out.
function insights() {
  const out = [], m = data.models[0], w = weights(diff ? 'change' : 'total', 0), f = figures(0)
  const code = i => placeLink(i, cut(pathOf(i), 80))
  let at = 0
  while (sorted(at, w).length && w.all[sorted(at, w)[0]] > 0.5 * w.all[0]) at = sorted(at, w)[0]
  if (at && diff) out.push(['Most of the change is in ', code(at), `: ${signed(f.total[at] - f.totalBefore[at])}.`])
  else if (at) out.push([`${percent(f.total[at], f.total[0])} lies in `, code(at), `, ${bytes(f.total[at])}.`])
  const large = parts.slice(1).filter(([name]) => m[name] > 0.25 * m.total)
  for (const [name, why] of diff ? [] : large) out.push(`${percent(m[name], m.total)} is ${name}: ${why}.`)
  if (data.waste?.length) out.push(`${bytes(data.waste.reduce((s, w) => s + w.bytes, 0))} could be saved.`)
  if (data.coverage) out.push(`This explains ${percent(data.coverage.held, data.coverage.live)} of the ${bytes(data.coverage.live)} that the last collection found live; ${bytes(data.coverage.since)} were allocated since.`)
  if (data.pinned) out.push(`${bytes(data.pinned)} are pinned: kept alive and out of reach, for the collector frees a block as a whole.`)
  if (data.program) out.push(`${bytes(data.program)} are reached only through types that lead to the program.`)
  if (data.static) out.push(`${bytes(data.static)} of static memory are not on the heap, and not counted.`)
  const proven = data.models.filter(m => m.bounds && m.bounds.min !== m.bounds.max)
    .map(({name, bounds: b}) => `${name} ${b.max === undefined ? 'at least ' + bytes(b.min) : `${bytes(b.min)} … ${bytes(b.max)}`}`)
  if (proven.length) out.push(`Proven, whatever the Go types are: ${proven.join(', ')}.`)
  return out
}

function start() {
  paint()
  drawHead()
  document.body.classList.add(data.kind)
  $('lists').append(...sections())
  $('scale').hidden = !diff
  $('retained-word').hidden = !columns.retained
  for (const b of document.querySelectorAll('[data-view]')) b.addEventListener('click', () => set({view: b.dataset.view}))
  $('by').addEventListener('change', e => set({by: e.target.value}))
  $('more').addEventListener('click', () => { rowLimit += 100; drawPlaces() })
  let timer
  $('find').addEventListener('input', e => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      state = readHash() // which may have changed since
      history.replaceState(null, '', hashOf({find: e.target.value}))
      show()
    }, 80)
  })
  $('theme').addEventListener('click', () => {
    const dark = getComputedStyle(document.body).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches
    const root = document.documentElement
    root.dataset.theme = root.dataset.theme ? (root.dataset.theme === 'dark' ? 'light' : 'dark') : dark ? 'light' : 'dark'
  })
  listenToMap()
  $('places').addEventListener('pointerover', e => point(+(e.target.closest('tr')?.dataset.at ?? -1)))
  $('places').addEventListener('pointerleave', () => point(-1))
  addEventListener('hashchange', show)
  addEventListener('popstate', () => { if (!location.hash) show() })
  new ResizeObserver(() => { if (drawn !== $('map').clientWidth + ' ' + $('map').clientHeight) { drawMap(); light() } }).observe($('map'))
  addEventListener('keydown', e => {
    const typing = e.target === $('find')
    if (e.key === '/' && !typing) { e.preventDefault(); $('find').focus() }
    if (e.key === 'Escape' && typing && $('find').value) { $('find').value = ''; $('find').dispatchEvent(new Event('input')) }
    else if (e.key === 'Escape' && !typing && state.at) up()
  })
  show()
}
start()
