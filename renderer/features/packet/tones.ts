import type { Field } from '../../../app/mqtt/decoded.ts'

/** The colour of a field's octets and of its value. */
export type Tone = 'blue' | 'amber' | 'green' | 'purple'

const order: readonly Tone[] = ['blue', 'amber', 'green', 'purple']

/** Octets that are painted in one colour. */
export interface Stretch {
  readonly start: number
  readonly end: number
  readonly tone: Tone
}

/** The colours of one packet: neighbours differ. */
export interface Paint {
  /** Undefined for a field without octets, and for one whose parts have colours of their own. */
  toneOf(field: Field): Tone | undefined
  /** Undefined where no field stands. */
  stretchAt(at: number): Stretch | undefined
}

/**
 * Paints what the tree shows at first: the fields at the top, or the fields that these consist of. What is inside of one
 * has its colour.
 */
export function paint(fields: readonly Field[]): Paint {
  const stretches: Stretch[] = []
  const tones = new Map<Field, Tone>()
  for (const field of fields.flatMap(painted)) {
    const last = stretches.at(-1)
    // Bits share the colour of their octet.
    const again = last !== undefined && field.bits !== undefined && last.start === field.start
    const tone = again ? last.tone : (order[stretches.length % order.length] as Tone)
    if (!again && field.end > field.start) stretches.push({ start: field.start, end: field.end, tone })
    for (const one of [field, ...inside(field)]) tones.set(one, tone)
  }
  return {
    toneOf: (field) => tones.get(field),
    stretchAt: (at) => findStretch(stretches, at),
  }
}

function painted(field: Field): readonly Field[] {
  return field.parts.every((part) => part.bits !== undefined) ? [field] : field.parts
}

function inside(field: Field): Field[] {
  return field.parts.flatMap((part) => [part, ...inside(part)])
}

function findStretch(stretches: readonly Stretch[], at: number): Stretch | undefined {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((stretches[middle] as Stretch).end <= at) low = middle + 1
    else high = middle
  }
  const found = stretches[low]
  return found !== undefined && found.start <= at ? found : undefined
}
