export { fixed as default } from '../xilinx-sdfec-words.ts';
