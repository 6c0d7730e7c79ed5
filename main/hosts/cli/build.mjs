// Builds dist/ from the sources, when it is missing or older than they are.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { cp, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What the bundles are made of. */
const sources = ['app', 'main', 'renderer', 'package.json', 'package-lock.json', 'tsconfig.json']

/** How long to wait for another process that builds, in milliseconds, before it is given up. */
const longestWait = 180_000

const forNode = {
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
}

/** Packages that are loaded from where npm has put them. MQTT.js is in many small files: together they load in an eighth of the time. */
const { dependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
const external = [...Object.keys(dependencies).filter((name) => name !== 'mqtt'), '@jitl/*', 'electron']

const withMqtt = {
  ...forNode,
  packages: 'bundle',
  external,
  // What is CommonJS in it asks for Node's own modules so.
  banner: {
    js: "import { createRequire as requireIn } from 'node:module'\nconst require = requireIn(import.meta.url)",
  },
}

// Run inside QuickJS, which can load nothing: everything is in one file.
const forSandbox = { bundle: true, platform: 'neutral', target: 'es2022', minify: true }

/** What a sandbox evaluates when a script first uses it: an expression that gives what the entry exports. */
const library = {
  ...forSandbox,
  format: 'iife',
  globalName: 'library',
  banner: { js: '(() => {' },
  footer: { js: 'return library })()' },
  mainFields: ['module', 'main'],
  inject: ['app/script-api/guest/library-text.ts'],
}

/** How the names of parts begin that one bundle is made of. */
const partsBegin = 'faultline-'

const bundles = [
  // In parts: a command loads what it needs, and help next to nothing.
  {
    ...withMqtt,
    in: 'main/hosts/cli/main.ts',
    out: 'faultline.js',
    splitting: true,
    chunkNames: `${partsBegin}[hash]`,
  },
  { ...withMqtt, in: 'main/devices/guest/worker.ts', out: 'device-worker.js' },
  { ...forNode, in: 'main/devices/load/worker.ts', out: 'load-worker.js' },
  { ...forNode, in: 'main/devices/guest/scenario-worker.ts', out: 'scenario-worker.js' },
  { ...forNode, in: 'main/devices/guest/fabricator.ts', out: 'fabricator.js' },
  { ...forNode, in: 'main/hosts/electron/main.ts', out: 'electron.js', external: ['electron'] },
  // A preload script in a sandboxed window has to be CommonJS.
  { ...forNode, in: 'main/hosts/electron/preload.ts', out: 'preload.cjs', format: 'cjs', external: ['electron'] },
  // Every device reads and keeps all of it.
  { ...forSandbox, in: 'app/script-api/guest.ts', out: 'guest.js', format: 'esm' },
  { ...forSandbox, in: 'app/script-api/scenario-guest.ts', out: 'guest-scenario.js', format: 'esm' },
  { ...library, in: 'app/script-api/guest/library-cbor.ts', out: 'guest-cbor.js' },
  { ...library, in: 'app/script-api/guest/library-data.ts', out: 'guest-data.js' },
  { ...library, in: 'app/script-api/guest/library-protobuf.ts', out: 'guest-protobuf.js' },
]

/** Builds if the sources are not those that dist/ was built from. `say` hears of it. */
export async function ensureBuilt(root, say) {
  const folder = fileURLToPath(root)
  if (await isFresh(folder)) return
  await exclusively(folder, say, async () => {
    if (await isFresh(folder)) return
    say('building (the first start takes some seconds)...')
    await buildApart(folder)
  })
}

/** Builds in any case. */
export async function buildAlways(root, say) {
  const folder = fileURLToPath(root)
  await exclusively(folder, say, () => build(folder))
}

async function isFresh(folder) {
  const built = await readFile(join(folder, 'dist', 'stamp'), 'utf8').catch(() => undefined)
  return built !== undefined && built === (await stampOf(folder))
}

/** Changes when a source is added, removed or saved. Names, sizes and times are enough, and take some milliseconds. */
async function stampOf(folder) {
  const files = await Promise.all(sources.map((name) => filesUnder(folder, name)))
  const hash = createHash('sha256')
  for (const line of files.flat().sort()) hash.update(line)
  return hash.digest('hex')
}

async function filesUnder(folder, name) {
  const path = join(folder, name)
  const info = await stat(path)
  if (!info.isDirectory()) return [`${name}\0${info.size}\0${info.mtimeMs}\n`]
  const names = await readdir(path)
  return (await Promise.all(names.map((child) => filesUnder(folder, `${name}/${child}`)))).flat()
}

/** In a process of its own: the bundlers would leave a gigabyte behind in the one that becomes the workbench. */
async function buildApart(folder) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(complaint.trim() || `the build ended with ${code}`)
}

/** Into a fresh folder that then takes the place of dist/, so that nobody ever sees half a build. */
async function build(folder) {
  const cache = cacheOf(folder)
  const fresh = join(cache, `build-${process.pid}`)
  await removeLeftovers(cache)
  // Taken before: what changes while the bundler reads makes the next start build again.
  const stamp = await stampOf(folder)
  try {
    // Both to their end: one that fails must not leave the other writing into a folder that is being removed.
    const parts = await Promise.allSettled([buildBundles(folder, fresh), buildScreen(folder, fresh)])
    for (const part of parts) if (part.status === 'rejected') throw part.reason
    await keepParts(join(folder, 'dist'), fresh)
    await writeFile(join(fresh, 'stamp'), stamp)
    await replace(join(folder, 'dist'), fresh, join(cache, `old-${process.pid}`))
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/**
 * A process that began with the build before may load a part of it only now: those that this build has not stay until the
 * next one. Their names say what is in them.
 */
async function keepParts(dist, fresh) {
  const before = await readFile(join(dist, 'parts'), 'utf8').catch(() => '')
  const own = (await readdir(fresh)).filter((name) => name.startsWith(partsBegin))
  for (const name of before.split('\n').filter((name) => name !== '' && !own.includes(name))) {
    await cp(join(dist, name), join(fresh, name))
  }
  await writeFile(join(fresh, 'parts'), own.join('\n'))
}

async function buildBundles(folder, fresh) {
  const esbuild = await builder(() => import('esbuild'))
  const failures = []
  for (const { in: entry, out: file, ...options } of bundles) {
    const { name: out, ext } = parse(file)
    const output = { entryPoints: [{ in: entry, out }], outExtension: { '.js': ext }, outdir: fresh }
    await esbuild
      .build({ ...options, ...output, absWorkingDir: folder, logLevel: 'silent' })
      .catch((error) => failures.push(...(error.errors ?? [{ text: error.message }])))
  }
  if (failures.length === 0) return
  const lines = failures.map(({ text, location }) => `${location ? `${location.file}:${location.line}: ` : ''}${text}`)
  throw new Error(`the sources cannot be built:\n  ${[...new Set(lines)].join('\n  ')}`)
}

async function buildScreen(folder, fresh) {
  const vite = await builder(() => import('vite'))
  const configFile = join(folder, 'renderer', 'vite.config.ts')
  await vite.build({
    configFile,
    root: join(folder, 'renderer'),
    // The bundler's own talk would mix with standard output, which belongs to results.
    logLevel: 'silent',
    build: { outDir: join(fresh, 'web'), emptyOutDir: true },
  })
}

async function builder(load) {
  try {
    return await load()
  } catch (error) {
    throw new Error(
      `the sources have changed and cannot be built: ${error.message}; run npm ci (with dev dependencies)`,
    )
  }
}

async function replace(target, fresh, old) {
  try {
    // One right after the other: whoever starts in between finds nothing.
    if (existsSync(target)) renameSync(target, old)
    renameSync(fresh, target)
  } catch (error) {
    // node_modules may be a volume of its own, and a rename does not cross one.
    if (error.code !== 'EXDEV') throw error
    await move(target, old)
    await move(fresh, target)
  }
  await rm(old, { recursive: true, force: true })
}

async function move(from, to) {
  if (!existsSync(from)) return
  await cp(from, to, { recursive: true })
  await rm(from, { recursive: true })
}

/** Runs `work` in one process at a time. */
async function exclusively(folder, say, work) {
  const cache = cacheOf(folder)
  await mkdir(cache, { recursive: true })
  const lock = join(cache, 'build.lock')
  await takeLock(lock, say)
  try {
    await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock, say) {
  const deadline = Date.now() + longestWait
  let told = false
  while (!(await tryLock(lock))) {
    // Its owner was killed. Should two processes see that at once, both build; each ends with a whole dist/.
    if (await isAbandoned(lock)) await rm(lock, { force: true })
    else if (Date.now() > deadline)
      throw new Error(`another process builds and does not end; if none does, remove ${lock}`)
    else {
      if (!told) say('waiting for another process that builds...')
      told = true
      await wait(100)
    }
  }
}

async function tryLock(lock) {
  try {
    const file = await open(lock, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(lock) {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  // Empty: its owner is about to write its number, or is done.
  return pid > 0 && !isRunning(pid)
}

/** What builds that were killed left behind. */
async function removeLeftovers(cache) {
  for (const name of await readdir(cache)) {
    const pid = Number(/^(?:build|old)-(\d+)$/.exec(name)?.[1])
    if (pid > 0 && !isRunning(pid)) await rm(join(cache, name), { recursive: true, force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function cacheOf(folder) {
  return join(folder, 'node_modules', '.cache', 'faultline')
}

// `npm run build`, and `buildApart` with the folder: there the lock is taken already.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2]
  const say = (line) => process.stderr.write(`${line}\n`)
  const work = folder === undefined ? buildAlways(new URL('../../../', import.meta.url), say) : build(folder)
  await work.catch((error) => {
    say(error.message)
    process.exitCode = 5
  })
}
