import { describe, it } from 'vitest'
import { type Escape, inFactory, onConnect, onPower, setEscapeStage } from '../../../helpers/escape-stage.ts'

const stage = setEscapeStage('endless')

const overtime = 'ran for 250 ms without coming to an end; is there an endless loop?'
const stuck = 'a callback of every or after did not come back within 1 s'

const callbacks: Escape[] = [
  { tries: 'at the top of its script', script: "import 'faultline'\nfor (;;);\n", fails: overtime, at: '1' },
  { tries: 'in its factory', script: inFactory('  for (;;);'), fails: overtime, at: '2' },
  { tries: 'in powerOn', script: onPower('      for (;;);'), fails: overtime, at: '4' },
  {
    tries: 'in a loop of its own lines, of which one calls',
    script: onPower('      let n = 0\n      while (true) {\n        n = Math.max(n, 1)\n      }'),
    fails: overtime,
    at: '7',
  },
  { tries: 'in connected', script: onConnect('      for (;;);'), fails: overtime, at: '4' },
  {
    tries: 'in message',
    script: inFactory(`
  return {
    async connected({ client }) { await client.subscribe('stranger/self'); client.publish('stranger/self', 'x') },
    message() { for (;;); },
  }`),
    fails: overtime,
    at: '6',
  },
  {
    tries: 'in disconnected',
    script: inFactory(`
  return {
    connected({ client }) { client.publish('#', 'x').catch(() => {}); every(5, () => { throw new Error('on purpose') }) },
    disconnected() { for (;;); },
  }`),
    fails: 'on purpose',
    at: '5',
  },
  { tries: 'in every', script: onPower('      every(5, () => { for (;;); })'), fails: overtime, at: '5' },
  { tries: 'in after', script: onPower('      after(5, () => { for (;;); })'), fails: overtime, at: '5' },
  {
    tries: 'in what JSON asks of a payload',
    script: onConnect("      client.publish('x', { toJSON() { for (;;); } })"),
    fails: overtime,
    at: '5',
  },
  {
    tries: 'in what the library asks of its options',
    script: inFactory('  return { client: { get keepAlive() { for (;;); } } }'),
    fails: overtime,
    at: '3',
  },
  {
    tries: 'in the finally of every loop',
    script: onPower('      for (;;) try { for (;;); } finally { continue }'),
    fails: overtime,
    at: '4',
  },
  {
    tries: 'in a generator that is never done',
    script: onPower('      for (const each of (function* () { for (;;) yield 1 })()) each.toString()'),
    fails: overtime,
    at: '5',
  },
]

const promises: Escape[] = [
  {
    tries: 'in a chain of promises',
    script: onPower('      const again = () => { Promise.resolve().then(again) }\n      again()'),
    fails: overtime,
  },
  { tries: 'in an async function that awaits nothing', script: onPower('      for (;;) await 0'), fails: overtime },
  {
    tries: 'in a promise that follows itself through a thenable',
    script: onPower('      const thenable = { then(done) { done(thenable) } }\n      await thenable'),
    fails: overtime,
  },
  {
    tries: 'in an async iterator without end',
    script: onPower('      for await (const each of (async function* () { for (;;) yield 1 })()) each.toString()'),
    fails: overtime,
  },
  {
    tries: 'in handlers that reject for ever',
    script: onPower('      const again = () => Promise.reject(new Error()).catch(again)\n      await again()'),
    fails: /^needs more memory|^ran for 250 ms|^threw an error without/,
  },
  {
    tries: 'with two chains that wake each other',
    script: onPower(`
      let other = () => {}
      const one = () => { Promise.resolve().then(() => other()) }
      other = () => { Promise.resolve().then(one) }
      one()`),
    fails: overtime,
  },
]

const bombs: Escape[] = [
  ['(a+)+', "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
  ['alternatives that overlap', "/^(?:a|aa)+$/.test('a'.repeat(60) + 'b')"],
  ['nested lookaheads', "/^(?=(a+))(?=(a*)*)(a*)*b$/.test('a'.repeat(40))"],
  ['letters of any case', "/^(\\\\p{L}+)+$/iu.test('å'.repeat(40) + '1')"],
  ['replace', "'a'.repeat(40).replace(/(a*)*b/g, 'x')"],
  ['split', "('a'.repeat(40) + 'b').split(/(?:a+)+c/)"],
].map(([what, code]) => ({
  tries: what as string,
  script: onPower(`      ${code?.replaceAll('\\\\', '\\')}`),
  fails: overtime,
}))

/** Builtins that do not ask whether they should stop: the watchdog outside ends them. */
const builtins: Escape[] = [
  ['indexOf', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
  ['lastIndexOf', 'Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)'],
  ['includes', 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)'],
  ['join', 'new Array(2 ** 32 - 2).join()'],
  ['reverse', 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })'],
  ['copyWithin', 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 5)'],
  ['unshift', 'Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1)'],
  ['sort', 'Array.prototype.sort.call({ length: 2 ** 53 - 1 })'],
].map(([what, code]) => ({ tries: what as string, script: onPower(`      after(5, () => ${code})`), fails: stuck }))

describe.each([
  ['a loop without end', callbacks],
  ['a chain of promises without end', promises],
  ['an expression that backtracks', bombs],
  ['a builtin that cannot be interrupted', builtins],
])('%s', (_what, attempts) => {
  it.each(attempts)('$tries', (attempt) => stage.run(attempt))
})
