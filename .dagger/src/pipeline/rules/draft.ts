import type { z } from "zod";
import type { Path } from "../document.ts";
import { announcements } from "../schema/announcements.ts";
import { channel } from "../schema/channel.ts";
import { compose } from "../schema/compose.ts";
import { dependency } from "../schema/dependency.ts";
import { ledger } from "../schema/ledger.ts";
import { registry } from "../schema/registry.ts";
import { service } from "../schema/service.ts";
import { target } from "../schema/targets/target.ts";

/** What a rule has found; the message is complete and on one line. */
export interface Finding {
  path: Path;
  message: string;
  /** True to point to the key instead of its value. */
  atKey?: boolean;
}

/** One member of a section, or undefined where its own schema already refuses it. */
export type Section<T> = ReadonlyMap<string, T | undefined>;

/** As much of a pipeline file as could be read: rules also run over files with other faults. */
export interface Draft {
  services: Section<z.output<typeof service>>;
  /** What each service needs, also where something else is wrong with it. */
  needs: ReadonlyMap<string, readonly string[]>;
  dependencies: Section<z.output<typeof dependency>>;
  registries: Section<z.output<typeof registry>>;
  channels: Section<z.output<typeof channel>>;
  /** Undefined where it is missing or refused. */
  ledger: z.output<typeof ledger> | undefined;
  compose: z.output<typeof compose> | undefined;
  targets: Section<z.output<typeof target>>;
  announcements: z.output<typeof announcements> | undefined;
  /** Names of scopes, also of those that are refused. */
  scopes: readonly string[];
  /** The pipeline's name; empty where it is refused. */
  name: string;
}

/** Something that has to hold between different parts of the file. */
export type Rule = (draft: Draft) => Finding[];

/** Reads what is readable. */
export function draftOf(data: unknown): Draft {
  const content = isMapping(data) ? data : {};
  return {
    services: section(content["services"], service),
    needs: needsIn(content["services"]),
    dependencies: section(content["dependencies"], dependency),
    registries: section(content["registries"], registry),
    channels: section(content["channels"], channel),
    ledger: ledger.safeParse(content["ledger"]).data,
    compose: compose.safeParse(content["compose"]).data,
    targets: section(content["targets"], target),
    announcements: announcements.safeParse(content["announcements"]).data,
    scopes: isMapping(content["scopes"]) ? Object.keys(content["scopes"]) : [],
    name: typeof content["name"] === "string" ? content["name"] : "",
  };
}

/** The members that could be read. */
export function readable<T>(section: Section<T>): [string, T][] {
  return [...section].filter((entry): entry is [string, T] => entry[1] !== undefined);
}

function needsIn(services: unknown): Draft["needs"] {
  if (!isMapping(services)) return new Map();
  return new Map(
    Object.entries(services).map(([name, member]) => {
      const needs = isMapping(member) ? member["needs"] : undefined;
      return [name, service.shape.needs.safeParse(needs).data ?? []];
    }),
  );
}

function section<T>(value: unknown, schema: z.ZodType<T>): Section<T> {
  if (!isMapping(value)) return new Map();
  return new Map(
    Object.entries(value).map(([name, member]) => [name, schema.safeParse(member).data]),
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
