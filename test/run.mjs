// The test command. `node test/run.mjs` runs every step, `node test/run.mjs STEP...` only those named. Its last line is
// `N passed, N failed`, the true counts of all steps: a check counts 1, a run of tests as many as it had.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { findChromium, inPath, provide } from './programs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const scratch = mkdtempSync(join(tmpdir(), 'faultline-test-'))

/** No step may hang: after this long, in milliseconds, it has failed. */
const stepLimit = 720_000

const steps = {
  programs: async () => verdict(provide((line) => console.log(line))),
  types: () => check(bin('typescript', 'tsc'), '-b'),
  lint: () => check(bin('@biomejs/biome', 'biome'), 'check', '--error-on-warnings'),
  rules: () => check(join(root, 'test/house/rules.mjs')),
  build: () => check(join(root, 'main/hosts/cli/build.mjs')),
  tests: () => tests(['unit', 'protocol', 'contract', 'house']),
  e2e: () => tests(['e2e']),
  electron,
}

/** The program of a package, as its package.json names it. */
function bin(name, program) {
  const manifest = require.resolve(`${name}/package.json`)
  return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin[program])
}

async function check(...command) {
  return verdict((await run([process.execPath, ...command])) === 0)
}

function verdict(good) {
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 }
}

/** Electron needs a display; where there is none a virtual one will do. */
function display() {
  const none = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
  const xvfb = none ? inPath('xvfb-run') : undefined
  return xvfb === undefined ? [] : [xvfb, '--auto-servernum']
}

/** Runs projects of test/vitest.config.ts and counts what they report. */
async function tests(projects, before = []) {
  const report = join(scratch, `${projects.join('-')}.json`)
  const code = await run([
    ...before,
    process.execPath,
    bin('vitest', 'vitest'),
    'run',
    ...['--config', join(root, 'test/vitest.config.ts')],
    ...projects.flatMap((project) => ['--project', project]),
    ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
  ])
  const counts = readCounts(report)
  // Whatever else went wrong (an error outside of every test, a crash) counts as well.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

function readCounts(file) {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.log(`the tests left no report: ${error.message}`)
    return { passed: 0, failed: 1, skipped: 0, failures: [] }
  }
  // A file that could not even be loaded has no tests to count.
  const broken = report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
  })
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: failuresOf(report),
  }
}

/** What failed, with its reason: said again at the end, where a long log is cut off before it. */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (status === 'failed' && failed.length === 0) return [`${file}\n${indented(message)}`]
    return failed.map((test) => `${file} > ${test.fullName}\n${indented(test.failureMessages.join('\n'))}`)
  })
}

/** So much of a reason as says what it was: a property alone can give thousands of lines. */
function indented(reason) {
  const lines = stripVTControlCharacters(reason).split('\n').slice(0, 30)
  return lines.map((line) => `    ${line.slice(0, 400)}`).join('\n')
}

async function electron() {
  const counts = await tests(['electron'], display())
  if (counts.passed + counts.failed === 0) console.log('skipped: no Electron binary')
  return counts
}

/** Runs a program with our streams; gives its exit code, or 1 when it was killed or took too long. */
function run([program, ...words]) {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CHROMIUM_PATH: findChromium() ?? '' },
      // A group of its own, so that what it started ends with it.
      detached: true,
    })
    running = child
    const late = setTimeout(() => {
      console.log(`it took longer than ${stepLimit / 1000} s`)
      endGroup(child)
    }, stepLimit)
    child.on('close', (code) => {
      clearTimeout(late)
      running = undefined
      resolve(code ?? 1)
    })
  })
}

function endGroup(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch (error) {
    // It ended in this very moment.
    if (error.code !== 'ESRCH') throw error
  }
}

let running
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (running !== undefined) endGroup(running)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(130)
  })
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(steps, name))
if (unknown.length > 0) {
  console.error(`unknown step ${unknown.join(', ')}; there are: ${Object.keys(steps).join(', ')}`)
  process.exit(2)
}

const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
for (const [name, step] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const start = performance.now()
  console.log(`── ${name}`)
  const counts = await step().catch((error) => {
    console.log(error)
    return verdict(false)
  })
  for (const key of Object.keys(total)) total[key] += counts[key]
  if (counts.failed > 0) failures.push(`step ${name}`, ...(counts.failures ?? []))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const outcome = counts.failed > 0 ? 'FAILED' : counts.passed > 0 ? 'passed' : 'skipped'
  console.log(`── ${name}: ${outcome} in ${seconds} s\n`)
}
rmSync(scratch, { recursive: true, force: true })

if (failures.length > 0) console.log(`failed:\n  ${failures.join('\n  ')}\n`)
if (total.skipped > 0) console.log(`${total.skipped} skipped`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
