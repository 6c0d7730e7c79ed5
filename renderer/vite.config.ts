import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Relative, because the desktop window has another origin than the web host.
  base: './',
  plugins: [react()],
  // Monaco's TypeScript worker imports modules.
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // The Content-Security-Policy allows fonts from our own files only, not from data: URLs.
    assetsInlineLimit: 0,
    // Monaco and its TypeScript are that big; they load after the first paint.
    chunkSizeWarningLimit: 8000,
  },
})
