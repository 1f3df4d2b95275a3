import { conformance } from 'scatterlist/conformance';
import oneWindow from '../../examples/own-backend.ts';

conformance({ describe, it }, { backend: (context) => oneWindow(context) });
