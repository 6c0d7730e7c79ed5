import { FileSink } from '../../main/recorder/file-sink.ts'
import { RecordingWriter } from '../../main/recorder/recording-writer.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { Road } from './road.ts'

/** A process of its own that takes clients in and records what they do, until it is killed. Says its port on a line. */
const path = String(process.argv[2])
const road = await Road.open()
new RecordingWriter({
  recorder: road.recorder,
  clock: systemClock,
  file: await FileSink.create(path),
  path,
  program: '1.2.3',
  connections: [],
})
process.stdout.write(`${road.port}\n`)
