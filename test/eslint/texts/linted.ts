/** Stands for each text that is checked. */
export {};
