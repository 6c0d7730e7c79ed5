import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { type ProgramLimits, runProgram } from '../../../main/workspace/run-program.ts'

const run = (script: string, limits: ProgramLimits = { milliseconds: 60_000, characters: 1000 }) =>
  runProgram(process.execPath, ['-e', script], process.cwd(), limits)

describe('a program that is run for its output', () => {
  it('gives what it prints, and how it ended', async () => {
    expect(await run('console.log("a"); process.exitCode = 3')).toEqual({ code: 3, output: 'a\n' })
  })

  it('is stopped when it does not end', async () => {
    const running = run('for (;;) {}', { milliseconds: 200, characters: 1000 })
    await expect(running).rejects.toMatchObject({ code: 'script-timeout', message: expect.stringContaining('0.2 s') })
  })

  it('is told by the whole of its time where some of that had gone before', async () => {
    const running = run('for (;;) {}', { milliseconds: 50, said: 20_000, characters: 1000 })
    await expect(running).rejects.toMatchObject({ message: expect.stringContaining('stopped after 20 s') })
  })

  it('is stopped when it prints without an end', async () => {
    const running = run('for (;;) require("node:fs").writeSync(1, "mistake\\n")')
    await expect(running).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('1000 characters'),
    })
  })

  it('that is not there is an error in plain words', async () => {
    const limits = { milliseconds: 1000, characters: 1000 }
    await expect(runProgram('/nowhere/tsc', [], process.cwd(), limits)).rejects.toMatchObject({ code: 'internal' })
  })
})
