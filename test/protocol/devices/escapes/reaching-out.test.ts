import { describe, it } from 'vitest'
import { type Escape, inFactory, onConnect, onPower, setEscapeStage } from '../../../helpers/escape-stage.ts'

const stage = setEscapeStage('reaching out')

/** What Node, a browser or QuickJS's own shell would have. */
const things = [
  'process, require, module, globalThis.global, Buffer, fetch, XMLHttpRequest, WebSocket, WebAssembly, Worker, postMessage',
  'setTimeout, setInterval, setImmediate, queueMicrotask, structuredClone, console, performance, navigator, Deno, Bun',
  'std, os, bjson, scriptArgs, print, gc, SharedArrayBuffer, Atomics, WeakRef, FinalizationRegistry, faultlineHost',
]
  .join(', ')
  .split(', ')
const looks = things.map((thing) => `typeof ${thing}`).join(' + ')
const nothing = 'undefined'.repeat(things.length)

const libraryTampered = 'the script has changed a part of JavaScript that its library needs'

const constructors: Escape[] = [
  { tries: 'names of Node, browsers and QuickJS’s shell', script: onPower(`log(${looks})`), says: nothing },
  {
    tries: 'the constructor of its own functions',
    script: onPower(`log((() => {}).constructor('return ${looks}')())`),
    says: nothing,
  },
  {
    tries: 'the constructor of functions of the library',
    script: onPower(
      `log(log.constructor.constructor('return ${looks}')(), faker.string.uuid.constructor('return this')() === globalThis)`,
    ),
    says: `${nothing} true`,
  },
  {
    tries: 'the constructors of async functions and generators',
    script: onPower(`
      const kinds = [async () => {}, function* () {}, async function* () {}].map((each) => each.constructor)
      const first = await kinds[0]('return typeof process')()
      const third = await kinds[2]('yield typeof require')().next()
      log(first, kinds[1]('yield typeof fetch')().next().value, third.value)`),
    says: 'undefined undefined undefined',
  },
  {
    tries: 'the constructors behind an error that the host has a part in',
    script: onPower(`
      try { faker.number.int({ min: 2, max: 1 }) } catch (error) {
        const E = error.constructor
        log(E.constructor('return typeof process')(), Object.getPrototypeOf(E.prototype).constructor === Error)
      }`),
    says: 'undefined true',
  },
  {
    tries: 'the constructors of what it receives',
    script: onConnect(`
      const got = new Promise((resolve) => { globalThis.got = resolve })
      await client.subscribe('stranger/in')
      await client.publish('stranger/in', 'x')
      log(await got)`).replace(
      'return {',
      `return {
    message({ payload }) {
      const memory = payload.buffer.constructor.constructor('return typeof process')();
      globalThis.got?.(memory + payload.buffer.byteLength)
    },`,
    ),
    says: 'undefined1',
  },
  {
    tries: 'globals that nobody meant it to have',
    script: onPower(`
      const known = 'Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError ' +
        'AggregateError Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI encodeURIComponent ' +
        'escape unescape Infinity NaN undefined globalThis Number Boolean String Math Reflect Symbol eval Date RegExp JSON ' +
        'Proxy Map Set WeakMap WeakSet ArrayBuffer Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array ' +
        'Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array DataView Promise BigInt Iterator'
      log('more:', Object.getOwnPropertyNames(globalThis).filter((name) => !known.split(' ').includes(name)))`),
    says: 'more: []',
  },
  {
    tries: 'whoever calls it',
    script: onPower(`
      const seen = []
      for (const look of [() => (0, eval)('(function f() { return f.caller })()'), () => Function('return arguments.callee.caller')()]) {
        try { seen.push(String(look())) } catch (error) { seen.push(error.name) }
      }
      log('caller:', seen.filter((each) => !/^(undefined|null|TypeError)$/.test(each)))`),
    says: 'caller: []',
  },
  {
    tries: 'paths of the host in a stack',
    script: onPower(`
      const stacks = [new Error('a').stack]
      try { faker.number.int({ min: 2, max: 1 }) } catch (error) { stacks.push(error.stack) }
      try { await import('./nowhere') } catch (error) { stacks.push(error.stack) }
      log('paths:', stacks.join().match(/node_modules|file:|worker|\\/tmp|\\.js\\b/g))`),
    says: 'paths: null',
  },
  {
    tries: 'the clock of the machine through a date',
    script: onPower(
      'log(new Date().constructor === Date, Object.getPrototypeOf(new Date()).constructor === Date, new (new Date().constructor)().getTime() - clock.now() < 5)',
    ),
    says: 'true true true',
  },
  {
    tries: 'a second start of its library',
    script: onPower(`globalThis.faultlineHost = { id: 'x', install() { log('installed') } }
      log(await import('faultline') === await import('faultline'), Object.isFrozen(globalThis))`),
    says: 'true false',
  },
  {
    tries: 'addresses in what belongs to its module',
    script: onPower('log(JSON.stringify(import.meta))'),
    says: '{}',
  },
]

const disguises: Escape[] = [
  {
    tries: 'an error whose parts are traps',
    script: inFactory(`
  throw Object.defineProperties(new Error('x'), {
    message: { get() { throw new Error('inside') } },
    stack: { get() { for (;;); } },
  })`),
    fails: 'threw something that cannot be shown',
  },
  {
    tries: 'an error that is a proxy of itself',
    script: inFactory(`
  throw new Proxy(new Error('x'), { get(target, name) { throw new Proxy(target, this) }, getPrototypeOf() { throw new Error('no') } })`),
    fails: 'threw something that cannot be shown',
  },
  {
    tries: 'to be told an error from what is none',
    script: onPower(`
      Object.defineProperty(Error, Symbol.hasInstance, { value: () => true })
      throw null`),
    fails: 'threw something that cannot be shown',
  },
  {
    tries: 'a script that is a proxy',
    script: `import { device } from 'faultline'
export default new Proxy(device(() => ({})), { get() { for (;;); }, has() { for (;;); }, apply() { for (;;); } })
`,
    fails: 'the default export must be what device(...) gives',
    at: '2:1',
  },
  {
    tries: 'options behind a proxy that never answers',
    script: inFactory('  return { client: new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } }) }'),
    fails: 'ran for 250 ms without coming to an end; is there an endless loop?',
    at: '3',
  },
  {
    tries: 'a payload behind a proxy with keys without end',
    script: onConnect(`
      const payload = new Proxy({}, { ownKeys: () => Array.from({ length: 1e5 }, (_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: () => payload })
      client.publish('x', payload)`),
    fails: /^the payload must be text, octets/,
    at: '7',
  },
  {
    tries: 'topics that are text only when they are asked',
    script: onConnect(`
      let asked = 0
      const topic = { toString() { return asked++ ? '#' : 'stranger/x' }, [Symbol.toPrimitive]() { for (;;); } }
      await client.publish(topic, 'x')`),
    fails: /^the topic must be text/,
    at: '8',
  },
  {
    tries: 'symbols that take over iteration and species',
    script: onConnect(`
      class Octets extends Uint8Array { static get [Symbol.species]() { return Array } ; [Symbol.iterator]() { for (;;); return null } ; override slice() { return this } ; override get length() { return 1e9 } }
      await client.publish('stranger/x', new Octets(3))
      log('sent')`),
    says: 'sent',
  },
  {
    tries: 'a module that pretends to be a promise',
    script: onPower("await import('./lib/thenable')"),
    fails: 'ran for 250 ms without coming to an end; is there an endless loop?',
    file: 'devices/lib/thenable.ts',
    at: '1',
  },
]

const pollution: Escape[] = [
  {
    tries: 'to give all objects more properties',
    script: onConnect(`
      for (const name of ['type', 'clientId', 'topic', 'then', 'get', 'set', 'value', 'error', 'call']) Object.prototype[name] = 'polluted'
      await client.publish('stranger/x', 'x')
      log('sent')`),
    says: 'sent',
  },
  {
    tries: 'to catch what arrays of the library hold',
    script: onConnect(`
      Object.defineProperty(Array.prototype, 0, { set(value) { log('caught', typeof value) }, configurable: true })
      await client.publish('stranger/x', 'x')
      log('sent')`),
    fails: 'threw something that cannot be shown',
  },
  {
    tries: 'to send what it likes through JSON',
    script: onConnect(`
      let number = 0
      JSON.stringify = () => '{"type":"start timer","timer":' + number++ + ',"ms":0,"repeat":true}'
      for (let i = 0; i < 20_000; i++) log('x')`),
    fails: libraryTampered,
  },
  {
    tries: 'to be another device',
    script: onConnect(`
      JSON.stringify = () => '{"type":"publish","call":1,"topic":"neighbour-1/count","text":"x","qos":0,"retain":true,"clientId":"neighbour-1"}'
      log('x')`),
    fails: libraryTampered,
  },
  {
    tries: 'to hand over its own ways in',
    script: onPower(`
      Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { for (;;); }
      Promise.prototype.then = function () { return this }
      Map.prototype.get = () => { throw new Error('mine') }
      log('done')
      every(5, () => log('tick'))`),
    fails: 'mine',
    at: '8',
  },
  {
    tries: 'octets that change while they are sent',
    script: onConnect(`
      const buffer = new ArrayBuffer(8, { maxByteLength: 1_000_000 })
      const octets = new Uint8Array(buffer)
      const send = client.publish('stranger/x', octets)
      ;buffer.resize?.(1_000_000)
      ;buffer.transfer?.(0)
      await send
      await client.publish('stranger/x', new Uint8Array(new ArrayBuffer(16).transfer?.(4) ?? 4))
      await client.publish('stranger/x', octets).catch((error) => log(error.message))
      log('sent')`),
    says: 'sent',
  },
]

describe.each([
  ['a way out over constructors', constructors],
  ['a disguise', disguises],
  ['a polluted prototype', pollution],
])('%s', (_what, attempts) => {
  it.each(attempts)('$tries', (attempt) => stage.run(attempt))
})
