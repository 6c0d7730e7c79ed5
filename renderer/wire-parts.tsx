import { parseFilter } from '../app/capture/filter.ts'
import type { MethodName, Params } from '../app/contract/contract.ts'
import type { RulesCalls } from './features/rules/calls.ts'
import { RulesPanel } from './features/rules/rules-panel.tsx'
import { WireControls } from './features/wire/wire-controls.tsx'
import { type Store, useStore } from './state/store.ts'
import type { Workbench } from './state/workbench.ts'

export interface WireBarProps {
  readonly workbench: Workbench
  readonly connected: boolean
  readonly selectedPacket: number | undefined
  readonly onSelectPacket: (packet: number) => void
  readonly onEdit: (packet: number) => void
}

/** Hold, step and speed in the top bar. */
export function WireBar({ workbench, connected, selectedPacket, onSelectPacket, onEdit }: WireBarProps) {
  const wire = useStore(workbench.wire)
  const ask = async <M extends MethodName>(method: M, params: Params<M>): Promise<void> => {
    try {
      await workbench.call(method, params)
    } catch (error) {
      workbench.report(error)
    }
  }
  return (
    <WireControls
      wire={connected ? wire : undefined}
      selectedPacket={selectedPacket}
      onSelectPacket={onSelectPacket}
      clientName={(connection) => clientName(workbench, connection)}
      onHold={(on) => ask('wire.hold', { on })}
      onLetGo={() => ask('wire.letGo', {})}
      onNext={() => ask('wire.next', {})}
      onDecide={(packet, action) => ask('wire.decide', { packet, action })}
      onEdit={async (packet) => onEdit(packet)}
      onSpeed={(speed) => ask('wire.speed', { speed })}
    />
  )
}

/** Breakpoints and rules of the running workbench. */
export function Rules({ workbench, pattern }: { readonly workbench: Workbench; readonly pattern: Store<string> }) {
  const wire = useStore(workbench.wire)
  const connections = useStore(workbench.connections)
  const clients = [...new Set([...connections.values()].flatMap(({ clientId }) => clientId || []))].sort()
  return (
    <RulesPanel
      wire={wire}
      clients={clients}
      pattern={pattern}
      call={rulesCalls(workbench)}
      checkFilter={checkFilter}
    />
  )
}

function rulesCalls({ call }: Workbench): RulesCalls {
  return {
    addBreakpoint: (filter) => call('wire.addBreakpoint', { filter }),
    enableBreakpoint: (id, enabled) => call('wire.enableBreakpoint', { id, enabled }),
    removeBreakpoint: (id) => call('wire.removeBreakpoint', { id }),
    addRule: (rule) => call('wire.addRule', rule),
    enableRule: (id, enabled) => call('wire.enableRule', { id, enabled }),
    removeRule: (id) => call('wire.removeRule', { id }),
    cut: (clients, how) => call('wire.cut', { clients, how }),
    heal: (clients) => call('wire.heal', { clients }),
  }
}

function checkFilter(text: string): string | undefined {
  const read = parseFilter(text)
  return 'error' in read ? read.error.message : undefined
}

export function clientName(workbench: Workbench, connection: number): string {
  return workbench.live.directory.clientId(connection) ?? `connection ${connection}`
}
