import { resolved, type Json, type Operation, type Parameter } from "./openapi.ts";
import { faultsOf } from "./schema.ts";

/** A request as it came. */
export interface Received {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Undefined for none. */
  readonly json: unknown;
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** What isn't as GitHub's description has it: in the path, the query and the body. */
export function requestFaults(operation: Operation, request: Received): string[] {
  const parameters = (operation.parameters ?? []).map((one) => resolved<Parameter>(one));
  return [
    ...parametersFaults(parameters, "path", request.params),
    ...parametersFaults(parameters, "query", request.query),
    ...bodyFaults(operation, request),
  ];
}

/** What isn't as GitHub's description has it, in an answer. */
export function responseFaults(operation: Operation, status: number, body: unknown): string[] {
  const described = operation.responses[String(status)];
  if (!described) return status < 400 ? [`${status} is no answer of this operation`] : [];
  const { content } = resolved<{ content?: Json }>(described);
  const { schema } = (content?.["application/json"] ?? {}) as { schema?: Json };
  if (!schema) return body === undefined ? [] : [`${status} has no body`];
  return faultsOf(schema, JSON.parse(JSON.stringify(body ?? null)));
}

function parametersFaults(
  parameters: readonly Parameter[],
  place: "path" | "query",
  values: Readonly<Record<string, string>>,
): string[] {
  const known = parameters.filter((one) => one.in === place);
  const unknown = Object.keys(values).filter((name) => !known.some((one) => one.name === name));
  return [
    ...unknown.map((name) => `${place} has no parameter ${name}`),
    ...known.flatMap(({ name, required = false, schema }) => {
      const value = values[name];
      if (value === undefined) return required ? [`${place} lacks ${name}`] : [];
      const wrapped = wrap(schema);
      return faultsOf(wrapped, { value }, { coerced: true }).map(
        (fault) => `${place} ${name}: ${fault}`,
      );
    }),
  ];
}

const wrapped = new Map<Json, Json>();

/** Texts can be taken for numbers only where something holds them. */
function wrap(schema: Json): Json {
  const made = wrapped.get(schema) ?? { type: "object", properties: { value: schema } };
  wrapped.set(schema, made);
  return made;
}

function bodyFaults({ requestBody }: Operation, { json, bytes, contentType }: Received): string[] {
  if (!requestBody) return bytes.length === 0 ? [] : ["there is a body, none is expected"];
  const [type = "", content] = Object.entries(requestBody.content)[0] ?? [];
  if (bytes.length === 0) return requestBody.required ? ["the body is missing"] : [];
  if (!contentType.startsWith(type)) return [`the body is ${contentType}, expected ${type}`];
  if (type !== "application/json") return [];
  if (json === undefined) return ["Problems parsing JSON"];
  return faultsOf((content as { schema: Json }).schema, json, { closed: true });
}
