import { beforeEach, describe, expect, it } from 'vitest'
import type { RunReport } from '../../../../app/scenario/report.ts'
import { type CarryOut, type RunOrder, ScenarioQueue } from '../../../../main/workbench/scenario-queue.ts'
import { unstarted } from '../../../../main/workbench/unstarted.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

let clock: FakeClock
let begun: string[]
let told: RunReport[]
let lines: string[]

beforeEach(() => {
  clock = new FakeClock()
  begun = []
  told = []
  lines = []
})

function open(carryOut: CarryOut): ScenarioQueue {
  const queue = new ScenarioQueue({
    clock,
    log: (line) => lines.push(line),
    carryOut: (order, signal, onProgress) => {
      begun.push(order.id)
      return carryOut(order, signal, onProgress)
    },
  })
  queue.onProgress((report) => told.push(report))
  return queue
}

function order(id: string): RunOrder {
  return { id, file: 'scenarios/a.scenario.ts', seed: undefined, target: undefined, repetition: 1 }
}

function report({ file, id, repetition }: RunOrder, isOver: boolean): RunReport {
  const head = { id, file, name: file, seed: 1, repetition, target: '' }
  const over = unstarted(head, { is: 'passed' }, clock)
  return isOver ? over : { ...over, verdict: undefined }
}

describe('A queue of runs', () => {
  it('carries out one after the other', async () => {
    const queue = open(async (one) => report(one, true))
    queue.add([order('1'), order('2')])
    expect(begun).toEqual(['1'])
    await expect.poll(() => told.map(({ id }) => id)).toEqual(['1', '2'])
    expect(queue.state).toEqual({ running: 0, waiting: 0 })
  })

  it('begins nothing more once it is closed, whoever asks then', async () => {
    const queue = open(
      (one, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(report(one, true)))
        }),
    )
    queue.add([order('1'), order('2')])
    await queue.close()
    expect(() => queue.add([order('3')])).toThrow('the workbench is being closed')
    queue.dispose()
    expect(() => queue.add([order('4')])).toThrow('the workbench is being closed')
    expect(begun).toEqual(['1'])
  })

  it('tells of the end of a run that could not be carried out, and goes on with the next', async () => {
    const queue = open(async (one, _signal, onProgress) => {
      onProgress(report(one, false))
      if (one.id === '1') throw new Error('no space left')
      return report(one, true)
    })
    queue.add([order('1'), order('2')])
    await expect.poll(() => told.map(({ id }) => id)).toEqual(['1', '2'])
    expect(told[0]?.verdict).toEqual({ is: 'environment failed', message: 'no space left', hint: undefined })
    expect(lines).toEqual(['the run of scenarios/a.scenario.ts failed: no space left'])
  })
})
