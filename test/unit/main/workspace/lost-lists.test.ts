import { describe, expect, it } from 'vitest'
import { lostLists } from '../../../../main/workspace/lost-lists.ts'

const found = (text: string) =>
  lostLists(text).map(({ after, end, name, start }) => {
    expect(text.slice(start, end)).toBe(name)
    expect(text[after - 1]).toBe(')')
    return name
  })

describe('lists of which nobody waits for the promises', () => {
  it.each([
    ['a.b.forEach(async (c) => { await c.d() })', 'forEach'],
    ["await step('x', () => a.forEach((b) => b.c()))", 'forEach'],
    ['a().b[1].forEach(async function (c) { await c })', 'forEach'],
    ['a.forEach(cut)\nb?.forEach(c => c.d())', 'forEach', 'forEach'],
    ['if (a.some(async (b) => b.c())) d()', 'some'],
    ['const a = b.filter(async (c) => await c.d())', 'filter'],
    ['a.map(async (b) => b.c())', 'map'],
    ['d()\nawait a.map((b) => b.c())\nd()', 'map'],
    ["await step('x', async () => a.flatMap((b) => [b.c()]))", 'flatMap'],
    ["e()\nawait step('x', () => a.b.map(c))", 'map'],
  ])('are found: %s', (text, ...names) => {
    expect(found(text)).toEqual(names)
  })

  it.each([
    'void a.forEach(async (b) => { await b.c() })',
    'a.forEach((b) => { c.push(b.d()) }); a.forEach((b) => (c[b.id] = b.d())); a.forEach((b) => void b.c())',
    'a.forEach((b) => b.c().catch(d)); a.forEach((b) => b.c().then(d, e))',
    'await Promise.all(a.map(async (b) => b.c()))',
    'const b = a.map(async (c) => c.d()); b = await a.map(c); d(a.map(c)); return a.map(c)',
    "const jobs = await step('x', () => a.map(c)); await step('x', () => (b = a.map(c)))",
    "await step('x', () => Promise.all(a.map(c))); await steps('x', () => a.map(c))",
    'forEach(async () => {}); a.forEach; a.each(async () => {})',
    "'a.forEach(async () => {})' // a.forEach(async () => {})",
    'a.map(b).c()',
    'a.forEach(async (b',
  ])('are none where somebody may: %s', (text) => {
    expect(found(text)).toEqual([])
  })
})
