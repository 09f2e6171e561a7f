import { func, object } from "@dagger.io/dagger";

/** What the channels' tags hold in every registry. */
@object()
export class Tags {
  readonly data: string;
  readonly text: string;

  constructor(data: string, text: string) {
    this.data = data;
    this.text = text;
  }

  /** Digest of each service in each registry, by channel, as JSON. */
  @func()
  json(): string {
    return this.data;
  }

  /** A table, for people. */
  @func()
  summary(): string {
    return this.text;
  }
}
