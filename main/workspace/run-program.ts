import { spawn } from 'node:child_process'
import { FaultlineError } from '../../app/base/errors.ts'

export interface ProgramLimits {
  readonly milliseconds: number
  /** What is said of the time, where this is only the rest of it. */
  readonly said?: number
  /** Of what it prints. */
  readonly characters: number
}

/**
 * Runs a program to its end, and stops it at its limits.
 *
 * @throws FaultlineError `script-timeout`; `internal` when it prints too much, or does not start
 */
export function runProgram(
  program: string,
  words: readonly string[],
  cwd: string,
  { milliseconds, said = milliseconds, characters }: ProgramLimits,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: milliseconds,
      killSignal: 'SIGKILL',
    })
    let output = ''
    let tooMuch = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        tooMuch ||= output.length + text.length > characters
        if (tooMuch) child.kill('SIGKILL')
        else output += text
      })
    }
    child.on('error', ({ message }) => {
      reject(new FaultlineError({ code: 'internal', message: `the TypeScript compiler did not start: ${message}` }))
    })
    child.on('close', (code) => {
      if (tooMuch) reject(printsTooMuch(characters))
      else if (child.killed) reject(tookTooLong(said))
      else resolve({ code: code ?? 1, output })
    })
  })
}

function tookTooLong(milliseconds: number): FaultlineError {
  return new FaultlineError({
    code: 'script-timeout',
    message: `the TypeScript compiler was stopped after ${milliseconds / 1000} s`,
    hint: 'look for types that refer to themselves without an end, or check fewer scripts at once',
  })
}

function printsTooMuch(characters: number): FaultlineError {
  return new FaultlineError({
    code: 'internal',
    message: `the TypeScript compiler found so many mistakes that they fill more than ${characters} characters`,
    hint: 'check fewer scripts at once',
  })
}
