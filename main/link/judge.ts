import { type CapturedPacket, mostCopies } from '../../app/capture/captured.ts'
import type { Verdict } from '../../app/faults/fault.ts'
import type { Identity } from './identity.ts'
import type { Cargo } from './passage.ts'
import type { Plan } from './plan.ts'

/** How long a packet is on the wire that slow motion stretches, in milliseconds. */
const wireMs = 100

/** What the rules want together for one packet. What they change of it they have changed. */
export interface Judgement {
  droppedBy: string | undefined
  delayMs: number
  postpone: Extract<Verdict, { kind: 'postpone' }> | undefined
  cut: (Extract<Verdict, { kind: 'cut' }> & { readonly by: string }) | undefined
}

/**
 * Asks the rules in turn. What drops the packet, or cuts before it, keeps the rules behind from hearing of it.
 *
 * @param overtaking a packet waits to be overtaken: then this one overtakes it, and is not put behind others itself. Else
 * all would wait, and none would come past.
 */
export function judge(
  cargo: Cargo,
  record: CapturedPacket,
  plan: Plan,
  identity: Identity,
  overtaking: boolean,
): Judgement {
  const judgement: Judgement = { droppedBy: undefined, delayMs: 0, postpone: undefined, cut: undefined }
  for (const rule of plan.faults) {
    const verdict = rule.decide(record, cargo.octets, identity)
    if (verdict.kind === 'postpone' && overtaking) {
      rule.takeBack()
      continue
    }
    apply(verdict, rule.name, cargo, judgement)
    if (judgement.droppedBy !== undefined) return judgement
  }
  if (plan.speed < 1) {
    judgement.delayMs += wireMs * (1 / plan.speed - 1)
    cargo.passage.touched(`speed ${plan.speed}`)
  }
  return judgement
}

function apply(verdict: Verdict, by: string, cargo: Cargo, judgement: Judgement): void {
  switch (verdict.kind) {
    case 'pass':
      return
    case 'drop':
      judgement.droppedBy = by
      return
    case 'delay':
      judgement.delayMs += verdict.ms
      break
    case 'postpone':
      judgement.postpone ??= verdict
      break
    case 'repeat':
      cargo.passage.copies = Math.min(cargo.passage.copies * verdict.copies, mostCopies)
      break
    case 'change':
      cargo.octets = verdict.octets
      cargo.passage.changed(by, verdict.octets)
      return
    case 'cut':
      judgement.cut ??= { ...verdict, by }
      if (verdict.when === 'before') judgement.droppedBy = by
      // What goes on before the cut goes on as it is.
      return
  }
  cargo.passage.touched(by)
}
