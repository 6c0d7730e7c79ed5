import { describe, it } from 'vitest'
import { type Escape, inFactory, onConnect, onPower, setEscapeStage } from '../../../helpers/escape-stage.ts'

const stage = setEscapeStage('too much')

const memory = 'needs more memory than a device has (4 MB)'
const overtime = 'ran for 250 ms without coming to an end; is there an endless loop?'
const deep = 'calls itself too deep: the stack has overflowed'

const memories: Escape[] = [
  ['an array of a thousand million', 'new Array(1e9).fill(0)', memory],
  ['a text of two thousand million characters', "'x'.repeat(2 ** 30 - 1)", memory],
  ['a text that doubles', "let text = 'x'; for (;;) text += text", 'InternalError: string too long'],
  ['padding', "'x'.padStart(2 ** 30 - 1, 'yz')", memory],
  ['octets', 'new ArrayBuffer(2 ** 31)', 'RangeError: invalid array buffer length'],
  ['octets, many times', 'const all = []; for (;;) all.push(new Uint8Array(60_000))', memory],
  // What else was lost for want of memory nobody can tell.
  ['octets, and takes no notice', 'const all = []; try { for (;;) all.push(new Uint8Array(60_000)) } catch {}', memory],
  ['a number of a thousand million digits', '1n << 1_000_000_000n', 'RangeError: BigInt is too large to allocate'],
  ['a map', 'const all = new Map(); for (let i = 0; ; i++) all.set(i, new Array(1000).fill(i))', memory],
  [
    'JSON with wide margins',
    "JSON.stringify(Array.from({ length: 2e4 }, () => [1, [2]]), null, ' '.repeat(10))",
    memory,
  ],
  ['closures', 'const all = []; for (;;) { const held = new Array(1000).fill(1); all.push(() => held) }', memory],
  ['waiting promises', 'const all = []; for (;;) all.push(new Promise(() => {}), new Array(500).fill(1))', memory],
  ['names of properties', "const all = {}; for (let i = 0; ; i++) all['name' + i] = new Array(500).fill(i)", memory],
  ['symbols', "const all = []; for (let i = 0; ; i++) all.push(Symbol.for('x'.repeat(1000) + i))", memory],
  ['source text', "eval('[' + '0,'.repeat(1e6) + ']')", memory],
].map(([what, code, fails]) => ({
  tries: what as string,
  script: onPower(`      ${code}`),
  fails: fails as string | RegExp,
}))

const depths: Escape[] = [
  ['a function', 'const down = () => down() + 1; down()', deep],
  ['a getter', 'const down = { get down() { return this.down } }; down.down', deep],
  ['a proxy of proxies', 'let down = {}; for (let i = 0; i < 3e4; i++) down = new Proxy(down, {}); down.x', memory],
  ['bound functions', 'let down = () => 1; for (let i = 0; i < 2e4; i++) down = down.bind(null); down()', memory],
  ['a comparison in a sort', 'const down = () => [2, 1].sort(down).length; down()', deep],
  ['toString of an array in arrays', 'let down = []; for (let i = 0; i < 2e4; i++) down = [down]; String(down)', deep],
  ['flat', 'let down = []; for (let i = 0; i < 2e4; i++) down = [down]; down.flat(Infinity)', deep],
  ['JSON that is read', "JSON.parse('['.repeat(1_000_000))", /stack overflow/],
  [
    'JSON that is written',
    'let down = []; for (let i = 0; i < 2e4; i++) down = [down]; JSON.stringify(down)',
    /did not come back within 1 s$|too deep/,
  ],
  ['source text', "eval('('.repeat(100_000))", /stack overflow/],
  ['a regular expression', "new RegExp('('.repeat(50_000) + ')'.repeat(50_000))", 'SyntaxError: too many captures'],
  ['a class of classes', "eval('class a extends ('.repeat(3000) + 'Object' + ') {}'.repeat(3000))", /stack overflow/],
  ['replace that calls itself', "const down = () => 'a'.replace(/a/, down); down()", deep],
].map(([what, code, fails]) => ({
  tries: what as string,
  script: onPower(`      ${code}`),
  fails: fails as string | RegExp,
}))

const sources: Escape[] = [
  {
    tries: 'a script of a hundred thousand brackets',
    script: `export default ${'('.repeat(100_000)}`,
    fails: /nests too deep to be read/,
  },
  {
    tries: 'a script of nested types',
    script: `type T = ${'Array<'.repeat(20_000)}1${'>'.repeat(20_000)}\nexport default 1\n`,
    fails: /nests too deep to be read/,
  },
  {
    tries: 'a script of one long line',
    script: `export default ${'1 + '.repeat(50_000)}1\n`,
    fails: 'the default export must be what device(...) gives',
    at: '1',
  },
]

const floods: Escape[] = [
  {
    tries: 'timers',
    script: inFactory('  for (;;) every(1000, () => {})'),
    fails: /^1000 timers run at once/,
    at: '3',
  },
  {
    tries: 'lines of its console',
    script: onPower(
      `      for (let i = 0; i < 300; i++) log('x'.repeat(1000), i)\n      after(20, () => { throw new Error('enough') })`,
    ),
    fails: 'enough',
    at: '6',
  },
  {
    tries: 'small messages',
    script: onConnect("      for (;;) client.publish('stranger/flood', 'x')"),
    fails: overtime,
  },
  {
    tries: 'big messages',
    script: onConnect(
      "      const octets = new Uint8Array(500_000)\n      for (;;) client.publish('stranger/flood', octets)",
    ),
    fails: overtime,
  },
  {
    tries: 'messages that nobody acknowledges',
    script: onConnect("      for (;;) client.publish('stranger/flood', 'x', { qos: 2 })"),
    fails: overtime,
  },
  {
    tries: 'subscriptions',
    script: onConnect("      for (let i = 0; ; i++) client.subscribe('stranger/' + i)"),
    fails: overtime,
  },
  {
    tries: 'messages to itself, each answered by two',
    script: inFactory(`
  return {
    async connected({ client }) { await client.subscribe('stranger/echo'); client.publish('stranger/echo', 'x'); after(400, () => { throw new Error('enough') }) },
    message({ client, topic }) { client.publish(topic, 'x'); client.publish(topic, 'x') },
  }`),
    fails: /^enough$|needs more memory/,
  },
  {
    tries: 'its share of time in hundreds of timers',
    script: onPower(`      const until = clock.now() + 2000
      for (let i = 0; i < 300; i++) every(1, () => {
        for (let n = 0; n < 1e5; n++);
        if (clock.now() > until) throw new Error('enough')
      })`),
    fails: 'enough',
    at: '8',
  },
]

describe.each([
  ['more memory than it has', memories],
  ['a depth that has no end', depths],
  ['source text that is too much', sources],
  ['a flood', floods],
])('%s', (_what, attempts) => {
  it.each(attempts)('$tries', (attempt) => stage.run(attempt))
})
