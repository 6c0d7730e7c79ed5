import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport } from '../../../../../main/scenarios/reporters/html.ts'
import { everyRun, failed, nasty, runOf } from '../../../../helpers/run-reports.ts'

const voids = ['meta']

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
    const names = elements(htmlReport(everyRun(), 1))
    expect(names.filter((name) => /^(script|link|img|iframe|object|a)\b|src=|href=|\son\w+=/.test(name))).toEqual([])
    expect(names.filter((name) => name.startsWith('details class="run '))).toHaveLength(7)
    expect(names.join(' ')).toContain("default-src 'none'")
  })

  it('shows each text as it is, in every place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(elements(htmlReport(everyRun(text), 0))).toEqual(
          elements(htmlReport(everyRun(text.length > 0 ? 'x' : ''), 0)),
        )
      }),
      { numRuns: 50 },
    )
    expect(htmlReport([runOf({ name: nasty })], 0)).toContain(
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
      0,
    )
    expect(page).toContain('<details class="run failed" open>')
    expect(page).toContain('<details class="run passed">')
    expect(page).toContain('──PUBLISH 7 QoS 2──────▶')
    expect(page).toContain('<dt>seed</dt><dd>42</dd>')
    expect(page).toContain('style="left:50.00%"')
    expect(page).toContain('prefers-color-scheme: dark')
  })
})
