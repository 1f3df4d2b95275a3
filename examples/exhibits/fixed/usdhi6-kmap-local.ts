export { fixed as default } from '../usdhi6-kmap-local.ts';
