/** The program was called with words it does not understand: exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The YAML file does not describe a machine: exit 2. `rendered` is for the person, places and carets. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
  readonly rendered: string;

  constructor(rendered: string) {
    super('The configuration is not valid');
    this.rendered = rendered;
  }
}
