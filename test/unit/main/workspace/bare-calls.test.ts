import { describe, expect, it } from 'vitest'
import { bareCalls } from '../../../../main/workspace/bare-calls.ts'

const callsIn = (text: string): string[] => bareCalls(text).map(({ end, start }) => text.slice(start, end))

describe('the calls of a script that are statements', () => {
  it.each([
    ['pump.powerLoss()'],
    [`expect(watch).toReceive({ a: \`\${1}\` }, { within: "2s" })`],
    ['expect.soft(pump.exchanges).toShow("PUBLISH").within("2s")'],
    ['devices.pump[0].powerLoss()'],
    ['pump?.powerLoss?.()'],
    ['pump!.powerLoss()'],
    ['step<number>("a", work)'],
    ['this.#pump.powerLoss()'],
    ['observer\n  .subscribe("a") // here\n  .more()'],
    ['$()'],
  ])('are found: %s', (call) => {
    expect(callsIn(call)).toEqual([call])
    expect(callsIn(`const a = 1\n${call}\nconst b = 2`)).toEqual([call])
    expect(callsIn(`a: { b() };${call};c`)).toContain(call)
    expect(callsIn(`() => { ${call} }`)).toEqual([call])
    expect(callsIn(`if (a) ${call}\nelse ${call}\n`)).toEqual([call, call])
    expect(callsIn(`switch (a) { case 1: ${call}; default: ${call} }`)).toEqual([call, call])
  })

  it('are found in what a call is given', () => {
    const inner = 'pump.powerOn()'
    const outer = `step('a', async () => {\n  ${inner}\n  await b()\n})`
    expect(callsIn(outer)).toEqual([outer, inner])
  })

  it('are none where what they give is taken', () => {
    const taken = [
      'await a()',
      'await\na()',
      'void a()',
      'return a()',
      'const b = a()',
      'const b =\n  a()',
      'b = a()',
      'c = b(a())',
      '[a()]',
      '({ a: b() })',
      'const c = {\n  a: b(),\n}',
      '() => a()',
      '() =>\n  a()',
      'b +\n  a()',
      'a() + b',
      'a()\n  .b',
      'a()\n  || b',
      'a()\n  ? b : c',
      'a() as B',
      'b ? a() : c',
      'a()`b`',
      `\`b \${a()} c\``,
      '// a()',
      "'a()'",
      'throw a()',
      'a',
      'a.b',
    ]
    for (const text of taken) expect(callsIn(text), text).toEqual([])
  })

  it('are none where they declare', () => {
    const others = [
      'function a() {}',
      'async function a() {}',
      'class A {\n  a() {}\n  async b()\n  {\n  }\n  get c() { return 1 }\n}',
      'const a = {\n  b() {},\n  c(x: number) {\n  },\n}',
      'if (a) {}',
      'while (a()) {}',
      'for (const a of b()) {}',
      'do {} while (a())',
      'switch (a()) {}',
      'try {} catch (e) {}',
      'interface A {\n  b(): void\n  c(x: number): Promise<void>\n}',
      'super(a)\nimport("a")',
      `type A = typeof import('faultline')`,
    ]
    for (const text of others) expect(callsIn(text), text).toEqual([])
  })

  it('are none where somebody has seen to what they give', () => {
    const handled = [
      'a().catch(() => {})',
      'a().then(b, c)',
      'a().then((d, e) => {}, f)',
      'a().then(b).catch(c)',
      'a().catch(b).then(c)',
    ]
    for (const text of handled) expect(callsIn(text), text).toEqual([])
  })

  it('are found where more was added to a promise that may fail', () => {
    const named = {
      'a.b().then((c, d) => {})': 'b',
      'a()\n  .then([b, c],)': 'a',
      'a().finally(b)': 'a',
      'Promise.all([a()])': 'Promise.all',
    }
    for (const [text, name] of Object.entries(named)) {
      expect(bareCalls(text).map((call) => [text.slice(call.start, call.end), call.name])).toEqual([[text, name]])
    }
  })

  it('are read in time that grows as the text does', () => {
    const text = 'a(()=>{'.repeat(20_000)
    expect(callsIn(text)).toEqual([])
    expect(bareCalls(`${text}${'})'.repeat(20_000)}`).length).toBe(20_000)
  })
})
