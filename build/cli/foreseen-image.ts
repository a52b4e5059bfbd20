/** Images that are not there yet, as far as they are known. */
import { findRecipe } from '../component/catalogue.ts';
import type { Image } from '../image/image-store.ts';

/** A component as its recipe will make it; `undefined` for any other image. */
export function recipeImage(reference: string): Image | undefined {
  const recipe = findRecipe(reference);
  return recipe && { reference, digest: '', config: recipe.config };
}

/** An image of somebody else: what it says itself is judged when it is there. */
export function awaitedImage(reference: string): Image {
  const config = { cmd: [reference], entrypoint: [], env: [], workingDir: '', stopSignal: '' };
  return { reference, digest: '', config: { ...config, labels: {} } };
}
