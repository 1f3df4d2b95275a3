import { vmap } from 'scatterlist/backends/vmap';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => vmap(context) });
