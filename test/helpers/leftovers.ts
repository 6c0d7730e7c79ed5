import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import process from 'node:process'

/** Sockets, servers, threads and timers of this process, and folders of scenarios. */
export async function leftovers(): Promise<string> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(`faultline-scenario-${process.pid}-`))
  const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|Port|Timeout|Process|Pipe/.test(kind))
  return [...kinds.sort(), ...folders.sort()].join(', ')
}
