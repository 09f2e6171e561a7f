import { SluiceError } from "../../core/error.ts";

export interface Owner {
  uid: number;
  gid: number;
}

/** Reads a file's text by absolute path; may fail, which counts as an empty file. */
export type ReadText = (path: string) => Promise<string>;

/** Resolves `user[:group]`, by number or by the /etc/passwd and /etc/group that `read` gives. */
export async function resolveOwner(owner: string, read: ReadText): Promise<Owner> {
  const [user = "", group] = owner.split(":");
  const account = isNumber(user) ? undefined : await findAccount(read, "/etc/passwd", user);
  if (!isNumber(user) && !account) {
    throw new SluiceError(
      "UNKNOWN_USER",
      `unable to find user ${user}: no matching entries in passwd file`,
    );
  }
  const uid = account ? Number(account[2]) : Number(user);
  if (group === undefined) return { uid, gid: account ? Number(account[3]) : uid };
  if (isNumber(group)) return { uid, gid: Number(group) };
  const found = await findAccount(read, "/etc/group", group);
  if (!found) {
    throw new SluiceError(
      "UNKNOWN_GROUP",
      `unable to find group ${group}: no matching entries in group file`,
    );
  }
  return { uid, gid: Number(found[2]) };
}

/** Parses `uid` or `uid:gid` where there is no user database to look names up in. */
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

const isNumber = (text: string): boolean => /^\d+$/.test(text);

async function findAccount(
  read: ReadText,
  file: string,
  name: string,
): Promise<string[] | undefined> {
  const text = await read(file).catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name);
}
