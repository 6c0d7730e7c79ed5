import type { NewRule } from '../../../app/contract/wire.ts'

/** What the panel asks of the workbench. Each is refused with a FaultlineError. */
export interface RulesCalls {
  addBreakpoint(filter: string): Promise<unknown>
  enableBreakpoint(id: string, enabled: boolean): Promise<unknown>
  removeBreakpoint(id: string): Promise<unknown>
  addRule(rule: NewRule): Promise<unknown>
  enableRule(id: string, enabled: boolean): Promise<unknown>
  removeRule(id: string): Promise<unknown>
  cut(clients: string, how: 'rst' | 'fin'): Promise<{ readonly connections: number }>
  heal(clients: string): Promise<{ readonly rules: number }>
}

/** Shows what went wrong, or what came of it in words. True when it went well. */
export type Tell = <Result>(promise: Promise<Result>, words?: (result: Result) => string) => Promise<boolean>
