export { fixed as default } from '../target-zeroing.ts';
