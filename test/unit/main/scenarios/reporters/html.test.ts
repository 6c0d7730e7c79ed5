import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport } from '../../../../../main/scenarios/reporters/html.ts'
import { everyRun, failed, leftOf, nasty, runOf } from '../../../../helpers/run-reports.ts'

const voids = ['br', 'input', 'meta']

/** The names of its elements, in order; throws where one is not closed in its place. */
function elements(page: string): string[] {
  const names: string[] = []
  const open: string[] = []
  const body = page.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '')
  for (const [, end, name = '', rest] of body.matchAll(/<(\/?)([a-z0-9]+)((?:\s[a-z-]+(?:="[^"<>]*")?)*)>|</g)) {
    if (name === '') throw new Error('a < that begins no element')
    if (end) {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else`)
    } else {
      names.push(`${name}${rest}`)
      if (!voids.includes(name)) open.push(name)
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`)
  return names
}

describe('the HTML report', () => {
  it('is well formed and needs nothing from elsewhere, whatever is in a run', () => {
    const names = elements(htmlReport(everyRun(), [leftOf({ name: nasty })]))
    expect(names.filter((name) => /^(script|link|img|iframe|object|a)\b|src=|href=|\son\w+=/.test(name))).toEqual([])
    expect(names.filter((name) => name.startsWith('details class="run '))).toHaveLength(7)
    expect(names.join(' ')).toContain("default-src 'none'")
  })

  it('shows each text as it is, in every place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(elements(htmlReport(everyRun(text), [leftOf({ name: text })]))).toEqual(
          elements(htmlReport(everyRun(text.length > 0 ? 'x' : ''), [leftOf()])),
        )
      }),
      { numRuns: 50 },
    )
    expect(htmlReport([runOf({ name: nasty })], [])).toContain(
      "&lt;b&gt;&quot;it's&quot; &amp; ]]&gt; \ufffd\ufffd[31m\ufffd \u{1f600}\ufffd\n&lt;/script&gt;&lt;!--",
    )
  })

  it('has the timeline, the ladder and the seed of a failure, and is open there', () => {
    const page = htmlReport(
      [
        runOf({
          verdict: failed({}),
          deeds: [{ what: 'power is cut', kind: 'powerLoss', at: 617.25, step: undefined, place: undefined }],
        }),
        runOf(),
      ],
      [leftOf(), leftOf({ repetition: 2 })],
    )
    expect(page).toContain('<details class="run failed" open>')
    expect(page).toContain('<details class="run passed">')
    expect(page).toContain('──PUBLISH 7 QoS 2──────▶')
    expect(page).toContain('<dt>seed</dt><dd>42</dd>')
    // Of the time of its body, which began after 200 ms.
    expect(page).toContain('style="left:40.33%"')
    expect(page).toContain('1 passed, 1 failed, 2 not begun')
    expect(page).toContain('<span class="mark">not begun 2 times: stopped</span> <b>a tank runs over</b>')
    expect(page).toContain('prefers-color-scheme: dark')
  })

  it('stays small enough for a browser, tells what did not pass in full, and says what is left out', () => {
    const log = Array.from({ length: 3000 }, (_, at) => ({ at, text: `${at} `.padEnd(200, '.') }))
    const passed = Array.from({ length: 60 }, (_, at) => runOf({ log, repetition: at + 1 }))
    const failures = Array.from({ length: 60 }, (_, at) => ({ what: `expectation ${at + 1}` }))
    const page = htmlReport([...passed, runOf({ log, name: 'the last of them', verdict: failed(...failures) })], [])
    expect(Buffer.byteLength(page)).toBeLessThan(10_100_000)
    expect(elements(page).filter((name) => name.startsWith('details class="run '))).toHaveLength(61)
    const [, last = ''] = page.split('the last of them')
    expect(last.match(/class="failure"/g)).toHaveLength(50)
    expect(last).toContain('10 failures more: --reporter json has them all')
    expect(last).toContain('2000 lines more: --reporter json has them all')
    expect(page.match(/Its timeline, expectations and log are left out/g)?.length).toBeGreaterThan(20)
    expect(htmlReport([...passed, ...passed].slice(0, 2), [])).not.toContain('left out')
  })

  it('has a box that leaves what passed out, where that changes something', () => {
    const good = runOf()
    const bad = runOf({ verdict: { is: 'stopped' } })
    expect(htmlReport([good, bad, good], [])).toContain('only what did not pass (1)</label>')
    expect(htmlReport([good, good], [])).not.toContain('<label')
    expect(htmlReport([bad, bad], [])).not.toContain('<label')
    expect(htmlReport([], [])).toContain('nothing ran')
  })
})
