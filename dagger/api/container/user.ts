import { SluiceError } from "../../core/error.ts";
import type { Owner } from "../files/owner.ts";
import type { ContainerState } from "./state.ts";

/** Resolves `user[:group]`, by number or by the container's own /etc/passwd and /etc/group. */
export async function resolveOwner(
  state: ContainerState,
  owner: string,
  read: (path: string) => Promise<string>,
): Promise<Owner> {
  const [user = "", group] = owner.split(":");
  const account = /^\d+$/.test(user) ? undefined : await findAccount(read, "/etc/passwd", user);
  if (!/^\d+$/.test(user) && !account) {
    throw new SluiceError(
      "UNKNOWN_USER",
      `unable to find user ${user}: no matching entries in passwd file`,
    );
  }
  const uid = account ? Number(account[2]) : Number(user);
  if (group === undefined) return { uid, gid: account ? Number(account[3]) : uid };
  if (/^\d+$/.test(group)) return { uid, gid: Number(group) };
  const found = await findAccount(read, "/etc/group", group);
  if (!found)
    throw new SluiceError(
      "UNKNOWN_GROUP",
      `unable to find group ${group}: no matching entries in group file`,
    );
  return { uid, gid: Number(found[2]) };
}

async function findAccount(
  read: (path: string) => Promise<string>,
  file: string,
  name: string,
): Promise<string[] | undefined> {
  const text = await read(file).catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name);
}
