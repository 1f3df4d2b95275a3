import { config } from '../../tools/site/config.ts';

export default config;
