// A chain of commands; each changes a file, and none was run before.
import { connection, dag } from "@dagger.io/dagger";

const count = Number(process.argv[2]);
await connection(async () => {
  let container = dag
    .container()
    .from("busybox:1.37.0-musl")
    .withEnvVariable("NONCE", String(process.hrtime.bigint()));
  for (let index = 0; index < count; index++) {
    container = container.withExec(["sh", "-c", `echo ${index} >> /log`]);
  }
  const log = await container.file("/log").contents();
  if (log.trim().split("\n").length !== count) throw new Error(`not all commands ran: ${log}`);
});
