import { pgmap } from 'scatterlist/backends/pgmap';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => pgmap(context) });
