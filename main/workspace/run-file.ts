import { open } from 'node:fs/promises'
import * as v from 'valibot'
import { type RunDigest, runDigest } from '../../app/contract/scenarios.ts'
import type { RunReport } from '../../app/scenario/report.ts'

/** Raise it when an older Faultline could not read what is written. */
export const runFileVersion = 1
/** Octets in which the first line is looked for: a scenario's name may be long. */
const mostHead = 64 * 1024

const head = v.strictObject({ version: v.literal(runFileVersion), digest: runDigest })

/** JSON, with all that a list of runs shows in its first line: a report can be long, and there are hundreds of them. */
export function runFileText(digest: RunDigest, report: RunReport): string {
  const first = JSON.stringify({ version: runFileVersion, digest }).slice(0, -1)
  return `${first},\n"report":${JSON.stringify(report)}}\n`
}

/** What the first line of a run's file says; undefined where it has none of this kind. @throws what reading it throws */
export async function readRunHead(path: string): Promise<RunDigest | undefined> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostHead), 0, mostHead, 0)
    const end = buffer.subarray(0, bytesRead).indexOf(',\n')
    const found = end === -1 ? undefined : v.safeParse(head, parsed(`${buffer.toString('utf8', 0, end)}}`))
    return found?.success ? found.output.digest : undefined
  } finally {
    await file.close()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Another program may have written it in another form: the whole of it is read then.
    return undefined
  }
}
