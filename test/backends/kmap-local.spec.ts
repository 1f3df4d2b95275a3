import { kmapLocal } from 'scatterlist/backends/kmap-local';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => kmapLocal(context) });
