/** Words that tell of an error, as loggers, runtimes and kernels write them. */
const WORDS =
  /\b(?:error|err|fatal|panic|critical|crit|emerg|severe|exception|traceback|unhandled\w*|uncaught\w*|oom[- ]?killed?|out of memory|segmentation fault|segfault)\b/i;
/** `TypeError`, `IllegalStateException` */
const NAMES = /\b[A-Z]\w*(?:Error|Exception)\b/;
/** What names an error only to say that there is none. */
const NONE = [
  /\b(?:no|0|without) (?:errors?|exceptions?)\b/gi,
  /\b(?:errors?|err|exception)["']?\s*[:=]\s*(?:0|null|none|nil|false|undefined|""|'')(?=[\s,;})\]]|$)/gi,
];
/** Fields in which structured loggers say how bad a line is. */
const LEVEL = /["']?\b(?:level|lvl|severity|loglevel)["']?\s*[:=]\s*["']?(\w+)/i;
/** The numbers are those of pino and bunyan. */
const BAD_LEVEL = /^(?:err(?:or)?|fatal|panic|crit(?:ical)?|alert|emerg(?:ency)?|severe|50|60)$/i;

/** Lines of a log that tell of errors. A line that names its own level is believed. */
export function errorLines(log: string): string[] {
  return log.split("\n").filter((line) => {
    const level = LEVEL.exec(line)?.[1];
    if (level !== undefined) return BAD_LEVEL.test(level);
    const rest = NONE.reduce((text, pattern) => text.replaceAll(pattern, ""), line);
    return WORDS.test(rest) || NAMES.test(rest);
  });
}
