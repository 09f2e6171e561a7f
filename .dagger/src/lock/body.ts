import { z } from "zod";

/** What a lock says of itself: the message of the commit that its ref holds. */
const lockBodySchema = z.object({
  version: z.literal(1),
  /** Unique to this taking of the lock: tells it from any other, also of the same holder. */
  claim: z.string().min(1).max(100),
  /** Who has it, as they call themselves. */
  holder: z.string().max(200),
  reason: z.string().max(1000),
  /** ISO 8601, by the holder's clock; for people only. */
  since: z.string().max(50),
  command: z.string().max(1000),
  /** `run`: ends with the command. `manual`: a person holds it until they let go. */
  kind: z.enum(["run", "manual"]),
  /** Machine that it was taken on. */
  host: z.string().max(200).optional(),
});

/** What a lock says of itself. */
export type LockBody = z.infer<typeof lockBodySchema>;

/** Reads a lock's message; undefined when Sluice didn't write it. */
export function parseLockBody(message: string): LockBody | undefined {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return undefined;
  }
  const parsed = lockBodySchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}
