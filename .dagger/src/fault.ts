/** A module or package that can't be loaded. https://nodejs.org/api/errors.html */
const LOADING =
  /^(?:MODULE_NOT_FOUND|ERR_(?:MODULE|PACKAGE|UNKNOWN_FILE|UNSUPPORTED_DIR|REQUIRE)_)/;
/** What V8 says of a value that is used as what it is not. `fetch` and `URL` throw this class, too. */
const MISUSE =
  /is not (?:a function|a constructor|iterable|extensible)|^Cannot (?:read|set|destructure|convert undefined|add|delete|assign)|^Assignment to constant|^Class extends/;
/** Texts that can't be parsed are input, though V8 throws the same class for them. */
const PARSED = /JSON|regular expression|BigInt/;

/**
 * Whether an error is a mistake in this program, or a part of it that can't be loaded: nothing that
 * its user did, and nothing that any advice about a repository or a network mends.
 */
export function isFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (LOADING.test((error as NodeJS.ErrnoException).code ?? "")) return true;
  switch (error.constructor) {
    case ReferenceError:
      return true;
    case SyntaxError:
      return !PARSED.test(error.message);
    case TypeError:
      return MISUSE.test(error.message);
    case RangeError:
      return error.message.startsWith("Maximum call stack");
    default:
      return false;
  }
}
