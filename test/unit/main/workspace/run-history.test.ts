import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../../app/scenario/report.ts'
import { RunHistory, runRecordingsFolder, runsFolder } from '../../../../main/workspace/run-history.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const at = Date.UTC(2026, 10, 22)

function reportOf(n: number, more: Partial<RunReport> = {}): RunReport {
  return {
    id: `20261122-${String(n).padStart(6, '0')}-x`,
    file: 'scenarios/x.scenario.ts',
    name: 'x',
    seed: 'a seed',
    repetition: 1,
    startedAt: at + n,
    verdict: { is: 'passed' },
    duration: 12.5,
    preparation: 3,
    target: '',
    steps: [],
    expectations: [],
    deeds: [],
    thresholds: [],
    log: [],
    counts: { packets: 1, connections: 1, published: 0, delivered: 0, dropped: 0, notKept: 0 },
    unrepeatable: [],
    recording: undefined,
    ...more,
  }
}

async function open() {
  const root = await temporaryFolder()
  const lines: string[] = []
  const history = () => new RunHistory(root, (line) => lines.push(line))
  return { root, lines, history, runs: history() }
}

describe('the history of runs', () => {
  it('is empty where nothing has run', async () => {
    const { runs } = await open()
    expect(await runs.list()).toEqual([])
    await expect(runs.get('20261122-x')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives back what was kept, the newest first, to another program as well', async () => {
    const { history, runs } = await open()
    const failed = reportOf(2, {
      verdict: {
        is: 'failed',
        failures: [
          {
            what: 'expect(a).toBe',
            expected: '1',
            received: '2',
            place: undefined,
            at: 4,
            ladder: ['a → b'],
            step: undefined,
            soft: true,
            packets: { first: 1, last: 2 },
          },
        ],
      },
    })
    await runs.add(reportOf(1))
    await runs.add(failed)
    expect(await history().list()).toEqual([
      expect.objectContaining({ id: failed.id, verdict: 'failed', seed: 'a seed' }),
      expect.objectContaining({ id: reportOf(1).id, verdict: 'passed', duration: 12.5 }),
    ])
    expect(await history().get(failed.id)).toEqual(failed)
    expect(JSON.parse(JSON.stringify(await history().get(reportOf(1).id)))).toEqual(
      JSON.parse(JSON.stringify(reportOf(1))),
    )
  })

  it('lists runs by the first lines of their files, however long the rest is', async () => {
    const { history, root, runs } = await open()
    const log = Array.from({ length: 10 }, () => ({ at: 1, text: 'x'.repeat(100_000) }))
    const report = reportOf(1, { log, name: `“${'ü'.repeat(10_000)}”,\n"report":{` })
    await runs.add(report)
    const path = join(root, runsFolder, `${report.id}.json`)
    const text = await readFile(path, 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: 1, report: JSON.parse(JSON.stringify(report)) })
    await writeFile(join(root, runsFolder, '20261122-renamed.json'), text)
    // The rest is gone: who lists runs has no need of it.
    await writeFile(path, text.slice(0, 60_000))
    expect(await history().list()).toEqual([
      {
        id: report.id,
        file: report.file,
        name: report.name,
        startedAt: at + 1,
        duration: 12.5,
        verdict: 'passed',
        seed: 'a seed',
        repetition: 1,
      },
    ])
    await expect(history().get(report.id)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('hears of what another program has added and removed', async () => {
    const { history, runs } = await open()
    await runs.add(reportOf(1))
    expect(await runs.list()).toHaveLength(1)
    await history().add(reportOf(2))
    await history().forget([reportOf(1).id])
    expect((await runs.list()).map(({ id }) => id)).toEqual([reportOf(2).id])
  })

  it('leaves out what is damaged, and says so once', async () => {
    const { lines, root, runs } = await open()
    await runs.add(reportOf(1))
    const put = (name: string, text: string) => writeFile(join(root, runsFolder, name), text)
    await put('20261122-torn.json', '{"version":1,"rep')
    await put('20261122-other.json', '{"version":1,"report":{"id":"20261122-other"}}')
    await put('20261122-newer.json', JSON.stringify({ version: 2, report: reportOf(3) }))
    await put('20261122-renamed.json', JSON.stringify({ version: 1, report: reportOf(4) }))
    await put('notes.txt', 'nothing of ours')
    for (let i = 0; i < 2; i++) expect((await runs.list()).map(({ id }) => id)).toEqual([reportOf(1).id])
    expect(lines.map((line) => /20261122-(\w+)\.json/.exec(line)?.[1]).sort()).toEqual([
      'newer',
      'other',
      'renamed',
      'torn',
    ])
    expect(lines.find((line) => line.includes('newer'))).toContain('a newer Faultline')
    await expect(runs.get('20261122-torn')).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('keeps the newest 500, and removes the recordings of the others', async () => {
    const { root, runs } = await open()
    const recordings = join(root, runRecordingsFolder)
    await mkdir(recordings, { recursive: true })
    await mkdir(join(root, runsFolder), { recursive: true })
    const [oldest, named, next] = [reportOf(0), reportOf(1), reportOf(2)]
    await writeFile(join(recordings, `${oldest.id}.faultline`), '')
    await writeFile(join(root, 'recordings', 'dear.faultline'), '')
    await writeFile(join(root, 'recordings', `${next.id}.faultline`), '')
    const write = (report: RunReport) =>
      writeFile(join(root, runsFolder, `${report.id}.json`), JSON.stringify({ version: 1, report }))
    await write({ ...oldest, recording: `${runRecordingsFolder}/${oldest.id}.faultline` })
    await write({ ...named, recording: `${runRecordingsFolder}/../dear.faultline` })
    await write({ ...next, recording: `recordings/${next.id}.faultline` })
    await Promise.all(Array.from({ length: 498 }, (_, i) => write(reportOf(i + 3))))
    await runs.add(reportOf(501))
    const kept = await runs.list()
    expect(kept).toHaveLength(500)
    expect(kept.at(-1)?.id).toBe(reportOf(2).id)
    expect(await readdir(recordings)).toEqual([])
    expect(await readdir(join(root, 'recordings'))).toContain('dear.faultline')
    // One of the command line.
    await runs.forget([next.id])
    expect((await readdir(join(root, 'recordings'))).sort()).toEqual(['dear.faultline', 'runs'])
  })

  it('keeps the newest by the time at which they began, and what it was just told in any case', async () => {
    const { root, runs } = await open()
    await mkdir(join(root, runsFolder), { recursive: true })
    // Asked for at once: by name 10 comes before 2.
    const asked = Array.from({ length: 500 }, (_, i) => reportOf(i, { id: `20261122-120000-000-soak-${i + 2}` }))
    for (const report of asked) {
      await writeFile(join(root, runsFolder, `${report.id}.json`), JSON.stringify({ version: 1, report }))
    }
    await runs.add(reportOf(500, { id: '20261122-120000-000-soak-1000' }))
    await runs.add(reportOf(-1, { id: '20261122-120000-000-clock-was-set-back' }))
    const kept = (await readdir(join(root, runsFolder))).map((name) => name.replace('.json', ''))
    expect(kept).toHaveLength(501)
    expect(kept).toContain('20261122-120000-000-soak-1000')
    expect(kept).toContain('20261122-120000-000-clock-was-set-back')
    expect(kept).not.toContain('20261122-120000-000-soak-2')
    expect(kept).toContain('20261122-120000-000-soak-3')
  })

  it('leads to the recording of a run, and to no other file', async () => {
    const { root, runs } = await open()
    const outside = await temporaryFolder()
    const { id } = reportOf(1)
    const name = `${id}.faultline`
    await mkdir(join(root, 'recordings'))
    await symlink(outside, join(root, runRecordingsFolder))
    await writeFile(join(outside, name), '')
    const other = reportOf(2).id
    await symlink(join(outside, name), join(root, 'recordings', `${other}.faultline`))
    expect(await runs.recordingOf({ id, recording: undefined })).toBe(undefined)
    expect(await runs.recordingOf({ id, recording: `recordings/${name}` })).toBe(join(root, 'recordings', name))
    for (const run of [
      { id, recording: '../../../../../etc/hostname' },
      { id, recording: '/etc/hostname' },
      { id, recording: 'recordings/dear.faultline' },
      { id, recording: `${runRecordingsFolder}/${name}` },
      { id: other, recording: `recordings/${other}.faultline` },
    ]) {
      await expect(runs.recordingOf(run)).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  it('knows its recordings behind a link to another folder of the workspace, and forgets them there', async () => {
    const { root, runs } = await open()
    await mkdir(join(root, 'archive/runs'), { recursive: true })
    await symlink('archive', join(root, 'recordings'))
    const { id } = reportOf(1)
    const recording = `${runRecordingsFolder}/${id}.faultline`
    await writeFile(join(root, recording), '')
    await runs.add(reportOf(1, { recording }))
    expect(await runs.recordingOf({ id, recording })).toBe(join(root, recording))
    await runs.forget([id])
    expect(await readdir(join(root, 'archive/runs'))).toEqual([])
  })

  it.each([runsFolder, '.faultline'])('writes nothing outside of the workspace, where %s is a link', async (link) => {
    const { root, runs } = await open()
    const outside = await temporaryFolder()
    await mkdir(dirname(join(root, link)), { recursive: true })
    await symlink(outside, join(root, link))
    await expect(runs.add(reportOf(1))).rejects.toMatchObject({ code: 'forbidden' })
    expect(await readdir(outside)).toEqual([])
    await expect(runs.add(reportOf(1, { id: '../x' }))).rejects.toMatchObject({ code: 'not-found' })
    await expect(runs.get('../../x')).rejects.toMatchObject({ code: 'not-found' })
  })
})
