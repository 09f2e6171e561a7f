import { GraphQLError } from "graphql";

/** An error in GitHub's form: its `type` lies beside the message. */
export class TypedError extends GraphQLError {
  readonly type: string | undefined;

  constructor(type: string | undefined, message: string) {
    super(message);
    this.type = type;
  }
}

/** As GitHub answers it. */
export function shownError(error: GraphQLError): object {
  const { message, path, locations, originalError } = error;
  const { type } = (originalError ?? error) as Partial<TypedError>;
  return { ...(type === undefined ? {} : { type }), message, path, locations };
}
