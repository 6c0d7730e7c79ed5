import { join } from 'node:path'
import type { Command } from 'commander'
import { FaultlineError } from '../../../app/base/errors.ts'
import type { WorkbenchOptions } from '../../workbench/workbench.ts'

/** Where the broker keeps Sessions and retained messages. */
export interface StoreArguments {
  /** The folder of a LevelDB. */
  readonly data: string | undefined
  /** As it was typed, or the URL of a Redis; undefined is `level` where there is a folder, and `memory` otherwise. */
  readonly store: string | undefined
}

export function describeStore(command: Command): Command {
  return command
    .option('--store <STORE>', storeHelp)
    .option('--data <DIR>', 'folder of the level store (default: .faultline/broker in WORKSPACE)')
}

const storeHelp = `where the broker keeps sessions and retained messages: memory, until it stops; level, in a folder, so that they \
outlive kill -9; or redis://HOST:PORT/DB, which several brokers may share (default: level with --data, memory without)`

/**
 * What the two options mean together.
 *
 * @param workspace its path; undefined for the demo plant
 * @throws FaultlineError `invalid-argument`
 */
export function storeChoice(
  { data, store = data === undefined ? 'memory' : 'level' }: StoreArguments,
  workspace: string | undefined,
): NonNullable<WorkbenchOptions['store']> {
  if (data === '') throw mistake('--data names no folder', 'write it as --data FOLDER, or leave it out')
  if (/^rediss?:/.test(store)) return { type: 'redis', url: redisUrl(store, data) }
  if (store === 'level') return { type: 'level', folder: data ?? ownFolder(workspace) }
  if (store !== 'memory') {
    throw mistake(`there is no store ${store}`, 'choose one with --store memory, level or redis://HOST:PORT/DB')
  }
  if (data !== undefined) throw mistake('the memory store has no folder', 'leave --data out, or choose --store level')
  return { type: 'memory' }
}

function redisUrl(store: string, data: string | undefined): string {
  if (data !== undefined) throw mistake('a store in Redis has no folder', 'leave --data out, or choose --store level')
  const url = URL.canParse(store) ? new URL(store) : undefined
  // Without a database it is 0.
  if (url === undefined || url.hostname === '' || !/^\/?\d*$/.test(url.pathname)) {
    // It may have a password in it, and so it is not said again.
    throw mistake(
      'this is no URL of a Redis',
      'write it as --store redis://HOST:PORT/DB, such as redis://127.0.0.1:6379/0',
    )
  }
  return store
}

function ownFolder(workspace: string | undefined): string {
  if (workspace !== undefined) return join(workspace, '.faultline/broker')
  throw mistake('the demo plant keeps nothing', 'name the folder of the store with --data, or a workspace')
}

function mistake(message: string, hint: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message, hint })
}
