import { describe, expect, it } from 'vitest'
import { scenarioFile, scenarioText, setScenarioStage } from '../../helpers/scenario-stage.ts'

const stage = setScenarioStage()

describe('a script of a scenario that fails', () => {
  it('shows its own line', async () => {
    const { error } = await stage.run(scenarioText('  const pump = undefined as unknown as { id: string }\n  pump.id'))
    expect(error).toMatchObject({
      code: 'script-threw',
      message: "TypeError: cannot read property 'id' of undefined",
      details: { file: scenarioFile, line: 5, column: 7 },
    })
  })

  it('shows the line of the call that was refused, awaited or not', async () => {
    const refusing = (ask: { readonly do: string }) =>
      ask.do === 'broker' ? ({ type: 'refused', message: 'the broker is not ours' } as const) : undefined
    for (const text of ['  await broker.kill()', '  broker.kill()\n  await wait(1)']) {
      const { error } = await stage.run(scenarioText(text), refusing)
      expect(error).toMatchObject({ code: 'script-threw', message: 'the broker is not ours', details: { line: 4 } })
    }
  })

  it('names a wrong argument and its place', async () => {
    const { error } = await stage.run(scenarioText("  link('*').drop({ packt: 'PUBREC' })"))
    expect(error).toMatchObject({
      message: '`drop(...)` has no option `packt`; did you mean `packet`?',
      details: { line: 4, column: 17 },
    })
  })

  it.each([
    [
      'await expect(await observer.subscribe("a")).toReceive({ payload: deep })',
      'the payload of toReceive(...) is nested more than 100 levels deep; expect a part of it, or its text',
    ],
    [
      'await expect(deep).toEqual(JSON.parse(JSON.stringify(deep)))',
      'values that are nested more than 100 levels deep cannot be compared; compare parts of them',
    ],
  ])('says of a value that is nested too deep where it is, and what to do: %s', async (line, message) => {
    const body = `  let deep: unknown[] = []; for (let n = 0; n < 300; n++) deep = [deep]\n  ${line}`
    const { error } = await stage.run(scenarioText(body))
    expect(error).toMatchObject({ code: 'script-threw', message, details: { file: scenarioFile, line: 5 } })
  })

  it('is stopped in an endless loop, with its place or that of the await that it comes behind', async () => {
    const { error } = await stage.run(scenarioText('  await wait(1)\n  for (;;) Math.sqrt(2)'))
    expect(error).toMatchObject({
      code: 'script-timeout',
      message: 'ran for 250 ms without coming to an end; is there an endless loop?',
      details: { file: scenarioFile },
    })
    // QuickJS knows it only as far as the loop itself calls something.
    expect([4, 5]).toContain(error?.details?.['line'])
  })

  it('is stopped in a builtin that nothing interrupts', async () => {
    const { error } = await stage.run(scenarioText('  Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'))
    expect(error).toMatchObject({ code: 'script-timeout', message: 'its script did not come back within 1 s' })
  })

  it('cannot use up the memory', async () => {
    const { error } = await stage.run(
      scenarioText('  const held = []\n  for (;;) held.push(new Uint8Array(1_000_000))'),
    )
    expect(error).toMatchObject({
      code: 'script-threw',
      message: 'needs more memory than a scenario has (64 MB)',
      details: { line: 5 },
    })
  })

  it('does not outlive whoever answers it', async () => {
    const { error } = await stage.run(scenarioText('  await wait(1)'), () => Promise.reject(new Error('ours')))
    expect(error?.message).toBe('ours')
  })

  it.each(['fetch', 'process', 'require', 'console', 'setTimeout', 'WebSocket'])('has no %s', async (name) => {
    const { error } = await stage.run(scenarioText(`  wait(1)\n  ${name}()`))
    expect(error?.message).toContain(`a script has no '${name}': `)
    expect(error?.message).not.toContain('every')
    expect(error?.details).toMatchObject({ line: 5 })
  })

  it('can import nothing but faultline and its workspace', async () => {
    await expect(stage.open(`import fs from 'node:fs'\n${scenarioText('')}`).plan()).rejects.toMatchObject({
      message:
        "cannot import 'node:fs': a scenario's script can import only 'faultline' and modules of its workspace, such as './lib/curves'",
      details: { line: 1, column: 16 },
    })
  })

  it.each(['every(1, () => {})', 'after(1, () => {})'])('has no timers: %s', async (call) => {
    const { error } = await stage.run(scenarioText(`  ${call}`, 'after, every, scenario'))
    expect(error?.message).toBe(
      "a scenario has no timers of its own; let time pass with wait('2s'), or expect what should come",
    )
    expect(error?.details).toMatchObject({ line: 4 })
  })
})

describe('a scenario that is disposed of', () => {
  it('ends at once, also in an endless loop', async () => {
    const script = stage.open(scenarioText('  await wait(1)\n  for (;;) {}'))
    await script.plan()
    const run = script.run({ pump: ['pump-01', 'pump-02'] }, async () => {
      setImmediate(() => script.dispose())
      return { type: 'done' }
    })
    await expect(run).rejects.toMatchObject({ code: 'connection-closed', message: 'the scenario was stopped' })
  })

  it('draws the same by the same seed', async () => {
    const draws = async (seed: string) => {
      const { asks } = await stage.run(
        scenarioText(
          '  log(random.next(), Math.random(), sensor.uniform({ min: 0, max: 9 }).next())',
          'log, scenario, sensor',
        ),
        undefined,
        { seed },
      )
      return asks
    }
    expect(await draws('a')).toEqual(await draws('a'))
    expect(await draws('a')).not.toEqual(await draws('b'))
  })
})
