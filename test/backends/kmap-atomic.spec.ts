import { kmapAtomic } from 'scatterlist/backends/kmap-atomic';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => kmapAtomic(context) });
