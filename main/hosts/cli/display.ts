/** Why nothing can be shown on this machine, in words; undefined where something can. */
export function noDisplay(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | undefined {
  if (platform === 'win32' || platform === 'darwin') return undefined
  // Inside WSL the browser is that of Windows.
  const shown = env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']
  return shown ? undefined : 'there is no display'
}
