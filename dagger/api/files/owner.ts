import { SluiceError } from "../../core/error.ts";

export interface Owner {
  uid: number;
  gid: number;
}

/** Parses `uid` or `uid:gid`; a directory has no user database, so names are refused. */
export function numericOwner(owner: string): Owner {
  const match = /^(\d+)(?::(\d+))?$/.exec(owner);
  if (!match) {
    throw new SluiceError(
      "INVALID_OWNER",
      `owner ${JSON.stringify(owner)}: expected uid or uid:gid`,
      {
        hint: "Names can be used on a Container, whose /etc/passwd is known.",
      },
    );
  }
  const uid = Number(match[1]);
  return { uid, gid: match[2] === undefined ? uid : Number(match[2]) };
}
