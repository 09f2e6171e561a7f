/** An answer of Azure's Resource Manager that is no success, with its documented body. */
export class ArmRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  get body(): object {
    return { error: { code: this.code, message: this.message } };
  }
}
