import { playback } from '../../device/signals-playback.ts'
import { createBytes } from './bytes.ts'
import { createHelpers } from './faker-helpers.ts'

/**
 * The bundle `guest-data.js`: parts of the library that most devices do without. A thousand devices are a thousand
 * sandboxes, and each of them reads and keeps all of `guest.js`.
 */
export const parts = { createBytes, createHelpers, playback }
