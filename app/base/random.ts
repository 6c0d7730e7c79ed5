/** A seeded source of randomness: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1), with 32 bits of resolution. */
  next(): number
  /** Uniform integer in [min, max], both included. */
  integer(min: number, max: number): number
  /** Normally distributed with mean 0 and standard deviation 1. */
  normal(): number
}

/**
 * Creates a generator from any text or number. Parts are joined, so `createRandom(42, 'pump-01')` gives each device of
 * one seed a stream of its own.
 *
 * Source: sfc32 (Chris Doty-Humphrey, PractRand) seeded through the xmur3 string hash; both public domain.
 */
export function createRandom(...seed: (string | number)[]): Random {
  const hash = xmur3(seed.join('\u0000'))
  let a = hash()
  let b = hash()
  let c = hash()
  let counter = 1
  const word = (): number => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return t >>> 0
  }
  // The first words of a freshly seeded generator still resemble the seed.
  for (let i = 0; i < 12; i++) word()
  const next = () => word() / 4294967296
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    // Box-Muller; 1 - next() keeps the logarithm away from 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

function xmur3(text: string): () => number {
  let h = 1779033703 ^ text.length
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353)
    h = (h << 13) | (h >>> 19)
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507)
    h = Math.imul(h ^ (h >>> 13), 3266489909)
    h ^= h >>> 16
    return h >>> 0
  }
}
