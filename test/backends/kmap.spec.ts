import { kmap } from 'scatterlist/backends/kmap';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => kmap(context) });
