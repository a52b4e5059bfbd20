import { resolve } from 'node:path';

/** The root of the checkout this program runs from. */
export const CHECKOUT: string = resolve(import.meta.dirname, '../..');
