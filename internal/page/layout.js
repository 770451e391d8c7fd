// Cells of the map: {kind, at, x, y, w, h, level, label, weight}. A cell is a place, what a place
// owns itself ("own"), children too small to be seen ("more", from which of them on), or a part.
const most = 2000 // cells

// squarify lays weights into a rectangle, in their order, with sides as equal as they can be (Bruls,
// Huizing and van Wijk, 2000).
function squarify(items, x, y, w, h) {
  let left = items.reduce((sum, c) => sum + c.weight, 0)
  for (let start = 0; start < items.length && left > 0;) {
    const wide = w >= h, side = wide ? h : w, scale = w * h / left
    let end = start, sum = 0, least = Infinity, large = 0, best = Infinity
    for (; end < items.length; end++) {
      const next = items[end].weight
      const s = (sum + next) * scale, low = Math.min(least, next) * scale, high = Math.max(large, next) * scale
      const worst = Math.max(side * side * high / (s * s), s * s / (side * side * low))
      if (worst > best) break
      best = worst; sum += next; least = Math.min(least, next); large = Math.max(large, next)
    }
    const thick = sum * scale / side
    let at = 0
    for (; start < end; start++) {
      const c = items[start], long = c.weight / sum * side
      Object.assign(c, wide ? {x, y: y + at, w: thick, h: long} : {x: x + at, y, w: long, h: thick})
      at += long
    }
    if (wide) { x += thick; w -= thick } else { y += thick; h -= thick }
    left -= sum
  }
}

// chain follows places with one child that own next to nothing: they are one cell.
function chain(i, w) {
  let label = stepOf(i), end = i
  while (kids[end].length === 1 && w.all[kids[end][0]] > 0 && w.self[end] <= 0.003 * w.all[end]) {
    end = kids[end][0]
    label += stepOf(end)
  }
  return {end, label}
}

// inside are the cells in a place, the heaviest first; those whose weight is below least are one.
function inside(cell, w, least, room) {
  const children = sorted(cell.end, w), from = cell.from || 0
  const items = []
  for (let k = from; k < children.length; k++) {
    const i = children[k]
    if (w.all[i] < least || items.length >= room) {
      if (k === children.length - 1 && items.length < room) {
        items.push(place(i, cell, w))
        break
      }
      const rest = children.slice(k)
      items.push({kind: 'more', at: cell.end, from: k, rest, level: cell.level + 1, hue: cell.hue,
        weight: rest.reduce((sum, i) => sum + w.all[i], 0), label: count(rest.length + rest.reduce((n, i) => n + Math.max(summary(i) - 1, 0), 0)) + ' more'})
      break
    }
    items.push(place(i, cell, w))
  }
  if (!from && w.self[cell.end] >= least && children.length) {
    items.push({kind: 'own', at: cell.end, level: cell.level + 1, hue: ownHue(cell.end), weight: w.self[cell.end], label: 'own'})
  }
  return items.sort((a, b) => (a.kind === 'more') - (b.kind === 'more') || b.weight - a.weight)
}

const place = (i, cell, w) => ({kind: 'place', at: i, weight: w.all[i], level: cell.level + 1, hue: hues[i], ...chain(i, w)})

// Hues tell the largest branches apart: what is above them has none. A branch of more than a third
// is split into its own, so that one does not have all the colour; what it owns itself is one too.
const hues = new Int8Array(size), ownHues = new Map()
function paint() {
  const w = weights(measures[0][0], 0), total = w.all[0]
  let regions = [{i: 0, weight: total}]
  for (;;) {
    const split = regions.filter(r => !r.self && kids[r.i].length && r.weight > total / 3).sort((a, b) => b.weight - a.weight)[0]
    if (!split || regions.length > 7) break
    regions = regions.filter(r => r !== split)
    for (const i of sorted(split.i, w)) if (w.all[i] > total / 500) regions.push({i, weight: w.all[i]})
    if (w.self[split.i] > total / 50) regions.push({i: split.i, weight: w.self[split.i], self: true})
  }
  regions.sort((a, b) => b.weight - a.weight)
  hues.fill(-1)
  regions.forEach(({i, self}, rank) => self ? ownHues.set(i, Math.min(rank, 7)) : hues[i] = Math.min(rank, 7))
  for (let i = 1; i < size; i++) if (hues[i] < 0) hues[i] = hues[parent[i]]
}
const ownHue = i => ownHues.get(i) ?? hues[i]

// refine opens cells, the largest first, until there are enough of them.
function refine(top, extent, open) {
  const cells = [top], queue = [top]
  while (queue.length && cells.length < most) {
    const cell = queue.pop()
    for (const c of open(cell, most - cells.length)) {
      cells.push(c)
      cell.parted = true
      if (c.kind !== 'place' || !kids[c.end].length) continue
      let low = 0, high = queue.length
      while (low < high) { const mid = low + high >> 1; if (extent(queue[mid]) < extent(c)) low = mid + 1; else high = mid }
      queue.splice(low, 0, c)
    }
  }
  return cells.slice(1)
}

const head = 21, gap = 3 // pixels: the line with a cell's name, the frame around what is in it

function treemap(here, w, width, height) {
  const small = width < 560 // a phone's: only what is large enough to read is parted
  const top = {kind: 'place', at: here.at, end: here.at, from: here.from, x: 0, y: 0, w: width, h: height, level: 0, hue: hues[here.at]}
  return refine(top, c => c.w * c.h, (cell, room) => {
    const frame = cell === top ? 0 : gap, line = cell === top ? 0 : head
    const x = cell.x + frame, y = cell.y + line, wide = cell.w - 2 * frame - (cell === top ? 0 : 1), high = cell.h - line - frame - (cell === top ? 0 : 1)
    if (cell !== top && (small ? wide < 84 || high < 50 : wide < 40 || high < 18) || cell.level > 9) return []
    const sum = cell.from ? sorted(cell.end, w).slice(cell.from).reduce((s, i) => s + w.all[i], 0) : w.all[cell.end]
    const items = inside(cell, w, sum * 110 / (wide * high), room - 1)
    squarify(items, x, y, wide, high)
    return items
  })
}

// flat lays out all places below one by what they own themselves.
function flat(here, w, width, height) {
  const list = []
  for (const next = [here.at]; next.length;) {
    const i = next.pop()
    if (w.self[i] > 0) list.push(i)
    next.push(...kids[i])
  }
  list.sort((a, b) => w.self[b] - w.self[a] || a - b)
  const from = here.from || 0, base = paths[here.at]
  const sum = list.slice(from).reduce((s, i) => s + w.self[i], 0)
  let end = from
  while (end < list.length && end - from < most / 2 && w.self[list[end]] * width * height >= 110 * sum) end++
  const cells = list.slice(from, end).map(i => ({kind: 'own', at: i, end: i, level: 1, hue: ownHue(i), weight: w.self[i],
    label: i === here.at ? stepOf(i) : paths[i].startsWith(base) ? paths[i].slice(base.length) || stepOf(i) : pathOf(i)}))
  if (end < list.length) {
    const rest = list.slice(end)
    cells.push({kind: 'more', at: here.at, from: end, rest, level: 1, hue: -1, label: count(rest.length) + ' more',
      weight: rest.reduce((s, i) => s + w.self[i], 0)})
  }
  squarify(cells, 0, 0, width, height)
  return cells
}

// icicle lays out levels as columns, with heights by weight.
function icicle(here, w, width, height) {
  const columns = Math.max(3, Math.min(9, Math.floor(width / 165))), wide = width / columns
  const start = {kind: 'place', at: here.at, end: here.at, from: here.from, x: 0, y: 0, w: wide, h: height, level: 1,
    hue: hues[here.at], weight: w.all[here.at], label: stepOf(here.at)}
  const top = {...start, level: 0, end: -1}
  const cells = refine(top, c => c === top ? Infinity : c.h, (cell, room) => {
    if (cell === top) return [start]
    if (cell.level >= columns) return []
    const sum = cell.from ? sorted(cell.end, w).slice(cell.from).reduce((s, i) => s + w.all[i], 0) : w.all[cell.end]
    const items = inside(cell, w, 4 * sum / cell.h, room - 1)
    let y = cell.y
    for (const c of items) {
      Object.assign(c, {x: cell.x + wide, y, w: wide, h: c.weight / sum * cell.h})
      y += c.h
    }
    return items
  })
  const stretch = columns / Math.max(...cells.map(c => c.level))
  for (const c of cells) { c.x *= stretch; c.w *= stretch }
  return cells
}

// anatomy lays out what a place without children is made of.
function anatomy(here, w, width, height) {
  const cells = partsOf(here.at).filter(p => p[1] > 0)
    .map(([part, weight]) => ({kind: 'part', part, at: here.at, level: 1, hue: hues[here.at], weight, label: part}))
  cells.sort((a, b) => b.weight - a.weight)
  squarify(cells, 0, 0, width, height)
  return cells
}
