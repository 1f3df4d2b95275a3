/**
 * Decompression of a gzip module, after `module_gzip_decompress` in kernel/module/decompress.c (Linux 7.2); see module-decompress.ts.
 *
 * Linux unmaps the address where the decoder stopped. After a page that was filled this address is in the next page. On
 * a machine of 32 bits that is another slot, or none; where the page has a permanent address it has no effect.
 */
import { gzipSync } from 'node:zlib';
import { virtAddr } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { kunmapLocal } from 'scatterlist/machine';
import { definePort } from 'scatterlist/ports';
import { loadStream, modprobe, moduleLoad, wholeModule } from './load-module.ts';
import type { ModuleLoad, Stream } from './load-module.ts';
import { GZIP } from './module-decompress.ts';

/** Loads a module that is the input, compressed. */
export default definePort<ModuleLoad, Stream>({
  name: 'module-decompress-gzip',
  follows: 'kernel/module/decompress.c',
  about: 'maps one page after another for a decoder to fill, and all of them at the end',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 18,
  load: (input) => loadStream(GZIP, input, gzipSync),
  setup: (given) => moduleLoad(GZIP, given),
  variants: {
    original: {
      about: 'each page is mapped, filled, and unmapped by what the map returned',
      linux: 'not so since 6.1',
      tasks: modprobe(),
    },
    'end pointer': {
      about: 'kmap_local_page, and kunmap_local of the address where the decoder stopped',
      linux: '6.1 to 7.2',
      usesBackend: false,
      tasks: modprobe(kmapLocal, (backend, mapping, producedBytes) => {
        kunmapLocal(backend.context, virtAddr(mapping.describe().vaddr + producedBytes));
      }),
    },
  },
  verify: wholeModule,
});
