/**
 * Decompression of a zstd module, after `module_zstd_decompress` in kernel/module/decompress.c (Linux 7.2); see module-decompress.ts.
 */
import { definePort } from 'scatterlist/ports';
import { storedZstd } from './formats/stored.ts';
import { loadStream, modprobe, moduleLoad, wholeModule } from './load-module.ts';
import type { ModuleLoad, Stream } from './load-module.ts';
import { ZSTD } from './module-decompress.ts';

/** Loads a module that is the input, compressed. */
export default definePort<ModuleLoad, Stream>({
  name: 'module-decompress-zstd',
  follows: 'kernel/module/decompress.c',
  about: 'maps one page after another for a decoder to fill, and all of them at the end',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 18,
  load: (input) => loadStream(ZSTD, input, storedZstd),
  setup: (given) => moduleLoad(ZSTD, given),
  variants: {
    original: {
      about: 'each page is mapped, filled, and unmapped by what the map returned',
      linux: '6.2 to 7.2, kmap_local',
      tasks: modprobe(),
    },
  },
  verify: wholeModule,
});
