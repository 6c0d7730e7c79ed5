/** Which runs are recorded. */
export const recordingModes = ['on', 'off', 'failure'] as const
export type RecordingMode = (typeof recordingModes)[number]
