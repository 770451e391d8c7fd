'use strict'
const page = document.getElementById('page')
const data = JSON.parse(document.getElementById('data').textContent)
const add = (to, tag, text) => { const e = document.createElement(tag); e.textContent = text; to.append(e); return e }
page.replaceChildren()
if (data.home) add(page, 'a', 'all').href = data.home
for (const l of data.links || []) add(page, 'a', l.Name).href = l.URL
add(page, 'h1', data.title)
for (const m of data.models) add(page, 'p', `${m.name}: ${m.total.toLocaleString('en')} bytes`)
const table = add(page, 'table', ''), places = data.places, total = places.own[0].slice(), depth = [0]
for (let i = total.length; --i > 0;) total[places.parent[i]] += total[i]
for (let i = 0; i < Math.min(total.length, 500); i++) {
  if (i) depth[i] = depth[places.parent[i]] + 1
  const row = add(table, 'tr', '')
  add(row, 'td', '\u2007'.repeat(2 * depth[i]) + data.strings[places.step[i]] + ' ' + data.strings[places.type[i]])
  add(row, 'td', total[i].toLocaleString('en'))
}
