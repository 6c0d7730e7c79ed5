import { describe, expect, it } from 'vitest'
import { targetCalls } from '../../../../main/workspace/target-calls.ts'

const names = (body: string) =>
  targetCalls(`export default scenario('a', { seed: 1 }, async ({ broker, step, expect }) => {\n${body}\n})\n`).map(
    ({ name }) => name,
  )

describe('what cannot be done at a target', () => {
  it.each([
    ['await broker.kill()', 'kill'],
    ['return broker.kill()', 'kill'],
    ['const a = b ? c : d; await broker.kill()', 'kill'],
    [
      "const a = b ? c : d\nif (a) await b()\nawait step('x', () => broker.stop())\nawait broker.start()",
      'stop',
      'start',
    ],
    ["await step('x', async () => {\n  if (a) { b() }\n  await Promise.all([c(), broker.kill()])\n})", 'kill'],
    ["await expect.poll(() => pump.session.queued(), { within: '2s' }).toBe(1)", 'queued'],
    ['await expect(pump.session)\n  .toHaveQueued(1)', 'toHaveQueued'],
    ["const f = () => { return 1 }\nawait expect(pump.will).toBePublished({ within: '1s', because: why })", 'because'],
    ['items.forEach((x) => { if (x) return\n x() })\nawait broker.accept()', 'accept'],
    [
      "await Promise.all([step('x', () => broker.kill()), step('y', async () => { await broker.start() })])",
      'kill',
      'start',
    ],
  ])('is found where it is sure to be done: %s', (body, ...found) => {
    expect(names(body)).toEqual(found)
  })

  it.each([
    'if (a) await broker.kill()',
    'if (a)\n  await broker.kill()',
    'if (a) { await broker.kill() } else { await broker.stop() }',
    'if (a) b()\nelse await broker.stop()',
    'try { await broker.kill() } catch { b() } finally { await broker.start() }',
    'a && (await broker.kill())\na ? broker.kill() : broker.stop()\na ?? broker.kill()',
    'const down = async () => { await broker.kill() }\nasync function up() { await broker.start() }',
    'const down = () => broker.kill()',
    'for (const a of b) await broker.kill()\nwhile (a) { await broker.kill() }',
    'if (a) return\nawait broker.kill()',
    'if (a) { throw b }\nawait broker.kill()',
    'switch (a) {\n  case 1:\n    await broker.kill()\n}',
    'const orders = { down: () => broker.kill(), up() { return broker.start() } }',
    'list.map((x) => broker.kill())',
    'broker.kill',
    'kill()',
    "log('broker.kill()') // broker.kill()",
  ])('is left alone where it may not be: %s', (body) => {
    expect(names(body)).toEqual([])
  })
})
