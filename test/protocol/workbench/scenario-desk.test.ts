import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../../../app/scenario/report.ts'
import { ScenarioRuns } from '../../../main/workbench/scenario-runs.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { readScriptFiles } from '../../../main/workspace/script-files.ts'
import { checkTypes } from '../../../main/workspace/type-check.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

const pump = `import { device } from 'faultline'
export default device(({ id }) => ({
  client: { keepAlive: '5s', will: { topic: \`plant/\${id}/status\`, payload: 'offline', qos: 1 } },
  async connected({ client }) { await client.publish(\`plant/\${id}/status\`, 'online', { qos: 1 }) },
}))
`

const passing = `import { scenario } from 'faultline'

export default scenario('hears what it says', { seed: 7 }, async ({ observer, step, expect }) => {
  const watch = await observer.subscribe('a/#', { qos: 1 })
  await step('says it', () => observer.publish('a/b', 'hello', { qos: 1 }))
  await expect(watch).toReceive({ topic: 'a/b', payload: 'hello' })
})
`

const failing = `import { scenario } from 'faultline'

export default scenario('hopes in vain', {}, async ({ observer, step, expect }) => {
  const watch = await observer.subscribe('a/#', { qos: 1 })
  await step('says one thing', () => observer.publish('a/b', 'this', { qos: 1 }))
  await expect(watch).toReceive({ payload: 'that' }, { within: '300ms' })
})
`

const endless = `import { scenario } from 'faultline'

export default scenario('takes its time', {}, async ({ wait, step }) => {
  await step('waits', () => wait('10m'))
})
`

async function openDesk(files: Readonly<Record<string, string>>, scripts: Readonly<Record<string, string>> = {}) {
  const named = Object.fromEntries(Object.entries(files).map(([name, text]) => [`scenarios/${name}.scenario.ts`, text]))
  const bench = await openWorkbench({ assets, scripts, files: named })
  const progress = bench.heard('scenarios.progress')
  const ended = async (run: string | undefined) => {
    await until('the run to end', () => progress.some(({ id, verdict }) => id === run && verdict !== undefined))
    return await bench.caller.call('scenarios.report', { run: run ?? '' })
  }
  const run = async (name: string, more: { repeat?: number; seed?: number } = {}) => {
    const { runs } = await bench.caller.call('scenarios.run', { paths: [`scenarios/${name}.scenario.ts`], ...more })
    return runs
  }
  return { ...bench, progress, ended, run }
}

describe('the desk of scenarios', () => {
  it('lists the scenarios by what they call themselves, and says what is wrong with one', async () => {
    const { caller, heard } = await openDesk({
      passing,
      broken: "import { scenario } from 'faultline'\nexport default scenario('x', { seeed: 1 }, async () => {})\n",
      torn: 'export default scenario(',
    })
    const changed = heard('scenarios.changed')
    await until('all three to be planned', () => {
      const files = changed.at(-1)?.files
      return (
        files?.[0]?.problem !== undefined && files[1]?.name === 'hears what it says' && files[2]?.problem !== undefined
      )
    })
    const [broken, good, torn] = await caller.call('scenarios.list', {})
    expect(good).toEqual({ path: 'scenarios/passing.scenario.ts', name: 'hears what it says' })
    expect(broken?.problem).toContain('seeed')
    expect(torn?.name).toBe('torn')
    expect(torn?.problem).toContain('torn.scenario.ts:1')
  })

  it('takes in a scenario that is put there by somebody else', async () => {
    const { heard, workspace } = await openDesk({})
    const changed = heard('scenarios.changed')
    await until('the first look', () => changed.length > 0)
    await mkdir(join(workspace, 'scenarios'))
    await writeFile(join(workspace, 'scenarios/new.scenario.ts'), passing)
    await until('the new one', () => changed.at(-1)?.files[0]?.name === 'hears what it says')
  })

  it('runs one beside the running workbench, tells of it live, and keeps it with its recording', async () => {
    const { caller, ended, heard, progress, run } = await openDesk({ passing })
    const queue = heard('scenarios.queue')
    const [id] = await run('passing', { seed: 11 })
    const report = await ended(id)
    expect(report).toMatchObject({
      name: 'hears what it says',
      seed: 11,
      verdict: { is: 'passed' },
      steps: [{ name: 'says it', outcome: 'passed' }],
      expectations: [{ outcome: 'held' }],
      recording: `recordings/runs/${id}.faultline`,
    })
    expect(progress.filter((each) => each.verdict !== undefined)).toHaveLength(1)
    expect(queue[0]).toEqual({ running: 1, waiting: 0, file: 'scenarios/passing.scenario.ts' })
    await until('the queue to be empty', () => queue.at(-1)?.running === 0)
    const { packets } = await caller.call('scenarios.traffic', { run: id ?? '' })
    expect(packets.reduce((sum, count) => sum + count, 0)).toBe(report.counts.packets)
    const recording = await caller.call('scenarios.openRecording', { run: id ?? '' })
    const { numbers } = await caller.call('capture.search', {
      capture: recording.id,
      filter: 'type:publish topic:a/b',
      from: recording.first,
      to: recording.next,
    })
    expect(numbers).toHaveLength(2)
    expect(await caller.call('scenarios.runs', {})).toMatchObject([{ id, verdict: 'passed', seed: 11 }])
    await until(
      'the verdict in the list',
      async () => (await caller.call('scenarios.list', {}))[0]?.last?.verdict === 'passed',
    )
  })

  it('says of a failed one what was expected, what came, and where in the file', async () => {
    const { ended, run } = await openDesk({ failing })
    const [id] = await run('failing')
    const { verdict } = (await ended(id)) as RunReport
    if (verdict?.is !== 'failed') throw new Error(`it is ${JSON.stringify(verdict)}`)
    const [failure] = verdict.failures
    expect(failure?.place).toMatchObject({ file: 'scenarios/failing.scenario.ts', line: 6 })
    expect(failure?.expected).toContain('that')
    expect(failure?.received).toContain('this')
    expect(failure?.ladder.join('\n')).toContain('PUBLISH')
  })

  it('says at once that a file is not there, and in its run that it is not right', async () => {
    const { caller, ended, run } = await openDesk({ torn: 'export default 1' })
    await expect(run('gone')).rejects.toMatchObject({ code: 'not-found' })
    await expect(caller.call('scenarios.read', { path: 'faultline.json' })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    const [id] = await run('torn')
    expect((await ended(id)).verdict?.is).toMatch(/invalid|script threw/)
  })

  it('says before a run all that is wrong with its file, each at its place, and starts nothing', async () => {
    const wrong = failing
      .replace('{}', '{ sead: 1 }')
      .replace('await step', 'step')
      .replace('.toReceive(', '.toRecieve(')
    const { ended, run } = await openDesk({ wrong, hasty: passing.replace('await step', 'step') })
    const [id] = await run('wrong')
    const { counts, verdict } = await ended(id)
    const file = 'scenarios/wrong.scenario.ts'
    expect(verdict).toEqual({
      is: 'invalid',
      mistakes: [
        {
          path: 'sead',
          message: expect.stringContaining("did you mean 'seed'?"),
          place: { file, line: 3, column: 44 },
        },
        {
          path: '',
          message: "nobody waits for 'step': write 'await' before it, or 'void' where it is to go on by itself",
          place: { file, line: 5, column: 3 },
        },
        {
          path: '',
          message: "Property 'toRecieve' does not exist on type 'WatchExpectations'. Did you mean 'toReceive'?",
          place: { file, line: 6, column: 23 },
        },
      ],
    })
    expect(counts.connections).toBe(0)
    const [other] = await run('hasty')
    expect((await ended(other)).verdict).toMatchObject({ is: 'invalid', mistakes: [{ place: { line: 5, column: 3 } }] })
  })

  it('stops what runs and forgets what waits', async () => {
    const { caller, ended, heard, progress, run } = await openDesk({ endless })
    const queue = heard('scenarios.queue')
    const runs = await run('endless', { repeat: 3 })
    expect(runs).toHaveLength(3)
    await until('its step', () => progress.some(({ steps }) => steps.length === 1))
    await until('two to wait', () => queue.at(-1)?.waiting === 2)
    await caller.call('scenarios.stop', {})
    expect((await ended(runs[0])).verdict).toEqual({ is: 'stopped' })
    await until('the queue to be empty', () => queue.at(-1)?.running === 0 && queue.at(-1)?.waiting === 0)
    await expect(caller.call('scenarios.report', { run: runs[1] ?? '' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('forgets a run with its recording when told to', async () => {
    const { caller, ended, run, workspace } = await openDesk({ passing })
    const [id = ''] = await run('passing')
    const { recording = '' } = await ended(id)
    await readFile(join(workspace, recording))
    await caller.call('scenarios.forget', { runs: [id] })
    await expect(readFile(join(workspace, recording))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await caller.call('scenarios.runs', {})).toEqual([])
  })

  it('saves what is written, unless somebody else has changed it meanwhile', async () => {
    const { caller, workspace } = await openDesk({ passing })
    const path = 'scenarios/passing.scenario.ts'
    const { revision } = await caller.call('scenarios.read', { path })
    await caller.call('scenarios.write', { path, text: failing, basedOn: revision })
    expect(await readFile(join(workspace, path), 'utf8')).toBe(failing)
    await expect(caller.call('scenarios.write', { path, text: passing, basedOn: revision })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('makes of what was done by hand a scenario that passes', async () => {
    const { caller, ended, heard, workspace } = await openDesk({}, { pump })
    const changes = heard('devices.changed')
    const state = () => changes.at(-1)?.changed[0]?.state
    await until('it to be online', () => state() === 'online')
    await caller.call('devices.act', { id: 'pump', action: 'powerLoss' })
    await until('its power to be lost', () => state() === 'power lost')
    await caller.call('devices.act', { id: 'pump', action: 'powerOn' })
    await until('it to be online again', () => state() === 'online')
    await expect(caller.call('devices.act', { id: 'pump', action: 'powerOn' })).rejects.toMatchObject({
      code: 'wrong-state',
    })
    const { deeds, text } = await caller.call('scenarios.draft', { name: 'the power goes' })
    expect(deeds).toBe(2)
    expect(text).toContain('pump.powerLoss()')
    expect(text).toContain("toBePublished({ because: 'connection lost' })")
    const { path } = await caller.call('scenarios.create', { name: 'the-power-goes', text })
    await expect(caller.call('scenarios.create', { name: 'the-power-goes', text })).rejects.toMatchObject({
      code: 'conflict',
    })
    const types = new URL('../../../app/script-api/', import.meta.url)
    expect(await checkTypes(await readScriptFiles(workspace), types)).toEqual([])
    const { runs } = await caller.call('scenarios.run', { paths: [path] })
    const report = await ended(runs[0])
    expect(report.verdict).toEqual({ is: 'passed' })
    expect(report.expectations.length).toBe(3)
  })

  it('shows what the command line has run', async () => {
    const { caller, lines, workspace } = await openDesk({ passing })
    const runs = new ScenarioRuns({ assets, clock: systemClock, version: '0', log: (line) => lines.push(line) })
    const { scenarios = [] } = await runs.plan({
      words: ['scenarios'],
      from: workspace,
      grep: undefined,
      overrides: {},
    })
    const runner = runs.runner(scenarios, { repeat: 2, workers: 1, bail: false, record: 'off', onProgress: () => {} })
    await runs.keep(await runner.run())
    expect(await caller.call('scenarios.runs', {})).toMatchObject([
      { verdict: 'passed', repetition: 2 },
      { verdict: 'passed', repetition: 1 },
    ])
  })
})
