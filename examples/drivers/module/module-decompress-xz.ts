/**
 * Decompression of an xz module, after `module_xz_decompress` in kernel/module/decompress.c (Linux 7.2); see module-decompress.ts.
 * The decoder allocates its dictionary, and so may sleep, while the first page is mapped.
 */
import { definePort } from 'scatterlist/ports';
import { storedXz } from './formats/stored.ts';
import { loadStream, modprobe, moduleLoad, wholeModule } from './load-module.ts';
import type { ModuleLoad, Stream } from './load-module.ts';
import { XZ } from './module-decompress.ts';

/** Loads a module that is the input, compressed. */
export default definePort<ModuleLoad, Stream>({
  name: 'module-decompress-xz',
  follows: 'kernel/module/decompress.c',
  about: 'maps one page after another for a decoder to fill, and all of them at the end',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 18,
  load: (input) => loadStream(XZ, input, storedXz),
  setup: (given) => moduleLoad(XZ, given),
  variants: {
    original: {
      about: 'each page is mapped, filled, and unmapped by what the map returned',
      linux: 'kmap_local up to 7.2',
      tasks: modprobe(),
    },
  },
  verify: wholeModule,
});
